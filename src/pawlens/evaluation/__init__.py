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
from ._decision_curve import (
    THRESHOLDS,
    DecisionCurve,
    act_on_all,
    decision_curve,
    decision_gain,
)
from ._failures import REASONS, Advice, Evidence, FailureGroup, Reason, group_failures
from ._hardest import most_uncertain, most_wrong
from ._interval import Interval, wilson
from ._metrics import (
    Shares,
    class_accuracy,
    confusion,
    confusion_shares,
    evaluate,
    paired_difference,
    photo_losses,
)
from ._paired_plots import benefit_plot, difference_plot, gain_plot, map_plot
from ._places import PlaceEstimate, estimate_place, is_cat_or_dog
from ._report import ReportData, render_report

__all__ = [
    "CLIP_GRID",
    "REASONS",
    "THRESHOLDS",
    "Advice",
    "Calibration",
    "DecisionCurve",
    "Evidence",
    "FailureGroup",
    "Interval",
    "PlaceEstimate",
    "Reason",
    "ReportData",
    "Shares",
    "act_on_all",
    "apply_clip",
    "apply_temperature",
    "benefit_plot",
    "calibrate_out_of_fold",
    "choose_clip",
    "class_accuracy",
    "clip_sweep",
    "confusion",
    "confusion_shares",
    "decision_curve",
    "decision_gain",
    "difference_plot",
    "estimate_place",
    "evaluate",
    "fit_temperature",
    "gain_plot",
    "group_failures",
    "is_cat_or_dog",
    "map_plot",
    "most_uncertain",
    "most_wrong",
    "paired_difference",
    "photo_losses",
    "render_report",
    "wilson",
]
