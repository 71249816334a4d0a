"""All metrics of one label a photo: those of pawlens, and those of installed packages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..base import Door, instance_of
from ..errors import UsageError
from ._answers import Answers
from ._built_in import Accuracy, BalancedAccuracy, Brier, CalibrationError, LogLoss
from ._interval import Floats, Interval, Ints
from ._metric import FunctionMetric, Metric, SumMetric, total
from ._roc_auc import RocAuc

__all__ = ["METRICS", "accept_metric", "evaluate"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_BUILT_IN: dict[str, Metric] = {
    "log_loss": LogLoss(),
    "accuracy": Accuracy(),
    "balanced_accuracy": BalancedAccuracy(),
    "brier": Brier(),
    "calibration_error": CalibrationError(),
    "roc_auc": RocAuc(),
}


def accept_metric(name: str, part: object) -> Metric:
    """Take what an entry point loaded: a `Metric`, a class of one, or a plain function.

    The title of a plain function is its name, and its meaning the first line of its docstring.

    Raises
    ------
    TypeError
        It is none of these, or has no title.
    ValueError
        The name cannot be a key in ``metrics.json``.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of small letters, digits and underscores")
    if callable(part) and not isinstance(part, type | Metric):
        title = name.replace("_", " ").capitalize()
        meaning = (part.__doc__ or "").strip().partition("\n")[0]
        part = FunctionMetric(part, title=title, meaning=meaning)
    metric: Metric = instance_of(Metric, name, part)
    return metric


METRICS = Door("pawlens.metrics", "metric", _BUILT_IN, accept=accept_metric)
"""Every metric by name, in the order in which they are reported."""


def evaluate(
    y: Ints,
    proba: Floats,
    classes: Sequence[str],
    *,
    metrics: Sequence[str] | None = None,
    draws: int = 1000,
    seed: int = 0,
    groups: Ints | None = None,
) -> dict[str, Interval]:
    """Measure probabilities against labels.

    Intervals hold the truth in at least 95 % of samples, small ones and those without a rare error
    included. They are percentiles of a Bayesian bootstrap (Rubin 1981) over photos, or over groups
    of them, mixed with one imagined photo that is as bad, or as good, as can be
    (`bounded_interval`: Gaffke 2005); a loss of such a photo is what the given probabilities cost
    on average where every label is the unlikeliest. The accuracy has the exact interval (Clopper
    and Pearson 1934) where there are no groups.

    Balanced accuracy and ROC AUC join the intervals of the classes (`mean_of_intervals`: Zou and
    Donner 2008), each of which may miss errors of its own; the area of a class varies as DeLong et
    al. (1988) say. The calibration error, which noise can only raise, has its draws shifted so that
    their mean is the value, and loses downwards all that noise may have added.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (n, K)
        Probabilities; rows sum to 1.
    classes : sequence of str, length K
        Class names; they set K, so that a class without a photo still counts as one.
    metrics : sequence of str, optional
        Names of `METRICS`; all by default, those of installed packages among them.
    draws, seed : int
        Bootstrap samples and their random seed.
    groups : ndarray of int64, shape (n,), optional
        Photos with equal numbers are resampled together.

    Returns
    -------
    dict of str to Interval
        Each metric by name, in the order of `METRICS`; a metric that has no meaning for these
        photos is left out, as ``roc_auc`` is when all photos are of one class.

    Raises
    ------
    UsageError
        The arrays do not fit each other or are not probabilities.
    PluginError
        A metric of another package cannot be used, or fails.
    """
    if len(classes) != proba.shape[-1]:
        raise UsageError(
            f"probabilities have shape {proba.shape}, expected ({len(y)}, {len(classes)}): pass "
            "one column per class"
        )
    answers = Answers(y, proba, draws=draws, seed=seed, groups=groups)
    chosen = {name: METRICS.get(name) for name in (METRICS.names() if metrics is None else metrics)}
    sums = _sums_of_all(chosen, answers)
    measured = {}
    for name, metric in chosen.items():
        with _telling_whose(name):
            if not isinstance(metric, SumMetric):
                measured[name] = metric.measure(answers)
            elif name in sums:
                measured[name] = metric.measure_sums(*sums[name], answers)
    return {name: interval for name, interval in measured.items() if interval is not None}


def _sums_of_all(metrics: dict[str, Metric], answers: Answers) -> dict[str, tuple[Floats, Floats]]:
    """Compute sums over all photos and over samples by metric; samples are drawn once for all."""
    from scipy import sparse

    columns: dict[str, Any] = {}
    for name, metric in metrics.items():
        if isinstance(metric, SumMetric):
            with _telling_whose(name):
                made = metric.columns(answers)
                if made is not None:
                    columns[name] = sparse.csr_array(made)
                    rows = columns[name].shape[0]
                    if rows != len(answers):
                        raise ValueError(f"columns() has {rows} rows, not {len(answers)}")
    if not columns:
        return {}
    joined = sparse.hstack(list(columns.values()), format="csr")
    ends = np.cumsum([each.shape[1] for each in columns.values()])[:-1]
    whole, drawn = (np.split(sums, ends, axis=1) for sums in (total(joined), answers.sums(joined)))
    return dict(zip(columns, zip(whole, drawn, strict=True), strict=True))


@contextmanager
def _telling_whose(name: str) -> Iterator[None]:
    """Name the package whose metric fails."""
    try:
        yield
    except Exception as error:
        if METRICS.is_built_in(name):
            raise
        raise METRICS.failure(name, error) from error
