"""Tests of whether two samples of photos are of one kind, whose p values hold for any number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["TwoSample", "compare_counts", "compare_values", "two_samples"]

_RIDGES = (0.1, 1.0, 10.0)  # times the mean variance of a feature, times the number of photos
_AT_ONCE = 256  # orders that are held


@dataclass(frozen=True)
class TwoSample:
    """How two samples of features differ.

    Attributes
    ----------
    auc : float
        How well a classifier tells the samples apart on photos that it was not fitted on: the area
        under the ROC curve; 0.5 is not at all.
    mmd : float
        Squared maximum mean discrepancy with Gaussian kernels; 0 is alike.
    p_classifier, p_mmd : float
        P values of either, by permutation.
    p : float
        P value of both together.
    new : ndarray of float64, shape (n,)
        How much each new photo looks like a new one, by the classifier that did not see it.
    """

    auc: float
    mmd: float
    p_classifier: float
    p_mmd: float
    p: float
    new: Floats


def two_samples(
    reference: npt.NDArray[np.float32],
    new: npt.NDArray[np.float32],
    *,
    strata: tuple[Ints, Ints] | None = None,
    permutations: int = 999,
    seed: int = 0,
) -> TwoSample:
    """Test whether new features come from where reference features do.

    Two statistics are computed, and again with the samples' names dealt anew among the photos: if
    both samples are of one kind, the true deal is one like the others, so that the p value is at
    most a level with no more than that probability, whatever the kind, the sizes and the number of
    features. The first statistic is a classifier two-sample test (Lopez-Paz and Oquab 2017): ridge
    regression of the sample's name, each photo left out in closed form, and how far apart the mean
    scores of both names are, for the best of three penalties. The second is the maximum mean
    discrepancy (Gretton et al. 2012), the mean of three Gaussian kernels around the median
    distance. The p value of both takes the smaller one in every deal (Westfall and Young 1993).

    Parameters
    ----------
    reference : ndarray of float32, shape (m, D)
    new : ndarray of float32, shape (n, D)
    strata : pair of ndarray of int64, shapes (m,) and (n,), optional
        Names are dealt anew only among photos with the same number: what is asked is then whether
        photos are alike within each, whatever the shares of the strata are.
    permutations : int
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> old, same = rng.normal(size=(200, 8)), rng.normal(size=(60, 8))
    >>> two_samples(old, same).p > 0.05, two_samples(old, same + 0.7).p
    (True, 0.001)
    """
    pooled = np.vstack([reference, new]).astype(np.float64)
    is_new = np.repeat([0.0, 1.0], [len(reference), len(new)])
    places = np.concatenate(strata) if strata else np.zeros(len(pooled), np.int64)
    fitted, kernel = _Ridge(pooled), _kernel(pooled)
    found = [
        np.stack([fitted.statistics(deals), _discrepancy(kernel, deals)])
        for deals in _deals(is_new, places, permutations, seed)
    ]
    statistics = np.hstack(found)
    ranks = _p_values(statistics)
    scores, auc = fitted.scores(is_new)
    return TwoSample(
        auc,
        float(statistics[1, 0]),
        float(ranks[0, 0]),
        float(ranks[1, 0]),
        float(_p_values(-ranks.min(axis=0, keepdims=True))[0, 0]),
        scores[len(reference) :],
    )


def _deals(names: Floats, places: Ints, permutations: int, seed: int) -> Iterator[Floats]:
    """Yield the names as they are and dealt anew, float64 (N, count), some deals at a time."""
    rng = np.random.default_rng(seed)
    groups = [np.flatnonzero(places == place) for place in np.unique(places)]
    first, left = True, permutations
    while first or left:
        count = min(left, _AT_ONCE)
        deals = np.repeat(names[:, None], count + first, axis=1)
        for rows in groups:
            mixed = rng.permuted(np.repeat(names[rows][:, None], count, axis=1), axis=0)
            deals[rows[:, None], np.arange(first, count + first)] = mixed
        yield deals
        first, left = False, left - count


class _Ridge:
    """Ridge regression on one set of features for many names at once, each row left out.

    Parameters
    ----------
    features : ndarray of float64, shape (N, D)
    """

    def __init__(self, features: Floats) -> None:
        centred = features - features.mean(axis=0)
        left, size, _ = np.linalg.svd(centred, full_matrices=False)
        kept = size > 1e-8 * max(float(size[0]), 1e-300)
        self._left, power = left[:, kept], size[kept] ** 2
        scale = float(power.mean()) if len(power) else 1.0
        self._shrunk = [power / (power + ridge * scale) for ridge in _RIDGES]

    def _left_out(self, names: Floats, shrunk: Floats) -> Floats:
        centred = names - names.mean(axis=0)
        own = (self._left**2 @ shrunk + 1 / len(names))[:, None]
        answer = self._left @ (shrunk[:, None] * (self._left.T @ centred))
        return np.asarray((answer - own * centred) / np.maximum(1 - own, 1e-6))

    def statistics(self, deals: Floats) -> Floats:
        """Compute how far apart the best penalty puts both names, for each deal, float64 (B,)."""
        return np.asarray(np.max([self._apart(deals, shrunk) for shrunk in self._shrunk], axis=0))

    def scores(self, names: Floats) -> tuple[Floats, float]:
        """Compute the scores float64 (N,) of the best penalty, and the area under their curve."""
        deals = names[:, None]
        apart = [float(self._apart(deals, shrunk)[0]) for shrunk in self._shrunk]
        found = self._left_out(deals, self._shrunk[int(np.argmax(apart))])[:, 0]
        return found, _area(found, names)

    def _apart(self, deals: Floats, shrunk: Floats) -> Floats:
        """Compute the difference of mean scores in standard deviations, float64 (B,)."""
        scores = self._left_out(deals, shrunk)
        return np.asarray(_contrast(scores, deals) / np.maximum(scores.std(axis=0), 1e-12))


def _area(scores: Floats, names: Floats) -> float:
    """Compute the area under the ROC curve of scores float64 (N,) for the name 1."""
    from scipy.stats import rankdata

    ones = names.sum()
    wins = (rankdata(scores) * names).sum() - ones * (ones + 1) / 2
    return float(wins / (ones * (len(names) - ones)))


def _contrast(values: Floats, names: Floats) -> Floats:
    """Compute the mean of each column among the names 1, less that among the names 0."""
    ones = names.sum(axis=0)
    weight = names / ones - (1 - names) / (len(names) - ones)
    return np.asarray((weight * values).sum(axis=0))


def _kernel(features: Floats) -> Floats:
    """Compute the mean of three Gaussian kernels of all pairs, float64 (N, N)."""
    squares = (features**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0)
    middle = float(np.median(distance[np.triu_indices(len(features), 1)])) or 1.0
    return np.asarray(np.mean([np.exp(-distance / (middle * s)) for s in (0.25, 1, 4)], axis=0))


def _discrepancy(kernel: Floats, names: Floats) -> Floats:
    """Compute the squared discrepancy between the names 1 and 0 of each column, float64 (B,)."""
    ones = names.sum(axis=0)
    weight = names / ones - (1 - names) / (len(names) - ones)
    return np.asarray((weight * (kernel @ weight)).sum(axis=0))


def _p_values(statistics: Floats) -> Floats:
    """Return the share of deals whose statistic is at least as large, for each, along axis 1."""
    from scipy.stats import rankdata

    count = statistics.shape[1]
    return np.asarray((count + 1 - rankdata(statistics, method="min", axis=1)) / count)


def compare_values(reference: Floats, new: Floats) -> float:
    """Test whether two samples of one number are alike (Kolmogorov and Smirnov), as a p value.

    Values that are not finite are left out; 1 where either sample has none.
    """
    from scipy.stats import ks_2samp

    before, now = (sample[np.isfinite(sample)] for sample in (reference, new))
    if not len(before) or not len(now):
        return 1.0
    return float(ks_2samp(before, now).pvalue)


def compare_counts(reference: Ints, new: Ints, *, draws: int = 9999, seed: int = 0) -> float:
    """Test whether two samples fall into classes alike, as a p value that is exact for any counts.

    The statistic is that of the chi-squared test; its distribution is drawn with the totals of both
    samples and of each class as they are.

    Parameters
    ----------
    reference, new : ndarray of int64, shape (K,)
        Photos of each class.

    Examples
    --------
    >>> import numpy as np
    >>> compare_counts(np.array([500, 500]), np.array([52, 48])) > 0.3
    True
    >>> compare_counts(np.array([500, 500]), np.array([80, 20])) < 0.001
    True
    """
    total = reference + new
    size, both = int(new.sum()), int(total.sum())
    if not size or size == both:
        return 1.0
    expected = total * (size / both)
    some = expected > 0
    rng = np.random.default_rng(seed)
    drawn = rng.multivariate_hypergeometric(total, size, size=draws, method="marginals")
    far = (((drawn - expected) ** 2)[:, some] / expected[some]).sum(axis=1)
    own = float((((new - expected) ** 2)[some] / expected[some]).sum())
    return float((1 + (far >= own * (1 - 1e-12)).sum()) / (draws + 1))
