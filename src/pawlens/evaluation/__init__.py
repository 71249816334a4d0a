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
from ._places import PlaceEstimate, estimate_place, is_cat_or_dog
from ._report import ReportData, render_report

__all__ = [
    "CLIP_GRID",
    "REASONS",
    "Advice",
    "Calibration",
    "Evidence",
    "FailureGroup",
    "Interval",
    "PlaceEstimate",
    "Reason",
    "ReportData",
    "Shares",
    "apply_clip",
    "apply_temperature",
    "calibrate_out_of_fold",
    "choose_clip",
    "class_accuracy",
    "clip_sweep",
    "confusion",
    "confusion_shares",
    "estimate_place",
    "evaluate",
    "fit_temperature",
    "group_failures",
    "is_cat_or_dog",
    "most_uncertain",
    "most_wrong",
    "paired_difference",
    "photo_losses",
    "render_report",
    "wilson",
]
