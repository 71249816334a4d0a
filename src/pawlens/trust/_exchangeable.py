"""Whether photos are exchangeable with those that rules were found on, as promises require."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["earlier_half", "exchangeability", "fits_of", "undercoverage"]

_FEWEST = 20  # photos with a time, in each half


def fits_of(y: Ints, proba: Floats, groups: Ints | None = None) -> Floats:
    """Return how well true labels fit: their probabilities, the mean of those of each group.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
    groups : ndarray of int64, shape (n,), optional

    Returns
    -------
    ndarray of float64, shape (m,)
        In the order of the numbers of the groups; without groups in that of the photos.
    """
    own = np.asarray(proba[np.arange(len(y)), y], np.float64)
    return own if groups is None else _mean_of_groups(own, groups)


def exchangeability(fits: Floats, others: Floats) -> float:
    """Test whether true labels fit other photos as well as these, on which rules were found.

    A promise for photos not yet seen holds where they are exchangeable with these. Where the
    probabilities of true labels are higher or lower there, they are not (Mann and Whitney 1947).

    Parameters
    ----------
    fits, others : ndarray of float64, shape (n,) and (m,)
        From `fits_of`.

    Returns
    -------
    float
        The p value; a small one says that the promise need not hold there.

    Examples
    --------
    >>> import numpy as np
    >>> fits = np.linspace(0.6, 1, 50)
    >>> exchangeability(fits, fits) > 0.9
    True
    >>> exchangeability(fits, fits / 2) < 0.001
    True
    """
    from scipy.stats import mannwhitneyu

    return float(mannwhitneyu(fits, others).pvalue)


def undercoverage(inside: Bools, promised: float, known: int, groups: Ints | None = None) -> float:
    """Test whether sets hold the true label of other photos less often than was promised.

    The count among m exchangeable photos has a beta-binomial distribution, which allows for the
    luck of the n photos that the threshold was found on (Vovk 2012, arXiv:1209.2673).

    Parameters
    ----------
    inside : ndarray of bool, shape (m,)
        Whether the set of each photo holds its label.
    promised : float
    known : int
        The n photos, or groups of them, that the threshold was found on.
    groups : ndarray of int64, shape (m,), optional
        The first photo of each group counts.

    Returns
    -------
    float
        The probability of so few or fewer, where the promise holds.

    Examples
    --------
    >>> import numpy as np
    >>> undercoverage(np.arange(100) < 95, 0.95, 1000) > 0.4
    True
    >>> undercoverage(np.arange(100) < 80, 0.95, 1000) < 0.001
    True
    """
    from scipy.stats import betabinom

    if groups is not None:
        inside = inside[np.unique(groups, return_index=True)[1]]
    place = int(np.ceil((known + 1) * promised - 1e-9))
    if place > known:  # too little was known for a threshold: every label is in every set
        return 1.0
    return float(betabinom.cdf(int(inside.sum()), len(inside), place, known + 1 - place))


def earlier_half(when: Floats, groups: Ints | None = None) -> tuple[Bools, Bools] | None:
    """Part photos by their time: which belong to the earlier half, and which to the later one.

    Parameters
    ----------
    when : ndarray of float64, shape (n,)
        In any unit; NaN where it is not known.
    groups : ndarray of int64, shape (n,), optional
        Photos of a group have the mean of its times.

    Returns
    -------
    tuple of two ndarray of bool, shape (n,), or None
        None where either half has fewer than 20 photos, or groups. Photos of the median's very time
        are in the later half.

    Examples
    --------
    >>> import numpy as np
    >>> earlier, later = earlier_half(np.arange(40.0))
    >>> int(earlier.sum()), int(later.sum())
    (20, 20)
    >>> earlier_half(np.zeros(40)) is None
    True
    """
    each = np.arange(len(when)) if groups is None else groups
    _, place = np.unique(each, return_inverse=True)
    known = np.isfinite(when)
    count = np.bincount(place, known)
    total = np.bincount(place, np.where(known, when, 0.0))
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    dated = mean[count > 0]
    if not len(dated):
        return None
    middle = np.median(dated)
    if min((dated < middle).sum(), (dated >= middle).sum()) < _FEWEST:
        return None
    return mean[place] < middle, mean[place] >= middle


def _mean_of_groups(values: Floats, groups: Ints) -> Floats:
    _, place = np.unique(groups, return_inverse=True)
    return np.asarray(np.bincount(place, values) / np.bincount(place))
