"""Rules of answers found on out-of-fold answers, and how well they keep what they promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, Interval, Ints, clopper_pearson, mean_interval, percent
from ._conformal import fit_sets
from ._rules import AnswerRules
from ._selective import (
    least_confidence_for_coverage,
    least_confidence_for_risk,
    risk_coverage,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["exchangeability", "find_rules", "measure_answers"]

_POINTS = 60  # of the curve that is kept
_NOBODY = 2.0  # a confidence that no answer has: a person is asked every time


def find_rules(
    y: Ints,
    proba: Floats,
    *,
    sets: float | None = None,
    sets_by_class: bool = False,
    risk: float | None = None,
    coverage: float | None = None,
    costs: tuple[tuple[float, ...], ...] | None = None,
    false_alarms: float | None = None,
    groups: Ints | None = None,
) -> AnswerRules:
    """Find the rules that keep promises on photos like these.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
        Out-of-fold probabilities.
    sets, sets_by_class
        See `fit_sets`; None for no sets.
    risk, coverage : float, optional
        See `least_confidence_for_risk` and `least_confidence_for_coverage`; one of them at most.
    costs : tuple of tuple of float, optional
        From `cost_matrix`.
    false_alarms : float, optional
        Told in the rules.
    groups : ndarray of int64, shape (n,), optional

    Examples
    --------
    >>> import numpy as np
    >>> proba = np.column_stack([np.linspace(1, 0, 100), np.linspace(0, 1, 100)])
    >>> find_rules((proba[:, 1] > 0.5).astype(int), proba, coverage=0.5).promise
    'answer 50 % of photos'
    """
    plain = AnswerRules(costs=costs)
    confidence, wrong = plain.confidence(proba), (plain.answers(proba) != y).astype(np.float64)
    least, promise = None, ""
    if risk is not None:
        least = least_confidence_for_risk(confidence, wrong, risk, groups)
        least = _NOBODY if least is None else least
        promise = f"let at most {percent(risk, None)} of answers be wrong"
    elif coverage is not None:
        least = least_confidence_for_coverage(confidence, coverage, groups)
        promise = f"answer {percent(coverage, None)} of photos"
    return AnswerRules(
        sets=None
        if sets is None
        else fit_sets(y, proba, sets, by_class=sets_by_class, groups=groups),
        least_confidence=least,
        promise=promise,
        costs=costs,
        false_alarms=false_alarms,
    )


def measure_answers(
    y: Ints,
    proba: Floats,
    classes: Sequence[str],
    found: Sequence[tuple[Bools, AnswerRules]],
    *,
    groups: Ints | None = None,
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
    seed : int

    Returns
    -------
    dict
        ``risk_coverage`` always; ``sets``, ``abstention`` and ``costs`` where the rules have them.
    """
    rows = np.arange(len(y))
    answers, confidence, given = np.empty(len(y), np.int64), np.empty(len(y)), np.ones(len(y), bool)
    members = np.zeros(proba.shape, bool)
    for own, rules in found:
        answers[own], confidence[own] = rules.answers(proba[own]), rules.confidence(proba[own])
        if rules.sets is not None:
            members[own] = rules.sets.members(proba[own])
        if rules.least_confidence is not None:
            given[own] = confidence[own] >= rules.least_confidence
    wrong = (answers != y).astype(np.float64)

    def share(values: npt.NDArray[Any], some: Bools | None = None) -> Interval:
        some = np.ones(len(y), bool) if some is None else some
        own = None if groups is None else groups[some]
        chosen = values[some].astype(np.float64)
        return mean_interval(chosen, least=0, most=1, seed=seed, groups=own)

    rules, curve = found[0][1], risk_coverage(confidence, wrong)
    kept = np.unique(np.linspace(0, len(y) - 1, _POINTS).astype(np.int64))
    facts: dict[str, Any] = {
        "risk_coverage": {
            "area": curve.area,
            "coverage": curve.coverage[kept].tolist(),
            "risk": curve.risk[kept].tolist(),
        }
    }
    if rules.sets is not None:
        inside, sizes = members[rows, y], members.sum(axis=1)
        facts["sets"] = {
            "promised": rules.sets.coverage,
            "by_class": rules.sets.by_class,
            "covered": asdict(share(inside)),
            "classes": {
                name: {
                    "covered": asdict(share(inside, y == k)),
                    "mean_size": float(sizes[y == k].mean()),
                    "photos": int((y == k).sum()),
                }
                for k, name in enumerate(classes)
                if (y == k).any()
            },
            "mean_size": float(sizes.mean()),
            "sizes": {str(size): int(n) for size, n in enumerate(np.bincount(sizes)) if n},
            "alone": asdict(share(wrong == 0)),
        }
    if rules.least_confidence is not None:
        facts["abstention"] = _abstention(rules, share, given, wrong)
    if rules.costs is not None:
        costs = np.array(rules.costs)
        most = float(costs.max())
        paid, plain = costs[y, answers], costs[y, proba.argmax(axis=1)]
        facts["costs"] = {
            name: asdict(mean_interval(values, least=0, most=most, seed=seed, groups=groups))
            for name, values in (("mean", paid), ("most_probable", plain))
        }
    return facts


def _abstention(rules: AnswerRules, share: Any, given: Bools, wrong: Floats) -> dict[str, Any]:
    """Say how many photos are answered, and how many of those answers are wrong."""
    answered = share(given)
    facts = {"promise": rules.promise, "answered": asdict(answered), "wrong": None}
    if not given.any():
        words = "answers no photo, as no share of them keeps that promise (ask for less)"
        return facts | {"in_words": words}
    errors = share(wrong, given)
    low, high = clopper_pearson(wrong[given].sum(), given.sum())
    errors = Interval(errors.value, min(errors.low, float(low)), max(errors.high, float(high)))
    words = f"answers {percent(answered.value)} of photos with {errors:.1%} wrong"
    return facts | {"wrong": asdict(errors), "in_words": words}


def exchangeability(y: Ints, proba: Floats, other_y: Ints, other_proba: Floats) -> float:
    """Test whether true labels fit other photos as well as these, on which rules were found.

    A promise for photos not yet seen holds where they are exchangeable with these. Where the
    probabilities of true labels are higher or lower there, they are not (Mann and Whitney 1947).

    Returns
    -------
    float
        The p value; a small one says that the promise need not hold there.

    Examples
    --------
    >>> import numpy as np
    >>> y, proba = np.zeros(50, np.int64), np.column_stack([np.linspace(0.6, 1, 50)] * 2)
    >>> exchangeability(y, proba, y, proba) > 0.9
    True
    >>> exchangeability(y, proba, y, proba / 2) < 0.001
    True
    """
    from scipy.stats import mannwhitneyu

    fits, others = (
        p[np.arange(len(label)), label] for p, label in ((proba, y), (other_proba, other_y))
    )
    return float(mannwhitneyu(fits, others).pvalue)
