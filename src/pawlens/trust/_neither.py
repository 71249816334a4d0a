"""How unlike the training photos a photo is: a distance between features, and doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ..base import BLOCK_ROWS
from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Bools = npt.NDArray[np.bool_]
    Some = tuple[Floats32, Bools | None]  # features, and the rows that are meant; all by default

__all__ = ["Examples", "NeitherScore", "fit_neither", "free_energy", "joint_shift"]

_DIRECTIONS = 16  # in which training photos differ most; the more are left out, the less is seen
_SAMPLE = 4000  # photos that the directions are fitted on
_FEWEST = 40
_SPREAD = 0.9  # quantile whose distance from the median is the unit
_TINY = 1e-15
_FREEDOM = 0.1  # inverse L2 strength on standardised features; 0.01 to 1 find about as much


@dataclass(frozen=True)
class Examples:
    """Photos of neither class, for a score to learn from.

    Attributes
    ----------
    features : ndarray of float32, shape (m, D)
        Each backbone's of unit length.
    logits : ndarray of float64, shape (m, K)
        Calibrated; no columns where they say nothing.
    fold : ndarray of int64, shape (m,)
        Examples of a fold are scored by what was learnt from the other folds.
    """

    features: Floats32
    logits: Floats
    fold: Ints


@dataclass(frozen=True)
class NeitherScore:
    """A score of photos that are unlike all those of training, from 0 to 1; 0.5 is an alarm.

    It adds two things up, each in units of its spread among photos of training. What is left of the
    features when their mean and the directions in which training photos differ most are taken away
    (the residual of ViM, Wang et al. 2022, arXiv:2203.10807) says how strange the photo looks; the
    free energy of the logits (Liu et al. 2020, arXiv:2010.03759) says how little speaks for any
    class. Where there were examples of neither, a logistic regression of them against the photos of
    training speaks too: the larger of both counts, and each gives about half of the false alarms.

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
    weights : ndarray of float32, shape (D,), optional
        What the examples taught: a sum over the features less their mean, and `offset`.
    offset : float
    found : ndarray of bool, shape (m,), optional
        Whether each example is called neither by weights that were learnt from the others.
    own : ndarray of float64, shape (n,)
        Scores of the photos that the threshold was found on, each by directions and weights that
        were not fitted on it.
    """

    mean: Floats32
    directions: Floats32
    residual: tuple[float, float]
    energy: tuple[float, float]
    threshold: float
    false_alarms: float
    weights: Floats32 | None = None
    offset: float = 0.0
    found: Bools | None = None
    own: Floats = field(default_factory=lambda: np.empty(0))

    def __call__(self, features: Floats32, logits: Floats) -> Floats:
        """Compute the scores float64 (n,) of unit features (n, D) and calibrated logits (n, K)."""
        total = self._plain(features, logits)
        weights = self.weights
        if weights is not None:
            learnt = _by_blocks(lambda some: (some - self.mean) @ weights, features)
            total = np.maximum(total, learnt + self.offset)
        return _alarm(total - self.threshold)

    def _plain(self, features: Floats32, logits: Floats) -> Floats:
        """Add up what needs no examples."""
        strange = _scaled(_residual(features, self.mean, self.directions), self.residual)
        energy = free_energy(logits) if logits.shape[1] else np.zeros(len(features))
        return strange + _scaled(energy, self.energy)

    def taught(
        self, features: Floats32, total: Floats, fold: Ints, examples: Examples, *, seed: int
    ) -> NeitherScore:
        """Return a score that has learnt from examples too, with a threshold of its own.

        `features` and `fold` are as in `fit_neither`; `total` are the sums of those photos,
        float64 (n,), by directions that were not fitted on them.
        """
        own, theirs = np.empty(len(features)), np.empty(len(examples.features))
        for one in np.unique(np.concatenate([fold, examples.fold])):
            left, shown = fold == one, examples.fold == one
            weights, offset = _learn((features, ~left), (examples.features, ~shown), seed)
            own[left] = _by_blocks(partial(_sum_of, weights), features, left) + offset
            theirs[shown] = examples.features[shown] @ weights + offset
        middle, high = float(np.median(own)), _conformal(own, self.false_alarms)
        far = self.threshold - float(np.median(total))
        scale = far / (high - middle) if high > middle else 0.0  # both sums spread alike
        shift = self.threshold - scale * high  # and as many photos reach the threshold by either
        joint = np.maximum(total, scale * own + shift)
        threshold = _conformal(joint, self.false_alarms)
        plain = self._plain(examples.features, examples.logits)
        weights, offset = _learn((features, None), (examples.features, None), seed)
        return replace(
            self,
            threshold=threshold,
            weights=np.asarray(scale * weights, np.float32),
            offset=scale * float(self.mean @ weights + offset) + shift,
            found=np.maximum(plain, scale * theirs + shift) >= threshold,
            own=_alarm(joint - threshold),
        )


def joint_shift(scores: Sequence[Floats], false_alarms: float) -> float:
    """Find what the mean log odds of several scores must reach for a joint alarm.

    Parameters
    ----------
    scores : sequence of ndarray of float64, shape (n,)
        Scores of the same photos by several models, none of which was fitted on them.
    false_alarms : float
        Share of photos like these that may be called neither.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.linspace(0.01, 0.5, 99)
    >>> round(joint_shift([scores, scores], 0.01), 9)
    0.0
    """
    odds = [np.log(np.maximum(one, _TINY) / np.maximum(1 - one, _TINY)) for one in scores]
    return _conformal(np.mean(odds, axis=0), false_alarms)


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
    examples: Examples | None = None,
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
    examples : Examples, optional
        Photos of neither class, of at least two folds.
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
        strange[own] = _residual(features, *_directions(features, seed, ~own), own)
    if learn is not None:
        strange = _residual(features, mean, directions)
    energy = free_energy(logits) if logits.shape[1] else np.zeros(n)
    units = _middle_and_unit(strange), _middle_and_unit(energy)
    total = _scaled(strange, units[0]) + _scaled(energy, units[1])
    threshold = _conformal(total, false_alarms)
    score = NeitherScore(
        mean, directions, *units, threshold, false_alarms, own=_alarm(total - threshold)
    )
    if examples is None:
        return score
    return score.taught(features, total, fold, examples, seed=seed)


def _conformal(total: Floats, false_alarms: float) -> float:
    """Find the sum that a new photo of the same kind reaches with at most that probability."""
    place = int(np.ceil((len(total) + 1) * (1 - false_alarms) - 1e-9)) - 1
    return float(np.sort(total)[place])


def _alarm(beyond: Floats) -> Floats:
    """Turn sums less the threshold into scores from 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-np.clip(beyond, -500, 500))))


