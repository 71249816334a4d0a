"""How well rules of answers keep what they promise, on photos that they were not found on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, Interval, Ints, clopper_pearson, mean_interval, percent
from ._conformal import LabelSets
from ._exchangeable import earlier_half, exchangeability, fits_of
from ._find_rules import find_rules
from ._rules import AnswerRules
from ._selective import risk_coverage

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["measure_answers", "measured_rules", "parts_of"]

_POINTS = 60  # of the curve that is kept
_PARTS = 5  # that the photos of one held-out fold are dealt into


def measure_answers(
    y: Ints,
    proba: Floats,
    classes: Sequence[str],
    found: Sequence[tuple[Bools, AnswerRules]],
    *,
    groups: Ints | None = None,
    when: Floats | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure rules on photos that they were not found on, as plain values.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
    classes : sequence of str, length K
    found : sequence of (ndarray of bool, AnswerRules)
        Photos, and the rules that were found without them; together they are all photos.
    groups : ndarray of int64, shape (n,), optional
    when : ndarray of float64, shape (n,), optional
        The time of each photo, in any unit; NaN where it is not known.
    seed : int

    Returns
    -------
    dict
        ``risk_coverage`` always; ``sets``, ``abstention`` and ``costs`` where the rules have them;
        ``over_time`` where enough photos have a time.
    """
    answered = _answer(y, proba, found, groups, seed)
    rules, curve = found[0][1], risk_coverage(answered.confidence, answered.wrong)
    kept = np.unique(np.linspace(0, len(y) - 1, _POINTS).astype(np.int64))
    facts: dict[str, Any] = {
        "risk_coverage": {
            "area": curve.area,
            "coverage": curve.coverage[kept].tolist(),
            "risk": curve.risk[kept].tolist(),
        }
    }
    if rules.sets is not None:
        facts["sets"] = _sets(rules.sets, answered, classes)
    if rules.least_confidence is not None:
        facts["abstention"] = _abstention(rules, answered)
    if rules.costs is not None:
        costs = np.array(rules.costs)
        most = float(costs.max())
        paid, plain = costs[y, answered.answers], costs[y, proba.argmax(axis=1)]
        facts["costs"] = {
            name: asdict(mean_interval(values, least=0, most=most, seed=seed, groups=groups))
            for name, values in (("mean", paid), ("most_probable", plain))
        }
    halves = None if when is None else earlier_half(when, groups)
    if halves is not None:
        facts["over_time"] = _over_time(answered, proba, halves)
    return facts


def measured_rules(
    y: Ints,
    proba: Floats,
    classes: Sequence[str],
    part: Ints,
    *,
    groups: Ints | None = None,
    when: Floats | None = None,
    seed: int = 0,
    false_alarms: float | None = None,
    **asked: Any,
) -> tuple[AnswerRules, dict[str, Any]]:
    """Find rules on all photos, and measure each part of them by rules found on the other parts.

    Parameters
    ----------
    y, proba, classes, groups, when, seed
        See `measure_answers`.
    part : ndarray of int64, shape (n,)
        The fold of each photo, or another part; photos of a group are in one.
    false_alarms, **asked
        See `find_rules`.

    Returns
    -------
    tuple of AnswerRules and dict
        The rules, and what `measure_answers` says of them.
    """
    rules = find_rules(y, proba, groups=groups, false_alarms=false_alarms, **asked)

    def without(one: int) -> tuple[Bools, AnswerRules]:
        rest = part != one
        own = None if groups is None else groups[rest]
        return ~rest, find_rules(y[rest], proba[rest], groups=own, **asked)

    found = [without(one) for one in np.unique(part).tolist()]
    told = measure_answers(y, proba, classes, found, groups=groups, when=when, seed=seed)
    return rules, told


def parts_of(fold: Ints, groups: Ints, seed: int = 0) -> Ints:
    """Return the parts that judge each other: the folds, or parts of the only one.

    Parameters
    ----------
    fold, groups : ndarray of int64, shape (n,)
    seed : int
        By which the groups of a single held-out fold are dealt into five parts.

    Examples
    --------
    >>> import numpy as np
    >>> parts_of(np.array([0, 1, 0]), np.arange(3)).tolist()
    [0, 1, 0]
    >>> sorted(parts_of(np.zeros(5, np.int64), np.arange(5)).tolist())
    [0, 1, 2, 3, 4]
    """
    if len(np.unique(fold)) > 1:
        return fold
    _, group = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(seed).permutation(int(group.max()) + 1)
    return np.asarray(order[group] % _PARTS, np.int64)


