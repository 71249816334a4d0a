"""Evaluation: honest numbers with intervals, calibration, comparison, and the report."""

from ._calibration import (
    CLIP_GRID,
    Calibration,
    apply_clip,
    apply_temperature,
    calibrate_out_of_fold,
    choose_clip,
    clip_sweep,
    fit_temperature,
)
from ._comparison_page import ComparisonData, render_comparison
from ._decision_curve import (
    THRESHOLDS,
    DecisionCurve,
    act_on_all,
    decision_curve,
    decision_gain,
)
from ._failures import REASONS, Advice, Evidence, FailureGroup, Reason, group_failures
from ._grid_plots import value_plot
from ._hardest import most_uncertain, most_wrong
from ._interval import Interval, wilson
from ._label_metrics import LabelMetrics, co_occurrence, evaluate_labels, label_losses
from ._label_report import LabelReportData, render_label_report
from ._label_rules import LabelCalibration, LabelRules, as_pairs, calibrate_labels, fit_rules
from ._metrics import (
    Shares,
    class_accuracy,
    confusion,
    confusion_shares,
    evaluate,
    mean_interval,
    paired_difference,
    photo_losses,
)
from ._paired_plots import benefit_plot, difference_plot, gain_plot, map_plot
from ._places import PlaceEstimate, estimate_place, is_cat_or_dog
from ._report import ReportData, render_report
from ._significance import Difference, compare_models, holm
from ._words import versus

__all__ = [
    "CLIP_GRID",
    "REASONS",
    "THRESHOLDS",
    "Advice",
    "Calibration",
    "ComparisonData",
    "DecisionCurve",
    "Difference",
    "Evidence",
    "FailureGroup",
    "Interval",
    "LabelCalibration",
    "LabelMetrics",
    "LabelReportData",
    "LabelRules",
    "PlaceEstimate",
    "Reason",
    "ReportData",
    "Shares",
    "act_on_all",
    "apply_clip",
    "apply_temperature",
    "as_pairs",
    "benefit_plot",
    "calibrate_labels",
    "calibrate_out_of_fold",
    "choose_clip",
    "class_accuracy",
    "clip_sweep",
    "co_occurrence",
    "compare_models",
    "confusion",
    "confusion_shares",
    "decision_curve",
    "decision_gain",
    "difference_plot",
    "estimate_place",
    "evaluate",
    "evaluate_labels",
    "fit_rules",
    "fit_temperature",
    "gain_plot",
    "group_failures",
    "holm",
    "is_cat_or_dog",
    "label_losses",
    "map_plot",
    "mean_interval",
    "most_uncertain",
    "most_wrong",
    "paired_difference",
    "photo_losses",
    "render_comparison",
    "render_label_report",
    "render_report",
    "value_plot",
    "versus",
    "wilson",
]
