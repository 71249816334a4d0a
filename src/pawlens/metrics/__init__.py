"""Numbers with intervals: scores, calibration, thresholds, comparisons, groups of failures."""

from ._answers import Answers
from ._baseline import Baseline
from ._calibration import (
    Calibration,
    apply_clip,
    apply_temperature,
    calibrate_out_of_fold,
    choose_clip,
    clip_sweep,
    fit_temperature,
)
from ._decision_curve import THRESHOLDS, DecisionCurve, act_on_all, decision_curve, decision_gain
from ._evaluate import METRICS, accept_metric, evaluate
from ._failures import REASONS, Advice, Evidence, FailureGroup, group_failures
from ._hardest import most_uncertain, most_wrong
from ._interval import Floats, Interval, Ints, clopper_pearson, mean_of_intervals, percent
from ._label_losses import label_difference, label_loss_range, label_losses
from ._label_rules import Bools, LabelCalibration, LabelRules, as_pairs, calibrate_labels, fit_rules
from ._label_sets import LabelMetrics, co_occurrence, evaluate_labels
from ._leaderboard import ENTRIES, PLACES, PUBLISHED, PlaceEstimate, estimate_place, is_cat_or_dog
from ._metric import MeanMetric, Metric, SumMetric
from ._metric_words import MetricWords, metric_words, sorted_metrics
from ._one_label import (
    class_accuracy,
    confusion,
    confusion_shares,
    mean_interval,
    paired_difference,
    photo_losses,
)
from ._significance import Difference, Verdict, compare_models, holm, verdict_of

__all__ = [
    "ENTRIES",
    "METRICS",
    "PLACES",
    "PUBLISHED",
    "REASONS",
    "THRESHOLDS",
    "Advice",
    "Answers",
    "Baseline",
    "Bools",
    "Calibration",
    "DecisionCurve",
    "Difference",
    "Evidence",
    "FailureGroup",
    "Floats",
    "Interval",
    "Ints",
    "LabelCalibration",
    "LabelMetrics",
    "LabelRules",
    "MeanMetric",
    "Metric",
    "MetricWords",
    "PlaceEstimate",
    "SumMetric",
    "Verdict",
    "accept_metric",
    "act_on_all",
    "apply_clip",
    "apply_temperature",
    "as_pairs",
    "calibrate_labels",
    "calibrate_out_of_fold",
    "choose_clip",
    "class_accuracy",
    "clip_sweep",
    "clopper_pearson",
    "co_occurrence",
    "compare_models",
    "confusion",
    "confusion_shares",
    "decision_curve",
    "decision_gain",
    "estimate_place",
    "evaluate",
    "evaluate_labels",
    "fit_rules",
    "fit_temperature",
    "group_failures",
    "holm",
    "is_cat_or_dog",
    "label_difference",
    "label_loss_range",
    "label_losses",
    "mean_interval",
    "mean_of_intervals",
    "metric_words",
    "most_uncertain",
    "most_wrong",
    "paired_difference",
    "percent",
    "photo_losses",
    "sorted_metrics",
    "verdict_of",
]
