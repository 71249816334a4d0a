"""Numbers in words: how the report writes shares, losses, counts and odds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .. import metrics
from ..metrics import Interval, Verdict

__all__ = [
    "METRICS",
    "Metric",
    "duration",
    "fact",
    "interval",
    "loss",
    "one_in",
    "percent",
    "percent_range",
    "probability",
    "tone",
    "unbroken",
    "versus",
]


@dataclass(frozen=True)
class Metric:
    """The name, the format and the explanation of a metric, for someone new to it."""

    name: str
    meaning: str
    share: bool = False


METRICS: Mapping[str, Metric] = {
    "accuracy": Metric("Accuracy", "How many answers out of a hundred are right.", share=True),
    "balanced_accuracy": Metric(
        "Balanced accuracy",
        "The same, with every class counting alike, however many photos it has.",
        share=True,
    ),
    "subset_accuracy": Metric(
        "Subset accuracy", "How many photos out of a hundred have every label right.", share=True
    ),
    "log_loss": Metric(
        "Log loss",
        "How far the probabilities are from the truth; confident errors cost most. 0 is perfect.",
    ),
    "brier": Metric(
        "Brier score", "The squared distance between probability and truth. 0 is perfect."
    ),
    "calibration_error": Metric(
        "Calibration error",
        "How far “90 % sure” is from being right 90 % of the time, on average over 15 groups of "
        "equally many photos, from unsure to sure.",
        share=True,
    ),
    "roc_auc": Metric(
        "ROC AUC",
        "The chance that a photo of a class gets a higher probability of it than another photo. "
        "1 is perfect, 0.5 is guessing.",
    ),
    "hamming_loss": Metric(
        "Hamming loss",
        "How many answers out of a hundred are wrong, each label of each photo being one.",
        share=True,
    ),
    "macro_f1": Metric(
        "Macro F1",
        "The harmonic mean of precision (how many given labels are right) and recall (how many "
        "true labels are given), every label counting alike. 1 is perfect.",
    ),
    "micro_f1": Metric(
        "Micro F1", "The same over all answers at once, so rare labels count little."
    ),
    "mean_average_precision": Metric(
        "Mean average precision",
        "Whatever the thresholds: how far photos with a label stand before those without it. "
        "1 is perfect.",
    ),
}


def percent(share: float, digits: int = 1) -> str:
    """Write a share in percent: ``0.9904`` -> ``99.0 %``, with a space that does not break."""
    return unbroken(metrics.percent(share, digits))


def probability(share: float) -> str:
    """Write a share with enough digits to tell it from 0 and 100 %, at most three decimals."""
    for digits in (1, 2, 3):
        text = metrics.percent(share, digits)
        if float(text.removesuffix(" %")) not in (0, 100):
            break
    return unbroken(text)


def percent_range(share: Interval) -> tuple[str, str]:
    """Write value and interval of a share, with digits that suit the interval's width.

    ``Interval(0.99, 0.988, 0.992)`` -> ``99.0 %`` and ``98.8 to 99.2``.
    """
    digits = 1 if share.high - share.low >= 0.002 else 2
    return percent(share.value, digits), share.ends(f".{digits}%")


def unbroken(text: str) -> str:
    """Return text in which ``99.0 %`` stays on one line."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def interval(value: Interval, spec: str) -> str:
    """Write a value and its interval, with spaces that do not break."""
    return unbroken(format(value, spec))


def tone(verdict: Verdict) -> str:
    """Return the CSS class for a verdict."""
    return {"better": "good", "worse": "bad"}.get(verdict, "")


def loss(value: float) -> str:
    """Write a loss with four decimals: ``0.0412``."""
    return f"{value:.4f}"


def versus(losses: Mapping[str, Mapping[str, float]], gap: Mapping[str, float]) -> str:
    """Describe how the best of a search compares with the default head, on the same photos.

    Parameters
    ----------
    losses : mapping
        Value and interval of the log loss of ``best`` and ``default``.
    gap : mapping
        The loss of ``best`` less that of ``default``, with its interval.
    """
    best, default = Interval(**losses["best"]), Interval(**losses["default"])
    difference = Interval(**gap)
    return (
        f"log loss {best:.4f}, the default head on the same photos {default:.4f}: "
        f"{difference:+.4f}, {metrics.verdict_of(difference)}"
    )


def one_in(share: float) -> str:
    """Write a share as odds: ``about 1 photo in 100``; ``no photo`` for 0."""
    if share <= 0:
        return "no photo"
    if share > 0.4:
        return f"about {round(10 * share)} photos in 10"
    return f"about 1 photo in {float(f'{1 / share:.2g}'):,.0f}"


def duration(seconds: float) -> str:
    """Write a duration in at most two units: ``0.8 s``, ``41 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 3597.5:
        minutes, rest = divmod(round(seconds / 5) * 5, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {rest} min" if rest else f"{hours:,} h"


def fact(value: object) -> str:
    """Write a plain value as text: yes and no, digits grouped, floats short."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.4g}" if math.isfinite(value) else "not known"
    if isinstance(value, list | tuple):
        return ", ".join(fact(item) for item in value)
    return "–" if value is None else str(value)
