"""Expected accuracy of answers to photos without labels, from what such answers were worth."""

from __future__ import annotations

import numpy as np

from ..metrics import Floats, Interval, Ints

__all__ = ["expected_accuracy"]

_BINS = 12
_DRAWS = 4000


def expected_accuracy(
    confidence: Floats,
    right: Ints,
    new: Floats,
    *,
    weight: Floats | None = None,
    seed: int = 0,
) -> Interval:
    """Estimate how many of new answers are right, and the 95 % interval of that share.

    Answers of equal confidence are taken to be right as often as they were out-of-fold, bin by bin
    of the confidence (average confidence after calibration by histogram; Guillory et al. 2021 have
    the difference of confidences). The interval allows for the luck of the photos behind the bins
    (a Beta distribution for each, with half a right and half a wrong photo added) and for that of
    the new photos themselves. It holds as long as answers of equal confidence are right as often as
    before: on photos of the same kind, also if there are more hard or more easy ones among them.

    Parameters
    ----------
    confidence : ndarray of float64, shape (m,)
        Largest probability of out-of-fold answers.
    right : ndarray of int64, shape (m,)
        1 where such an answer was right, else 0.
    new : ndarray of float64, shape (n,)
        Largest probability of each new answer.
    weight : ndarray of float64, shape (m,), optional
        How much each out-of-fold answer counts, 1 on average: where the shares of the classes have
        moved.
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> sure = rng.uniform(0.5, 1, 4000)
    >>> right = (rng.random(4000) < sure).astype(np.int64)
    >>> found = expected_accuracy(sure[:3000], right[:3000], sure[3000:])
    >>> found.low < right[3000:].mean() < found.high
    True
    """
    rng = np.random.default_rng(seed)
    weight = np.ones(len(right)) if weight is None else weight
    edges = np.unique(np.quantile(confidence, np.linspace(0, 1, _BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, confidence, side="right")
    photos = np.bincount(np.searchsorted(edges, new, side="right"), minlength=len(edges) + 1)
    seen = np.bincount(bins, weight, minlength=len(edges) + 1)
    squares = np.bincount(bins, weight**2, minlength=len(edges) + 1)
    share = np.bincount(bins, weight * right, minlength=len(edges) + 1) / np.maximum(seen, 1e-12)
    tells = np.divide(seen**2, squares, out=np.zeros_like(seen), where=squares > 0)  # Kish 1965
    hits = share * tells
    chance = rng.beta(hits + 0.5, tells - hits + 0.5, size=(_DRAWS, len(tells)))
    drawn = rng.binomial(photos, chance).sum(axis=1) / max(len(new), 1)
    value = float(photos @ ((hits + 0.5) / (tells + 1)) / max(len(new), 1))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(value, min(float(low), value), max(float(high), value))
