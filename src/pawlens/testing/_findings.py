"""Checks of parts that judge photos and answers: audit checks and metrics."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ..audit import (
    CHECKS,
    AuditCheck,
    AuditView,
    Detection,
    LeftOut,
    accept_check,
    checked,
    prepare_view,
)
from ..backbones import find_backbone
from ..base import Clock
from ..features import FeatureExtractors
from ..metrics import METRICS, Answers, Metric, SumMetric, accept_metric
from ..photos import Photos
from ..samples import draw_samples
from ._demand import demand

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["check_audit_check", "check_metric"]

_AUDITED = 40
_SAMPLE = 200


def check_audit_check(
    check: object, *, name: str = "checked", photos: Photos | None = None
) -> dict[str, Detection]:
    """Check an audit check: with labels, without them, and with photos that cannot be read.

    Parameters
    ----------
    check : AuditCheck or class of one
        What the entry point names.
    name : str
        The name of the entry point.
    photos : Photos, optional
        Photos of your own to look at, besides those that are drawn with flaws.

    Returns
    -------
    dict of str to Detection
        What was found in these photos, or in the drawn ones, by kind, for assertions of your own;
        empty where the check says that it cannot look at them.

    Raises
    ------
    AssertionError
        Something is not as pawlens needs it; the message says what.
    """
    try:
        accepted = accept_check(name, check)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{error}.") from error
    taken = {
        kind.name for each in CHECKS if type(each) is not type(accepted) for kind in each.kinds
    }
    for kind in accepted.kinds:
        demand(kind.name not in taken, f"Another check has the kind {kind.name!r}.")
        demand(bool(kind.title.strip()), f"Kind {kind.name!r} has no title.")
        demand(kind.meaning.endswith("."), f"The meaning of {kind.name!r} is not a sentence.")
    with TemporaryDirectory() as scratch:
        drawn, cache = Path(scratch) / "photos", Path(scratch) / "cache"
        draw_samples(drawn, count=_AUDITED)
        _audited(accepted, _view(Photos.read(drawn, labels=False), cache))
        found = _audited(accepted, _view(Photos.read(drawn), cache))
        return found if photos is None else _audited(accepted, _view(photos, cache))


def check_metric(metric: object, *, name: str = "checked", exact: bool = True) -> None:
    """Check a metric: with few and many photos and classes, and with copies among the photos.

    Parameters
    ----------
    metric : Metric, class of one, or function
        What the entry point names.
    name : str
        The name of the entry point.
    exact : bool
        Whether a `SumMetric` of some photos follows from their sums alone. Leave it out unless the
        metric is resampled by an approximation.

    Raises
    ------
    AssertionError
        Something is not as pawlens needs it; the message says what.
    """
    try:
        accepted = accept_metric(name, metric)
    except (TypeError, ValueError) as error:
        raise AssertionError(f"{error}.") from error
    taken = name in METRICS.names() and METRICS.is_built_in(name)
    demand(not taken, f"pawlens itself has a metric {name!r}.")
    demand(bool(accepted.title.strip()), f"{name} has no title.")
    known = [
        _check_values(name, accepted, _drawn_answers(n, k, groups), exact)
        for n, k, groups in ((_SAMPLE, 2, None), (_SAMPLE, 5, 60), (3, 2, None))
    ]
    demand(any(known[:2]), f"{name} has no meaning for any of the drawn answers.")
    _check_values(name, accepted, _of_one_class(), exact)


def _audited(check: AuditCheck, view: AuditView) -> dict[str, Detection]:
    """Look twice: what is found must fit the photos, have reasons, and stay the same."""
    before = [array.copy() for array in _arrays_of(view)]
    try:
        first, second = (checked(check.kinds, list(check.find(view)), view) for _ in range(2))
    except LeftOut as error:
        reason = str(error)
        demand(bool(reason) and "\n" not in reason, "The reason for leaving out is not one line.")
        return {}
    except ValueError as error:
        raise AssertionError(f"{error}.") from error
    for kind, detection in first.items():
        same = np.array_equal(detection.score, second[kind].score, equal_nan=True)
        demand(same and detection.why == second[kind].why, f"{kind}: the second look differs.")
        rows = set(np.flatnonzero(detection.found).tolist())
        demand(rows == set(detection.why), f"{kind}: some photos of this kind have no reason.")
        demand(all(detection.why.values()), f"{kind}: a reason is empty.")
    pairs = zip(before, _arrays_of(view), strict=True)
    changed = not all(np.array_equal(old, new) for old, new in pairs)
    demand(not changed, "find() changes the view that it is given.")
    return first


def _arrays_of(view: AuditView) -> list[npt.NDArray[Any]]:
    return [view.features.values, view.neighbours.row, view.labels, view.group]


def _view(photos: Photos, cache: Path) -> AuditView:
    extractors = FeatureExtractors([find_backbone("paw", cache_dir=cache)], cache_dir=cache)
    return prepare_view(photos, extractors, Clock(), cache=cache, folds=3, seed=0, progress=None)


def _check_values(name: str, metric: Metric, answers: Answers, exact: bool) -> bool:
    """Whether the metric has a meaning for the answers; if so, that its numbers are sound."""
    before = answers.y.copy(), answers.proba.copy()
    of = f"{name}, {len(answers)} photos in {answers.proba.shape[1]} classes"
    try:
        first, second = metric.measure(answers), metric.measure(answers)
    except ValueError as error:
        raise AssertionError(f"{of}: {error}.") from error
    unchanged = np.array_equal(before[0], answers.y) and np.array_equal(before[1], answers.proba)
    demand(unchanged, f"{of}: it changes the labels or probabilities.")
    demand(first == second, f"{of}: the second time it is {second}, not {first}.")
    if first is None:
        return False
    numbers = first.value, first.low, first.high
    demand(bool(np.isfinite(numbers).all()), f"{of}: {first} is not finite.")
    demand(first.low <= first.value <= first.high, f"{of}: {first} does not hold its value.")
    within = metric.least <= first.low and first.high <= metric.most
    demand(within, f"{of}: {first} is not within {metric.least} to {metric.most}.")
    turned = _subset(answers, np.arange(len(answers))[::-1])
    again = metric.measure(turned)
    alike = again is not None and bool(np.isclose(first.value, again.value))
    demand(alike, f"{of}: it depends on the order of the photos.")
    if isinstance(metric, SumMetric) and exact:
        _check_sums(of, metric, answers)
    return True


def _check_sums(of: str, metric: SumMetric, answers: Answers) -> None:
    """The metric of a sample must be the same from its photos and from its sums."""
    from scipy import sparse

    rows = next(answers.samples())
    made: Any = metric.columns(answers)
    columns = sparse.csr_array(made)
    shape = f"{of}: columns() has {columns.shape[0]} rows."
    demand(columns.shape[0] == len(answers), shape)
    sums = np.asarray(columns[rows].sum(axis=0), np.float64)
    by_sums = float(metric.of_sums(sums[None], answers)[0])
    direct = metric.measure(_subset(answers, rows))
    value = float("nan") if direct is None else direct.value
    alike = bool(np.isclose(by_sums, value, equal_nan=True))
    demand(alike, f"{of}: of_sums() gives {by_sums} for a sample whose value is {value}.")


def _subset(answers: Answers, rows: npt.NDArray[np.int64]) -> Answers:
    return Answers(answers.y[rows], answers.proba[rows], draws=10, seed=answers.seed)


def _drawn_answers(n: int, k: int, groups: int | None) -> Answers:
    """Probabilities drawn by chance, and labels drawn from them."""
    rng = np.random.default_rng(n + k)
    powers = np.exp(2 * rng.normal(size=(n, k)))
    proba = powers / powers.sum(axis=1, keepdims=True)
    y = (proba.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    together = None if groups is None else rng.integers(groups, size=n)
    return Answers(y, proba, draws=100, groups=together)


def _of_one_class() -> Answers:
    """Photos of one class, all answered right."""
    proba = np.tile([0.9, 0.1], (20, 1))
    return Answers(np.zeros(20, np.int64), proba, draws=100)