def _learn(own_rows: Some, example_rows: Some, seed: int) -> tuple[Floats, float]:
    """Tell examples from own photos by logistic regression: weights float64 (D,) and an offset."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(seed)
    own, examples = (_sample(rng, *some) for some in (own_rows, example_rows))
    both = np.vstack([own, examples]).astype(np.float64)
    mean, spread = both.mean(axis=0), both.std(axis=0)
    spread[spread <= 1e-9] = np.inf  # a feature that is the same everywhere says nothing
    model = LogisticRegression(C=_FREEDOM, class_weight="balanced", max_iter=2000)
    model.fit((both - mean) / spread, np.repeat([0, 1], [len(own), len(examples)]))
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - mean @ weights)


def _sample(rng: np.random.Generator, features: Floats32, among: Bools | None) -> Floats32:
    """Draw up to `_SAMPLE` rows, in order; all that are drawn from are never held at once."""
    rows = np.arange(len(features)) if among is None else np.flatnonzero(among)
    return features[rows[np.sort(rng.permutation(len(rows))[:_SAMPLE])]]


def _directions(
    features: Floats32, seed: int, among: Bools | None = None
) -> tuple[Floats32, Floats32]:
    """Find the mean of a sample of photos, and the directions in which they differ most."""
    from sklearn.utils.extmath import randomized_svd

    sample = _sample(np.random.default_rng(seed), features, among)
    mean = sample.mean(axis=0)
    many = min(_DIRECTIONS, min(sample.shape) // 2)
    _, _, turned = randomized_svd(sample - mean, many, n_iter=4, random_state=seed)
    return mean.astype(np.float32), np.ascontiguousarray(turned.T, np.float32)


def _residual(
    features: Floats32, mean: Floats32, directions: Floats32, among: Bools | None = None
) -> Floats:
    """Compute the length of what the directions leave of each photo's features, float64 (n,)."""

    def lengths(some: Floats32) -> Floats:
        centred = some - mean
        along = centred @ directions
        square = np.sum(centred**2, axis=1, dtype=np.float64)
        return np.sqrt(np.maximum(square - np.sum(along**2, axis=1, dtype=np.float64), 0))

    return _by_blocks(lengths, features, among)


def _sum_of(weights: Floats, features: Floats32) -> Floats:
    return features @ weights


def _by_blocks(
    value: Callable[[Floats32], Floats], features: Floats32, among: Bools | None = None
) -> Floats:
    """Compute a value float64 of each row, or each among some, whose copies are never all held."""
    rows = np.arange(len(features)) if among is None else np.flatnonzero(among)
    found = np.empty(len(rows))
    for start in range(0, len(rows), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        found[block] = value(features[rows[block]])
    return found


def _middle_and_unit(values: Floats) -> tuple[float, float]:
    middle, high = np.quantile(values, (0.5, _SPREAD))
    return float(middle), float(high - middle) if high > middle else float("inf")


def _scaled(values: Floats | float, units: Sequence[float]) -> Floats:
    return np.asarray((values - units[0]) / units[1])
