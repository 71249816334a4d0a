"""The words by which metrics are named and explained to a reader who is new to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ._evaluate import METRICS

__all__ = ["MetricWords", "metric_words", "sorted_metrics"]

_FIRST = ("accuracy", "balanced_accuracy", "subset_accuracy")  # what everyone understands


@dataclass(frozen=True)
class MetricWords:
    """The title and meaning of a metric, and whether it is a share; see `Metric`."""

    title: str
    meaning: str = ""
    share: bool = False


_OF_LABEL_SETS: Mapping[str, MetricWords] = {
    "subset_accuracy": MetricWords(
        "Subset accuracy", "How many photos out of a hundred have every label right.", share=True
    ),
    "hamming_loss": MetricWords(
        "Hamming loss",
        "How many answers out of a hundred are wrong, each label of each photo being one.",
        share=True,
    ),
    "macro_f1": MetricWords(
        "Macro F1",
        "The harmonic mean of precision (how many given labels are right) and recall (how many "
        "true labels are given), every label counting alike. 1 is perfect.",
    ),
    "micro_f1": MetricWords(
        "Micro F1", "The same over all answers at once, so rare labels count little."
    ),
    "mean_average_precision": MetricWords(
        "Mean average precision",
        "Whatever the thresholds: how far photos with a label stand before those without it. "
        "1 is perfect.",
    ),
}


def metric_words(name: str) -> MetricWords:
    """Look up the words of a metric; one whose package is not installed has its name alone.

    >>> metric_words("brier").title, metric_words("of_another_package").title
    ('Brier score', 'of another package')
    """
    if name in _OF_LABEL_SETS:
        return _OF_LABEL_SETS[name]
    if name not in METRICS.names():
        return MetricWords(name.replace("_", " "))
    metric = METRICS.get(name)
    return MetricWords(metric.title, metric.meaning, metric.share)


def sorted_metrics(names: Iterable[str]) -> list[str]:
    """Sort names as people read them: accuracies first, the others as they come."""
    return sorted(names, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
