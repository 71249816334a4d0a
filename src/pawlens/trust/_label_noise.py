"""Labels that are wrong: how many, and how right a model is against the true ones.

How often labels are wrong is the rate under which the given labels are most likely, by the noise
model of forward correction (Patrini et al. 2017, arXiv:1609.03683) with one rate for all classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..metrics import Floats, Interval, Ints

__all__ = ["LEAST_NOISE", "NoiseModel", "TrueAccuracy", "fit_noise", "true_accuracy"]

LEAST_NOISE = 0.005
"""Share of labels that are wrong at least: hardly a large set is free of errors (Northcutt et al.
2021, arXiv:2103.14749)."""

_MOST_NOISE = 0.45
_TOWARDS = 1e-3  # sharp evidence and wrong labels, where unsure evidence would explain as much
_HALF = 1.92  # log likelihood by which the ends of a 95 % interval lie under the best (Wilks 1938)
_TINY = 1e-300
_LEAST_RATE, _GRID = 1e-4, 24  # rates between which the ends are found
_MOST = 20_000  # photos that the rate is estimated on


@dataclass(frozen=True)
class NoiseModel:
    """The noise model: weights that turn evidence into probabilities, and the rate of wrong labels.

    Attributes
    ----------
    noise : float
        Share of labels that are wrong.
    head, votes : float
        Factors of the head's logits and of the neighbours' logits.
    """

    noise: float
    head: float
    votes: float

    def proba(self, logits: Floats, votes: Floats) -> Floats:
        """Compute the probabilities float64 (n, K) of the true class, without the given label."""
        joined = self.head * logits + self.votes * votes
        joined = np.exp(joined - joined.max(axis=1, keepdims=True))
        return np.asarray(joined / joined.sum(axis=1, keepdims=True))

    def wrong(self, proba: Floats, labels: Ints) -> Floats:
        """Compute the probability float64 (n,) that each label is wrong, by Bayes' rule."""
        own = proba[np.arange(len(labels)), labels]
        wrong = self.noise * (1 - own) / (proba.shape[1] - 1)
        return np.asarray(wrong / np.maximum((1 - self.noise) * own + wrong, _TINY))


@dataclass(frozen=True)
class TrueAccuracy:
    """How many labels are wrong, and how many answers are right against the true ones, estimated.

    Attributes
    ----------
    wrong_labels : Interval
        Share of labels that are wrong.
    accuracy : Interval
        Share of answers that are right against the true labels.
    """

    wrong_labels: Interval
    accuracy: Interval


def fit_noise(evidence: list[Floats], labels: Ints) -> NoiseModel:
    """Fit the noise rate and the weights of the evidence by maximum likelihood."""
    from scipy.optimize import minimize
    from scipy.special import expit

    zero = np.zeros_like(evidence[0])

    def unpack(point: Floats) -> NoiseModel:
        noise = LEAST_NOISE + (_MOST_NOISE - LEAST_NOISE) * expit(point[0])
        weights = [float(value) for value in np.exp(np.clip(point[1:], -9, 9))]
        return NoiseModel(float(noise), weights[0], weights[1] if len(weights) > 1 else 0.0)

    def loss(point: Floats) -> float:
        model = unpack(point)
        proba = model.proba(evidence[0], evidence[1] if len(evidence) > 1 else zero)
        own = proba[np.arange(len(labels)), labels]
        likely = (1 - model.noise) * own + model.noise * (1 - own) / (proba.shape[1] - 1)
        doubtful = _TOWARDS * np.sum((point[1:] - 1) ** 2)
        return float(-np.log(np.maximum(likely, _TINY)).mean() + doubtful)

    start = np.array([-3.0, *np.full(len(evidence), -np.log(len(evidence)))])
    options = {"maxiter": 400, "xatol": 1e-3, "fatol": 1e-7}
    found: Any = minimize(loss, start, method="Nelder-Mead", options=options)  # type: ignore[call-overload]
    return unpack(found.x)


