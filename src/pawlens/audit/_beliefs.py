"""Beliefs about what each photo shows, from models that did not see it and its neighbours.

The labels are taken for what they are: mostly right. A second cross-validation counts each label
the less, the more clearly the first one contradicts it, and its logits are joined with the votes of
each photo's nearest neighbours. How much either counts, and how often labels are wrong, are those
values under which the given labels are most likely (the noise model of forward correction, Patrini
et al. 2017, arXiv:1609.03683, with one rate for all classes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ..features import Neighbours
from ..heads import L2_GRID, Head, LogisticFit, fit_logistic
from ..trust import fit_noise

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Beliefs", "fit_beliefs"]

_LEAST_WEIGHT = 1e-3  # of a label that is surely wrong, so that no class loses all its photos
_SHARPNESS = 10.0  # how fast a neighbour's vote fades with its similarity
_PRIOR = 0.02  # share of votes that every class has from the start
_VOTERS = 20


@dataclass(frozen=True)
class Beliefs:
    """What is held of every photo with features.

    Attributes
    ----------
    proba : ndarray of float64, shape (n, K)
        Out-of-fold for photos that train; NaN for photos without features.
    wrong : ndarray of float64, shape (n,)
        Probability that the label is wrong; NaN where there is not exactly one label.
    noise : float
        Share of labels that are wrong, as fitted.
    head : Head
        Fitted on all photos that train and scaled to be as sure as it should be, for parts of
        photos, which have no neighbours.
    """

    proba: Floats
    wrong: Floats
    noise: float
    head: Head


def fit_beliefs(
    values: Floats32,
    row: Ints,
    labels: Ints,
    fold: Ints,
    groups: Ints,
    neighbours: Neighbours,
    *,
    n_classes: int,
    progress: Progress | None = None,
) -> Beliefs:
    """Fit beliefs from features and given labels.

    Parameters
    ----------
    values : ndarray of float32, shape (m, D)
    row : ndarray of int64, shape (n,)
        The row in `values` of each photo; -1 for none.
    labels : ndarray of int64, shape (n,)
        Class number; -1 where there is not exactly one label.
    fold : ndarray of int64, shape (n,)
        Fold of each photo; -1 for photos that do not train.
    groups : ndarray of int64, shape (n,)
        Photos that belong together share a number; they do not vote on each other.
    neighbours : Neighbours
        Neighbours by `values`.
    n_classes : int
    progress : callable, optional
    """
    train = np.flatnonzero((fold >= 0) & (row >= 0))
    own = labels[train]

    def fit(weights: Floats, strongest: float) -> LogisticFit:
        return fit_logistic(
            values[row[train]],
            own,
            fold[train],
            n_classes=n_classes,
            sample_weights=weights,
            grid=[l2 for l2 in L2_GRID if l2 <= strongest],
            progress=progress,
        )

    first = fit(np.ones(len(train)), max(L2_GRID))
    doubt = _contradiction(first.logits, own)
    # Without the wrong labels the best strength is weaker, if anything.
    second = fit(np.maximum(1 - doubt, _LEAST_WEIGHT), first.l2)
    seen = row >= 0
    logits = np.full((len(row), n_classes), np.nan)
    logits[seen] = second.head.logits(values[row[seen]])
    logits[train] = second.logits
    votes = np.full((len(row), n_classes), np.nan)
    trust = np.zeros(len(row))
    trust[train] = 1 - doubt
    votes[seen] = _votes(row, labels, trust, groups, neighbours, n_classes)[seen]
    model = fit_noise([second.logits, votes[train]], own)
    proba = model.proba(logits, votes)
    wrong = np.full(len(row), np.nan)
    asked = seen & (labels >= 0)
    wrong[asked] = model.wrong(proba[asked], labels[asked])
    by_head = np.float32(fit_noise([second.logits], own).head)
    head = Head.linear(second.head.weights * by_head, second.head.bias * by_head)
    return Beliefs(proba, wrong, model.noise, head)


def _contradiction(logits: Floats, labels: Ints) -> Floats:
    """Measure how clearly another class is likelier than the label, float64 (n,) in 0 to 1.

    Errors that a model has learnt (one breed called another, again and again) make it unsure of
    both classes; a label that it merely finds less likely is doubted already.
    """
    own = logits[np.arange(len(labels)), labels]
    return np.asarray(1 - np.exp(own - logits.max(axis=1)))


def _votes(
    row: Ints, labels: Ints, trust: Floats, groups: Ints, neighbours: Neighbours, n_classes: int
) -> Floats:
    """Compute log shares of the classes among each photo's nearest photos, float64 (n, K)."""
    m = len(neighbours.row)
    of = np.full(m, -1, np.int64)  # any one photo with these features
    of[row[row >= 0]] = np.flatnonzero(row >= 0)
    cast = np.zeros((m, n_classes))  # what each vector votes for, were it a neighbour
    train = np.flatnonzero((trust > 0) & (row >= 0))
    np.add.at(cast, (row[train], labels[train]), trust[train])
    rest = np.maximum(1 - cast.sum(axis=1, keepdims=True), 0) * (cast.sum(axis=1) > 0)[:, None]
    cast += rest / max(n_classes - 1, 1) * (cast.argmax(axis=1)[:, None] != np.arange(n_classes))
    cast /= np.maximum(cast.sum(axis=1, keepdims=True), 1e-12)
    shares = np.full((m, n_classes), _PRIOR)
    for start in range(0, m, 4096):
        some = slice(start, min(m, start + 4096))
        near, similarity = neighbours.row[some], neighbours.similarity[some]
        weight = np.exp(_SHARPNESS * (similarity - similarity[:, :1]))
        weight *= groups[of[near]] != groups[of[some]][:, None]
        weight *= np.cumsum(weight > 0, axis=1) <= _VOTERS
        counted = np.einsum("nk,nkc->nc", weight, cast[near])
        shares[some] += counted / np.maximum(counted.sum(axis=1, keepdims=True), 1e-12)
    found = np.zeros((len(row), n_classes))
    found[row >= 0] = np.log(shares)[row[row >= 0]]
    return found
