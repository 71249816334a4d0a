"""How unlike the training photos a photo is: a distance between features, and doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]

__all__ = ["NeitherScore", "fit_neither", "free_energy"]

_DIRECTIONS = 16  # in which training photos differ most; the more are left out, the less is seen
_SAMPLE = 4000  # photos that the directions are fitted on
_FEWEST = 40
_SPREAD = 0.9  # quantile whose distance from the median is the unit


@dataclass(frozen=True)
class NeitherScore:
    """A score of photos that are unlike all those of training, from 0 to 1; 0.5 is an alarm.

    It adds two things up, each in units of its spread among photos of training. What is left of the
    features when their mean and the directions in which training photos differ most are taken away
    (the residual of ViM, Wang et al. 2022, arXiv:2203.10807) says how strange the photo looks; the
    free energy of the logits (Liu et al. 2020, arXiv:2010.03759) says how little speaks for any
    class.

    Attributes
    ----------
    mean : ndarray of float32, shape (D,)
        Mean of the features, each backbone's scaled to unit length.
    directions : ndarray of float32, shape (D, R)
        Orthonormal.
    residual, energy : tuple of (middle, unit)
        Median and spread among the photos of training; `energy` has a unit of infinity where the
        logits say nothing.
    threshold : float
        The sum from which on a photo is called neither.
    false_alarms : float
        Share of photos like those of training that may be called neither.
    """

    mean: Floats32
    directions: Floats32
    residual: tuple[float, float]
    energy: tuple[float, float]
    threshold: float
    false_alarms: float

    def __call__(self, features: Floats32, logits: Floats) -> Floats:
        """Compute the scores float64 (n,) of unit features (n, D) and calibrated logits (n, K)."""
        strange = _scaled(_residual(features, self.mean, self.directions), self.residual)
        total = strange + _scaled(free_energy(logits), self.energy)
        return np.asarray(1 / (1 + np.exp(-np.clip(total - self.threshold, -500, 500))))


def free_energy(logits: Floats) -> Floats:
    """Compute ``-log(sum(exp(logits)))`` of each photo, float64 (n,): high where nothing fits."""
    top = logits.max(axis=1)
    return np.asarray(-(top + np.log(np.exp(logits - top[:, None]).sum(axis=1))))


def fit_neither(
    features: Floats32,
    logits: Floats,
    fold: Ints,
    *,
    false_alarms: float,
    learn: Floats32 | None = None,
    seed: int = 0,
) -> NeitherScore | None:
    """Fit the score on photos of training, with a threshold that keeps a rate of false alarms.

    The threshold is conformal: a quantile of the scores of photos that the directions were not
    fitted on, with one imagined photo that is stranger than all.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Features of the photos that the threshold is found on, each backbone's of unit length.
    logits : ndarray of float64, shape (n, K)
        Their calibrated logits from models that had not seen them; no columns where they say
        nothing.
    fold : ndarray of int64, shape (n,)
        Photos of a fold are scored by directions that were fitted on the other folds.
    false_alarms : float
        Share of photos like these that may be called neither.
    learn : ndarray of float32, shape (m, D), optional
        Features of other photos, on which the directions are fitted in place of those.
    seed : int

    Returns
    -------
    NeitherScore or None
        None where the photos are too few to promise that rate: ``1 / false_alarms``, and 40.
    """
    n = len(features)
    if false_alarms <= 0 or (n + 1) * false_alarms < 1 or n < _FEWEST:
        return None
    if learn is not None and len(learn) < _FEWEST:
        return None
    known = features if learn is None else learn
    mean, directions = _directions(known, seed)
    strange = np.empty(n)
    for one in np.unique(fold) if learn is None else ():
        own = fold == one
        strange[own] = _residual(features[own], *_directions(features[~own], seed))
    if learn is not None:
        strange = _residual(features, mean, directions)
    energy = free_energy(logits) if logits.shape[1] else np.zeros(n)
    units = _middle_and_unit(strange), _middle_and_unit(energy)
    total = _scaled(strange, units[0]) + _scaled(energy, units[1])
    place = int(np.ceil((n + 1) * (1 - false_alarms) - 1e-9)) - 1
    threshold = float(np.sort(total)[place])
    return NeitherScore(mean, directions, *units, threshold, false_alarms)


def _directions(features: Floats32, seed: int) -> tuple[Floats32, Floats32]:
    """Find the mean of a sample of photos, and the directions in which they differ most."""
    from sklearn.utils.extmath import randomized_svd

    rows = np.random.default_rng(seed).permutation(len(features))[:_SAMPLE]
    sample = features[np.sort(rows)]
    mean = sample.mean(axis=0)
    many = min(_DIRECTIONS, min(sample.shape) // 2)
    _, _, turned = randomized_svd(sample - mean, many, n_iter=4, random_state=seed)
    return mean.astype(np.float32), np.ascontiguousarray(turned.T, np.float32)


def _residual(features: Floats32, mean: Floats32, directions: Floats32) -> Floats:
    """Compute the length of what the directions leave of each photo's features, float64 (n,)."""
    centred = features - mean
    along = centred @ directions
    square = np.sum(centred**2, axis=1, dtype=np.float64)
    return np.asarray(np.sqrt(np.maximum(square - np.sum(along**2, axis=1, dtype=np.float64), 0)))


def _middle_and_unit(values: Floats) -> tuple[float, float]:
    middle, high = np.quantile(values, (0.5, _SPREAD))
    return float(middle), float(high - middle) if high > middle else float("inf")


def _scaled(values: Floats, units: Sequence[float]) -> Floats:
    return np.asarray((values - units[0]) / units[1])