def true_accuracy(logits: Floats, labels: Ints, answers: Ints, *, seed: int = 0) -> TrueAccuracy:
    """Estimate the share of wrong labels, and the accuracy against the true ones.

    Confident contradictions speak for wrong labels, doubt does not: the share of wrong labels, and
    how sure the logits should be, are those under which the given labels are most likely. Its
    interval holds the shares under which they are not much less so (profile likelihood). The
    accuracy is the mean probability that the answer is the true class, given the label. Labels that
    are wrong in the same way as the model cannot be told from right ones.

    Parameters
    ----------
    logits : ndarray of float64, shape (n, K)
        Out-of-fold logits.
    labels, answers : ndarray of int64, shape (n,)
        Given labels, and the model's answers.
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.tile([0, 1], 500)
    >>> logits = 4.0 * np.eye(2)[labels]
    >>> given = np.where(np.arange(1000) % 100 == 0, 1 - labels, labels)
    >>> found = true_accuracy(logits, given, labels)
    >>> 0 <= found.wrong_labels.low <= 0.01 <= found.wrong_labels.high
    True
    """
    rows = np.random.default_rng(seed).permutation(len(labels))[:_MOST]
    coarse = np.concatenate([[0.0], np.geomspace(_LEAST_RATE, _MOST_NOISE, _GRID)])
    first, _, last = _likely_rates(coarse, logits[rows], labels[rows])
    fine = np.linspace(coarse[max(first - 1, 0)], coarse[min(last + 1, _GRID)], _GRID)
    places = _likely_rates(fine, logits[rows], labels[rows])
    ends = [_with_rate(logits[rows], labels[rows], fine[place]) for place in places]
    right = [_right(model, logits, labels, answers) for model in ends]
    middle = float(right[1].mean())
    by_chance = 1.96 * float(right[1].std()) / np.sqrt(len(labels))
    spread = [float(one.mean()) - middle for one in right]
    low, high = (float(np.hypot(by_chance, end(spread))) for end in (min, max))
    return TrueAccuracy(
        Interval(ends[1].noise, ends[0].noise, ends[2].noise),
        Interval(middle, max(middle - low, 0.0), min(middle + high, 1.0)),
    )


def _likely_rates(rates: Floats, logits: Floats, labels: Ints) -> tuple[int, int, int]:
    """Return the places of the first, the likeliest and the last of the likely rates."""
    likely = np.array(
        [_log_likelihood(_with_rate(logits, labels, rate), logits, labels) for rate in rates]
    )
    inside = np.flatnonzero(likely >= likely.max() - _HALF)
    return int(inside[0]), int(likely.argmax()), int(inside[-1])


def _with_rate(logits: Floats, labels: Ints, rate: float) -> NoiseModel:
    """Find how sure logits should be where a given share of labels is wrong."""
    from scipy.optimize import minimize_scalar

    def model(log_factor: float) -> NoiseModel:
        return NoiseModel(float(rate), float(np.exp(log_factor)), 0.0)

    def loss(log_factor: float) -> float:
        return -_log_likelihood(model(log_factor), logits, labels)

    found = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 0.01})
    return model(float(found.x))


def _log_likelihood(model: NoiseModel, logits: Floats, labels: Ints) -> float:
    proba = model.proba(logits, np.zeros_like(logits))
    own = proba[np.arange(len(labels)), labels]
    likely = (1 - model.noise) * own + model.noise * (1 - own) / (proba.shape[1] - 1)
    return float(np.log(np.maximum(likely, _TINY)).sum())


def _right(model: NoiseModel, logits: Floats, labels: Ints, answers: Ints) -> Floats:
    """Compute the probability float64 (n,) that each answer is the true class, given the label."""
    proba = model.proba(logits, np.zeros_like(logits))
    given = np.full_like(proba, model.noise / (proba.shape[1] - 1))
    given[np.arange(len(labels)), labels] = 1 - model.noise
    joint = proba * given
    return np.asarray(joint[np.arange(len(labels)), answers] / np.maximum(joint.sum(axis=1), _TINY))
