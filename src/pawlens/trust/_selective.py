"""Abstention: which answers are given, and which are left to a person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from ..metrics import Floats, Ints

__all__ = [
    "RiskCoverage",
    "least_confidence_for_coverage",
    "least_confidence_for_risk",
    "risk_coverage",
]

_DOUBT = 0.05  # chance that the promised risk is not kept
_STARTS = (3.0, 8.0, 20.0)  # errors that are expected among the answers of a first test
_STEPS = 200


@dataclass(frozen=True)
class RiskCoverage:
    """How the share of wrong answers grows with the share of photos that are answered.

    Attributes
    ----------
    coverage, risk : ndarray of float64, shape (m,)
        Shares of photos that are answered, rising, and of wrong answers among them.
    area : float
        Mean risk over all coverages (AURC, Geifman and El-Yaniv 2017); less is better.
    """

    coverage: Floats
    risk: Floats
    area: float


def risk_coverage(confidence: Floats, wrong: Floats) -> RiskCoverage:
    """Compute the risk-coverage curve: photos are answered in the order of their confidence.

    Parameters
    ----------
    confidence : ndarray of float64, shape (n,)
    wrong : ndarray of float64, shape (n,)
        1 for a wrong answer, 0 for a right one; or what each answer costs.

    Examples
    --------
    >>> import numpy as np
    >>> curve = risk_coverage(np.array([0.9, 0.6, 0.8, 0.7]), np.array([0.0, 1.0, 0.0, 0.0]))
    >>> curve.risk.tolist()
    [0.0, 0.0, 0.0, 0.25]
    >>> curve.area
    0.0625
    """
    order = np.argsort(-confidence, kind="stable")
    answered = np.arange(1, len(order) + 1)
    total = np.cumsum(wrong[order])
    # Photos of equal confidence are answered together, so what comes first among them is no merit.
    _, first, many = np.unique(-confidence[order], return_index=True, return_counts=True)
    before = np.concatenate([[0.0], total])[first]
    each = (total[first + many - 1] - before) / many
    step = np.repeat(each, many) * (answered - np.repeat(first, many))
    risk = (np.repeat(before, many) + step) / answered
    return RiskCoverage(answered / len(order), risk, float(risk.mean()))


def least_confidence_for_coverage(
    confidence: Floats, coverage: float, groups: Ints | None = None
) -> float:
    """Find the confidence that a wanted share of photos reach, those of a group together one vote.

    Raises
    ------
    UsageError
        The coverage is no share.

    Examples
    --------
    >>> import numpy as np
    >>> least_confidence_for_coverage(np.linspace(0.5, 0.95, 10), 0.8)
    0.6
    """
    if not 0 < coverage <= 1:
        raise UsageError(f"coverage = {coverage:g}: give a share above 0 and at most 1, as 0.9")
    order = np.argsort(-confidence, kind="stable")
    votes = np.cumsum(_weights(len(confidence), groups)[order])
    place = int(np.searchsorted(votes, coverage - 1e-9))
    return float(confidence[order[min(place, len(order) - 1)]])


def least_confidence_for_risk(
    confidence: Floats, wrong: Floats, risk: float, groups: Ints | None = None
) -> float | None:
    """Find the least confidence from which on the share of wrong answers stays under a promise.

    Learn then test (Angelopoulos et al. 2021, arXiv:2110.01052): shares of photos to answer are
    tested in an order that is fixed beforehand, from the surest photos on, each by an exact
    binomial test, until one fails. There are three such sequences, which begin where 3, 8 and 20
    errors are expected, each at a third of the doubt, so that a wrong label among the surest photos
    does not end all of them. The promise is kept with 95 % probability, for photos that are
    exchangeable with these. A group of photos counts as one, and is wrong where any of its is.

    Parameters
    ----------
    confidence : ndarray of float64, shape (n,)
        Confidence of each out-of-fold answer.
    wrong : ndarray of float64, shape (n,)
        1 for a wrong answer.
    risk : float
        The promised share of wrong answers among those that are given.
    groups : ndarray of int64, shape (n,), optional

    Returns
    -------
    float or None
        The least confidence of an answer; None where no share of the photos keeps the promise.

    Raises
    ------
    UsageError
        The risk is no share.

    Examples
    --------
    >>> import numpy as np
    >>> confidence = np.linspace(0.5, 1, 2000)
    >>> wrong = (np.arange(2000) < 100).astype(float)  # the least sure hundred
    >>> 0.5 < least_confidence_for_risk(confidence, wrong, 0.01) < 0.525
    True
    >>> least_confidence_for_risk(confidence[:50], wrong[:50], 0.01) is None
    True
    """
    from scipy.stats import binom

    if not 0 < risk < 1:
        raise UsageError(f"risk = {risk:g}: give a share above 0 and below 1, as 0.01")
    confidence, wrong = _one_a_group(confidence, wrong, groups)
    order = np.argsort(-confidence, kind="stable")
    n, errors, found = len(order), np.cumsum(wrong[order]), 0
    for expected in _STARTS:
        first = int(np.ceil(expected / risk))
        if first > n:
            break
        answered = np.unique(np.linspace(first, n, _STEPS).astype(np.int64))
        doubt = np.asarray(binom.cdf(errors[answered - 1], answered, risk), np.float64)
        failed = np.flatnonzero(doubt > _DOUBT / len(_STARTS))
        passed = answered[: failed[0]] if len(failed) else answered
        found = max(found, *passed.tolist(), 0)
    return float(confidence[order[found - 1]]) if found else None


def _one_a_group(confidence: Floats, wrong: Floats, groups: Ints | None) -> tuple[Floats, Floats]:
    """Reduce each group to one answer: its least confidence, and wrong where any of its is."""
    if groups is None:
        return confidence, wrong
    _, group = np.unique(groups, return_inverse=True)
    least, worst = np.full(group.max() + 1, np.inf), np.zeros(group.max() + 1)
    np.minimum.at(least, group, confidence)
    np.maximum.at(worst, group, wrong)
    return least, worst


def _weights(n: int, groups: Ints | None) -> Floats:
    """Return the share of each photo in the votes, which sum to 1."""
    if groups is None:
        return np.full(n, 1 / n)
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1 / sizes[group] / len(sizes))
