"""Rules of answers on a split that did not train, and whether promises hold there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..metrics import Floats, Ints
from ._exchangeable import exchangeability, fits_of, undercoverage
from ._measure import measure_answers
from ._rules import AnswerRules

__all__ = ["Answered", "measure_split"]


@dataclass(frozen=True)
class Answered:
    """Photos with their labels and answers.

    Attributes
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
    groups : ndarray of int64, shape (n,)
    """

    y: Ints
    proba: Floats
    groups: Ints


def measure_split(
    rules: AnswerRules,
    known: Answered,
    others: Answered,
    classes: Sequence[str],
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Measure rules on photos of a split that did not train, and test whether promises hold there.

    Parameters
    ----------
    rules : AnswerRules
        Found on the photos of `known`.
    known, others : Answered
        Photos that were answered out-of-fold, and those of the split.
    classes : sequence of str
    seed : int

    Returns
    -------
    dict
        What `measure_answers` gives, ``exchangeable_p`` (`exchangeability`), and with sets their
        ``too_few_p`` (`undercoverage`; within classes the least one, times their number).
    """
    found = [(np.ones(len(others.y), bool), rules)]
    facts = measure_answers(others.y, others.proba, classes, found, groups=others.groups, seed=seed)
    if rules.sets is not None:
        inside = rules.sets.members(others.proba)[np.arange(len(others.y)), others.y]
        p_values = []
        for kind in np.unique(others.y).tolist() if rules.sets.by_class else [None]:
            own, theirs = (
                np.ones(len(one.y), bool) if kind is None else one.y == kind
                for one in (known, others)
            )
            count = len(np.unique(known.groups[own]))
            p_values.append(
                undercoverage(inside[theirs], rules.sets.coverage, count, others.groups[theirs])
            )
        facts["sets"]["too_few_p"] = min(1.0, min(p_values) * len(p_values))
    fits = (fits_of(one.y, one.proba, one.groups) for one in (known, others))
    return {"exchangeable_p": exchangeability(*fits)} | facts
