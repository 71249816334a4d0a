"""Suspect labels, from predictions of models that did not see the photos."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["suspect_labels"]


def suspect_labels(
    labels: npt.NDArray[np.int64], proba: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Find photos whose label is more likely wrong than right.

    The share of wrong labels, q, is estimated as in confident learning (Northcutt et al. 2021): a
    photo speaks against its label where another class is as probable as that class is, on average,
    for its own photos. If the true class is the given one with probability p, the label is more
    likely wrong than right where p < q; and calibrated probabilities of labels, of which the share
    q is wrong, then give the label less than 2 q (1 - q).

    Parameters
    ----------
    labels : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
        Calibrated out-of-fold probabilities.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    belief = proba[np.arange(len(labels)), labels]
    share = _wrong_share(labels, proba)
    return np.asarray(belief < 2 * share * (1 - share))


def _wrong_share(labels: npt.NDArray[np.int64], proba: npt.NDArray[np.float64]) -> float:
    """Estimate the share of wrong labels, by photos that confidently belong to another class."""
    belief = proba[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=proba.shape[1])
    sums = np.bincount(labels, weights=belief, minlength=proba.shape[1])
    level = np.divide(sums, counts, out=np.full(len(counts), np.inf), where=counts > 0)
    claims = np.where(proba >= level, proba, 0.0)
    claimed = claims.max(axis=1) > 0
    if not claimed.any():
        return 0.0
    return float(np.mean(claims.argmax(axis=1)[claimed] != labels[claimed]))
