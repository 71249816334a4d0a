"""Rules of answers that keep promises, found on out-of-fold answers."""

from __future__ import annotations

import numpy as np

from ..metrics import Floats, Ints, percent
from ._conformal import fit_sets
from ._rules import AnswerRules
from ._selective import least_confidence_for_coverage, least_confidence_for_risk

__all__ = ["find_rules"]

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
