"""Slices: photos on which a classifier may be worse than on the others, all tested together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, Interval, Ints, holm
from ._short_numbers import short_numbers
from ._worst_slice import find_worst

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["Slice", "Slices", "measure_slices"]

_FEWEST = 20  # photos of a slice, and outside it
_VALUES = 12  # values of a trait that are told apart
_PARTS = 4  # that a trait of numbers is cut into
_PERMUTATIONS = 4999
_AT_ONCE = 250
_LEVEL = 0.05


@dataclass(frozen=True)
class Slice:
    """Photos that share the value of a trait, and how they were answered.

    Attributes
    ----------
    trait, value : str
        In words, such as ``brightness`` and ``under 0.31``.
    photos : int
        Photos; those of one group count as one.
    accuracy, log_loss : Interval
        With intervals that hold together for all slices.
    p : float
        P value of its being worse than the others, in accuracy or log loss, corrected for the
        number of slices (Holm).
    verdict : str
        ``worse`` or ``no real difference``.
    """

    trait: str
    value: str
    photos: int
    accuracy: Interval
    log_loss: Interval
    p: float
    verdict: str


@dataclass(frozen=True)
class Slices:
    """All slices of some photos, the worst first.

    Attributes
    ----------
    photos : int
        Photos that were measured; those of one group count as one.
    slices : list of Slice
    worst : Slice or None
        The worst combination of traits: found on one half of the photos, measured on the other.
    """

    photos: int
    slices: list[Slice]
    worst: Slice | None

    @property
    def worse(self) -> list[Slice]:
        """The slices that are really worse."""
        return [one for one in self.slices if one.verdict == "worse"]

    def in_words(self) -> str:
        """Say which slices are worse, in a sentence or two."""
        traits = dict.fromkeys(one.trait for one in self.slices)
        if not traits:
            return f"Of {self.photos:,} photos no trait has two values with {_FEWEST} photos each."
        looked = f"{len(self.slices)} slices of {self.photos:,} photos by {', '.join(traits)}"
        if not self.worse:
            text = f"Of {looked}, none is measurably worse than the other photos."
        else:
            named = "; ".join(
                f"{one.trait} {one.value}, {one.accuracy:.1%} right" for one in self.worse[:3]
            )
            more = len(self.worse) - 3
            count = len(self.worse)
            verb = "is" if count == 1 else "are"
            text = f"Of {looked}, {count} {verb} measurably worse than the other photos: {named}"
            text += f" and {more} more." if more > 0 else "."
        if self.worst is not None and self.worst.verdict == "worse":
            text += f" The worst combination: {self.worst.value}, {self.worst.accuracy:.1%} right."
        return text

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "photos": self.photos,
            "in_words": self.in_words(),
            "slices": [asdict(one) for one in self.slices],
            "worst": None if self.worst is None else asdict(self.worst),
        }


def measure_slices(
    right: Bools,
    losses: Floats,
    traits: Mapping[str, Sequence[str] | Floats],
    *,
    groups: Ints | None = None,
    seed: int = 0,
) -> Slices:
    """Measure how photos with each value of each trait were answered, beside all others.

    Texts are told apart by their 12 commonest values, numbers are cut at their quartiles; slices
    of fewer than 20 photos are left out. Whether a slice is worse is tested by permutation, one
    test for accuracy and one for log loss, all of them corrected together (Holm 1979): where no
    slice is worse, one is called so in at most 5 of 100 sets of photos. The worst combination is
    found by a tree of depth 3 on half of the photos and tested on the other half.

    Parameters
    ----------
    right : ndarray of bool, shape (n,)
        Whether each photo was answered right by a model that it did not train.
    losses : ndarray of float64, shape (n,)
        Log loss of each photo.
    traits : mapping of str to sequence of str, or ndarray of float64, of length n
        Values by the name of the trait; empty or NaN where unknown.
    groups : ndarray of int64, shape (n,), optional
        Photos of a group share a number and count as one, with the traits of its first.
    seed : int

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> camera = np.repeat(["old", "new"], [100, 300])
    >>> right = rng.random(400) < np.where(camera == "old", 0.6, 0.95)
    >>> found = measure_slices(right, np.where(right, 0.1, 2.0), {"camera": camera.tolist()})
    >>> [(one.value, one.verdict) for one in found.slices]
    [('old', 'worse'), ('new', 'no real difference')]
    """
    values = {name: _as_array(column) for name, column in traits.items()}
    outcomes = np.column_stack([~right, losses]).astype(np.float64)
    if groups is not None:
        outcomes, values = _one_of_each_group(outcomes, values, groups)
    named = [
        (trait, value, rows)
        for trait, column in values.items()
        for value, rows in _parts(column)
        if _FEWEST <= rows.sum() <= len(rows) - _FEWEST
    ]
    worst = find_worst(outcomes, values, fewest=_FEWEST, seed=seed)
    tested = _p_values(outcomes, [rows for _, _, rows in named], seed)
    if worst is not None:
        own = outcomes[worst.held_out]
        tested = np.vstack([tested, _p_values(own, [worst.rows], seed)])
    corrected = holm(tested.reshape(-1).tolist()).reshape(-1, 2).min(axis=1, initial=1.0)
    level = _LEVEL / max(1, len(tested))
    slices = [
        _slice(trait, value, outcomes[rows], float(p), level)
        for (trait, value, rows), p in zip(named, corrected, strict=False)
    ]
    slices.sort(key=lambda one: (one.p, one.accuracy.value))
    combined = None
    if worst is not None:
        own = outcomes[worst.held_out][worst.rows]
        combined = _slice("combination", worst.in_words, own, float(corrected[-1]), level)
    return Slices(len(outcomes), slices, combined)


def _as_array(column: Sequence[str] | Floats) -> Any:
    found = np.asarray(column)
    return found.astype(np.float64) if found.dtype.kind in "fiub" else found.astype(object)


def _one_of_each_group(
    outcomes: Floats, values: dict[str, Any], groups: Ints
) -> tuple[Floats, dict[str, Any]]:
    _, first, place = np.unique(groups, return_index=True, return_inverse=True)
    sizes = np.bincount(place)[:, None]
    sums = np.column_stack([np.bincount(place, column) for column in outcomes.T])
    return sums / sizes, {name: column[first] for name, column in values.items()}


def _parts(column: Any) -> list[tuple[str, Bools]]:
    """Return the values of a trait in words, with the photos that have them."""
    if column.dtype == object:
        kinds, counts = np.unique([str(v) for v in column if v], return_counts=True)
        commonest = kinds[np.argsort(-counts, kind="stable")][:_VALUES]
        return [(str(kind), np.array([v == kind for v in column], bool)) for kind in commonest]
    known = column[np.isfinite(column)]
    if not len(known):
        return []
    shares = np.linspace(0, 1, _PARTS + 1)[1:-1]
    edges = np.unique(np.quantile(known, shares, method="higher"))  # values that are there
    ends = [-np.inf, *edges.tolist(), np.inf]
    words = ["", *short_numbers(edges.tolist()), ""]
    return [
        (_between(*ends_in_words), (column >= low) & (column < high))
        for ends_in_words, (low, high) in zip(pairwise(words), pairwise(ends), strict=True)
    ]


def _between(low: str, high: str) -> str:
    """Say which numbers a part has, from its ends in words; an end that is open is empty."""
    if not low:
        return f"under {high}"
    return f"from {low}" + (f" to {high}" if high else "")


def _p_values(outcomes: Floats, slices: list[Bools], seed: int) -> Floats:
    """Test whether each slice is worse than the others, float64 (S, 2): accuracy and log loss."""
    if not slices:
        return np.empty((0, 2))
    member = np.array(slices, np.float64)
    rng = np.random.default_rng(seed)
    own = member @ outcomes
    reached = np.ones_like(own)
    for start in range(0, _PERMUTATIONS, _AT_ONCE):
        count = min(_AT_ONCE, _PERMUTATIONS - start)
        orders = rng.permuted(np.tile(np.arange(len(outcomes)), (count, 1)), axis=1)
        for column in range(2):
            sums = member @ outcomes[orders, column].T
            reached[:, column] += (sums >= own[:, [column]] - 1e-9).sum(axis=1)
    return np.asarray(reached / (_PERMUTATIONS + 1))


def _slice(trait: str, value: str, outcomes: Floats, p: float, level: float) -> Slice:
    wrong, losses = outcomes[:, 0], outcomes[:, 1]
    low, high = _exact(float((1 - wrong).sum()), len(wrong), level)
    accuracy = Interval(float(1 - wrong.mean()), low, high)
    return Slice(
        trait,
        value,
        len(outcomes),
        accuracy,
        _of_mean(losses, level),
        p,
        "worse" if p < _LEVEL else "no real difference",
    )


def _exact(hits: float, trials: int, level: float) -> tuple[float, float]:
    """Compute the exact interval of a share at one level (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    low = float(beta.ppf(level / 2, hits, trials - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(1 - level / 2, hits + 1, trials - hits)) if hits < trials else 1.0
    return low, high


def _of_mean(losses: Floats, level: float) -> Interval:
    """Compute the interval of a mean loss at one level, by Student's distribution."""
    from scipy.stats import t

    spread = float(
        losses.std(ddof=1) / np.sqrt(len(losses)) * t.ppf(1 - level / 2, len(losses) - 1)
    )
    value = float(losses.mean())
    return Interval(value, max(0.0, value - spread), value + spread)
