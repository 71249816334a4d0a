"""The photos worth looking at: answered wrong with confidence, or hardly answered at all."""

from __future__ import annotations

import numpy as np

from ._interval import Floats, Ints

__all__ = ["most_uncertain", "most_wrong"]


def most_wrong(y: Ints, proba: Floats, per_class: int = 12) -> list[Ints]:
    """Find the wrongly answered photos of each class, the largest loss first.

    These are often not the model's fault: a wrong label, two animals, or neither.

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (n, K)
        Probabilities of the classes.
    per_class : int
        Largest number of photos of a class.

    Returns
    -------
    list of ndarray of int64, length K
        Row numbers of the photos of each class; empty where a class has no wrong answer.
    """
    belief = proba[np.arange(len(y)), y]
    return _first_of_each(y, proba.shape[1], belief, proba.argmax(axis=1) != y, per_class)


def most_uncertain(y: Ints, proba: Floats, per_class: int = 12) -> list[Ints]:
    """Find the photos of each class whose two likeliest answers are nearest to each other.

    Parameters and result are those of `most_wrong`; right answers are among them.
    """
    second, first = np.partition(proba, (-2, -1), axis=1)[:, -2:].T
    return _first_of_each(y, proba.shape[1], first - second, np.ones(len(y), bool), per_class)


def _first_of_each(
    y: Ints, k: int, key: Floats, wanted: np.typing.NDArray[np.bool_], count: int
) -> list[Ints]:
    order = np.argsort(key, kind="stable")
    order = order[wanted[order]]
    return [order[y[order] == c][:count] for c in range(k)]
