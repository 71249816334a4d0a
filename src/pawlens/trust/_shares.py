"""Shares of classes among photos without labels, corrected for the errors of the answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..metrics import Floats, clopper_pearson

__all__ = ["ClassShares", "class_shares", "with_shares"]

_DRAWS = 400
_STEPS = 200
_ENOUGH = 1e-7


@dataclass(frozen=True)
class ClassShares:
    """Shares of the classes among new photos.

    Attributes
    ----------
    answered : ndarray of float64, shape (K,)
        Share of the photos that is answered with each class.
    answered_low, answered_high : ndarray of float64, shape (K,)
        Ends of its exact 95 % interval.
    true : ndarray of float64, shape (K,)
        Share of the photos that is of each class, as far as probabilities tell.
    true_low, true_high : ndarray of float64, shape (K,)
        Ends of its 95 % interval, by the bootstrap.
    """

    answered: Floats
    answered_low: Floats
    answered_high: Floats
    true: Floats
    true_low: Floats
    true_high: Floats


def class_shares(proba: Floats, trained: Floats, *, seed: int = 0) -> ClassShares:
    """Estimate the shares of the classes among new photos.

    The true shares are those under which the probabilities, corrected for them, have these very
    shares as their mean: maximum likelihood by expectation and maximisation (Saerens, Latinne and
    Decaestecker 2002). It holds where nothing but the shares has changed and the probabilities are
    calibrated.

    Parameters
    ----------
    proba : ndarray of float64, shape (n, K)
        Calibrated probabilities of the new photos.
    trained : ndarray of float64, shape (K,)
        Shares of the classes that the model was trained and calibrated on.
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> proba = np.repeat([[0.9, 0.1], [0.1, 0.9]], [80, 20], axis=0)
    >>> found = class_shares(proba, np.array([0.5, 0.5]))
    >>> found.answered.round(2).tolist(), found.true.round(2).tolist()
    ([0.8, 0.2], [0.88, 0.12])
    """
    n, k = proba.shape
    counts = np.bincount(proba.argmax(axis=1), minlength=k)
    low, high = clopper_pearson(counts, n)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=_DRAWS).astype(np.float64)
    shares = _estimate(proba, trained, np.vstack([np.ones(n), drawn]))
    ends = np.quantile(shares[1:], (0.025, 0.975), axis=0)
    true = shares[0]
    return ClassShares(
        counts / n, low, high, true, np.minimum(ends[0], true), np.maximum(ends[1], true)
    )


def _estimate(proba: Floats, trained: Floats, weights: Floats) -> Floats:
    """Estimate the shares float64 (B, K) for each of B weightings of the photos, float64 (B, n)."""
    least = np.maximum(trained, 1e-6)
    shares = np.repeat((trained / trained.sum())[None], len(weights), axis=0)
    total = weights.sum(axis=1, keepdims=True)
    for _ in range(_STEPS):
        ratio = shares / least
        evidence = ratio @ proba.T  # (B, n)
        moved = ratio * ((weights / np.maximum(evidence, 1e-300)) @ proba) / total
        if np.abs(moved - shares).max() < _ENOUGH:
            return np.asarray(moved)
        shares = moved
    return np.asarray(shares)


def with_shares(proba: Floats, trained: Floats, shares: Floats) -> Floats:
    """Correct probabilities float64 (n, K) for other shares of the classes, by Bayes' rule."""
    moved = proba * (shares / np.maximum(trained, 1e-6))
    return np.asarray(moved / np.maximum(moved.sum(axis=1, keepdims=True), 1e-300))