@dataclass(frozen=True)
class _Answered:
    """Photos as the rules answer them."""

    y: Ints
    answers: Ints
    confidence: Floats
    given: Bools
    members: Bools
    groups: Ints | None
    seed: int

    @cached_property
    def wrong(self) -> Floats:
        return np.asarray(self.answers != self.y, np.float64)

    @cached_property
    def inside(self) -> Bools:
        """Whether the set of each photo holds its label."""
        return np.asarray(self.members[np.arange(len(self.y)), self.y])

    def share(self, values: npt.NDArray[Any], some: Bools | None = None) -> Interval:
        """Return the share of some photos, with an interval that knows their groups."""
        some = np.ones(len(self.y), bool) if some is None else some
        own = None if self.groups is None else self.groups[some]
        chosen = values[some].astype(np.float64)
        return mean_interval(chosen, least=0, most=1, seed=self.seed, groups=own)


def _answer(
    y: Ints,
    proba: Floats,
    found: Sequence[tuple[Bools, AnswerRules]],
    groups: Ints | None,
    seed: int,
) -> _Answered:
    answers, confidence = np.empty(len(y), np.int64), np.empty(len(y))
    given, members = np.ones(len(y), bool), np.zeros(proba.shape, bool)
    for own, rules in found:
        answers[own], confidence[own] = rules.answers(proba[own]), rules.confidence(proba[own])
        if rules.sets is not None:
            members[own] = rules.sets.members(proba[own])
        if rules.least_confidence is not None:
            given[own] = confidence[own] >= rules.least_confidence
    return _Answered(y, answers, confidence, given, members, groups, seed)


def _sets(sets: LabelSets, answered: _Answered, classes: Sequence[str]) -> dict[str, Any]:
    y, share, sizes = answered.y, answered.share, answered.members.sum(axis=1)
    return {
        "promised": sets.coverage,
        "by_class": sets.by_class,
        "covered": asdict(share(answered.inside)),
        "classes": {
            name: {
                "covered": asdict(share(answered.inside, y == k)),
                "mean_size": float(sizes[y == k].mean()),
                "photos": int((y == k).sum()),
            }
            for k, name in enumerate(classes)
            if (y == k).any()
        },
        "mean_size": float(sizes.mean()),
        "sizes": {str(size): int(n) for size, n in enumerate(np.bincount(sizes)) if n},
        "alone": asdict(share(answered.wrong == 0)),
    }


def _abstention(rules: AnswerRules, answered: _Answered) -> dict[str, Any]:
    """Say how many photos are answered, and how many of those answers are wrong."""
    given, wrong = answered.given, answered.wrong
    share = answered.share(given)
    facts = {"promise": rules.promise, "answered": asdict(share), "wrong": None}
    if not given.any():
        words = "answers no photo, as no share of them keeps that promise (ask for less)"
        return facts | {"in_words": words}
    errors = answered.share(wrong, given)
    low, high = clopper_pearson(wrong[given].sum(), given.sum())
    errors = Interval(errors.value, min(errors.low, float(low)), max(errors.high, float(high)))
    words = f"answers {percent(share.value)} of photos with {errors:.1%} wrong"
    return facts | {"wrong": asdict(errors), "in_words": words}


def _over_time(answered: _Answered, proba: Floats, halves: tuple[Bools, Bools]) -> dict[str, Any]:
    """Say how the earlier and the later half of the photos fare, and whether they are alike."""
    facts: dict[str, Any] = {}
    fits = []
    for name, half in zip(("earlier", "later"), halves, strict=True):
        own = None if answered.groups is None else answered.groups[half]
        fits.append(fits_of(answered.y[half], proba[half], own))
        facts[name] = {
            "photos": int(half.sum()),
            "right": asdict(answered.share(1 - answered.wrong, half)),
        }
        if answered.members.any():
            facts[name]["covered"] = asdict(answered.share(answered.inside, half))
    return {"p": exchangeability(*fits)} | facts
