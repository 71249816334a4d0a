"""Prediction sets: the labels among which the true one lies with a promised probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import UsageError
from ..metrics import Floats, Ints

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["LabelSets", "fit_sets"]

_ALWAYS = 0.0  # a probability that every label has: too little is known of its class


@dataclass(frozen=True)
class LabelSets:
    """The rule that makes a set of labels of the probabilities of a photo.

    A label is in the set where its probability reaches the threshold of its class. The most
    probable label always is, so that no set is empty.

    Attributes
    ----------
    coverage : float
        The promised share of sets that hold the true label, for photos like those of training.
    thresholds : tuple of float, length K
        Least probability of a label that is in the set, by class.
    by_class : bool
        Whether the promise is made for the photos of each class, rather than for all together.

    Examples
    --------
    >>> import numpy as np
    >>> sets = LabelSets(0.95, (0.3, 0.3), by_class=False)
    >>> sets.members(np.array([[0.99, 0.01], [0.6, 0.4]]))
    array([[ True, False],
           [ True,  True]])
    """

    coverage: float
    thresholds: tuple[float, ...]
    by_class: bool

    def members(self, proba: Floats) -> Bools:
        """Say which labels are in the sets of n photos.

        Parameters
        ----------
        proba : ndarray of float64, shape (n, K)

        Returns
        -------
        ndarray of bool, shape (n, K)
            All False in the row of a photo without an answer (NaN).
        """
        known = np.isfinite(proba).all(axis=1)
        inside = np.zeros(proba.shape, bool)
        inside[proba >= np.array(self.thresholds, np.float64)] = True
        inside[np.arange(len(proba)), np.nan_to_num(proba).argmax(axis=1)] = True
        inside[~known] = False
        return inside

    def as_json(self) -> dict[str, Any]:
        """Return the fields as JSON has them."""
        return {**self.__dict__, "thresholds": list(self.thresholds)}

    @classmethod
    def from_json(cls, data: Any) -> LabelSets:
        """Read what `as_json` gave; ValueError with the reason where it did not."""
        try:
            rule = cls(**{**data, "thresholds": tuple(map(float, data["thresholds"]))})
            fits = 0 < rule.coverage < 1 and np.isfinite(rule.thresholds).all()
        except (TypeError, KeyError) as error:
            raise ValueError("the rule of sets is damaged") from error
        if not fits or not isinstance(rule.by_class, bool):
            raise ValueError("a value of the rule of sets is out of range")
        return rule


def fit_sets(
    y: Ints,
    proba: Floats,
    coverage: float,
    *,
    by_class: bool = False,
    groups: Ints | None = None,
) -> LabelSets:
    """Find the thresholds that keep a promised coverage on photos not yet seen.

    They are conformal: quantiles of the probabilities of true labels under models that had not seen
    the photo (cross-conformal prediction, Vovk 2015), with one imagined photo that fits worse than
    all. Thresholds on the probability make the smallest sets that keep a promise (Sadinle, Lei and
    Wasserman 2019). It holds for photos that are exchangeable with these: of the same sources, in
    the same shares. A group of photos is one piece of evidence (Lee, Barber and Willett 2023).

    Parameters
    ----------
    y : ndarray of int64, shape (n,)
        True class of each photo.
    proba : ndarray of float64, shape (n, K)
        Out-of-fold probabilities.
    coverage : float
        The promised share, above 0 and below 1.
    by_class : bool
        Whether to keep the promise within each class. A class of fewer than about
        ``1 / (1 - coverage)`` photos is then in every set.
    groups : ndarray of int64, shape (n,), optional
        Photos with equal numbers are of one group.

    Returns
    -------
    LabelSets

    Raises
    ------
    UsageError
        The coverage is no share.

    Examples
    --------
    >>> import numpy as np
    >>> right = np.linspace(0.5, 1, 20)
    >>> sets = fit_sets(np.zeros(20, np.int64), np.column_stack([right, 1 - right]), 0.9)
    >>> f"{sets.thresholds[0]:.3f}"
    '0.526'
    """
    if not 0 < coverage < 1:
        raise UsageError(f"sets = {coverage:g}: give a share above 0 and below 1, as 0.95")
    own = proba[np.arange(len(y)), y]
    k = proba.shape[1]
    each = np.arange(len(y)) if groups is None else np.asarray(groups)
    if not by_class:
        return LabelSets(coverage, (_threshold(own, each, coverage),) * k, by_class)
    cuts = tuple(_threshold(own[y == c], each[y == c], coverage) for c in range(k))
    return LabelSets(coverage, cuts, by_class)


def _threshold(own: Floats, groups: Ints, share: float) -> float:
    """Return the conformal quantile: each group has one vote, and so has one that fits worst."""
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(-own, kind="stable")
    votes = np.cumsum(1 / sizes[group[order]])
    wanted = share * (len(sizes) + 1) - 1e-9  # the sum of votes is not exact
    place = int(np.searchsorted(votes, wanted))
    return float(own[order[place]]) if place < len(own) else _ALWAYS
