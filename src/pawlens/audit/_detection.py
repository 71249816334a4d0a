"""The result of a detector for every photo, for one kind of flaw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

__all__ = ["Detection", "from_ratio"]


@dataclass(frozen=True)
class Detection:
    """Scores of one kind for all photos.

    Attributes
    ----------
    kind : str
    score : ndarray of float64, shape (n,)
        Score from 0 to 1, higher is more suspicious; NaN where the kind does not apply.
    found : ndarray of bool, shape (n,)
        The photos that are of this kind.
    why : dict of int to str
        Reason in words by row, for the photos found.
    suggestion : dict of int to str
        Suggested action by row, where there is one: ``"drop"``, ``"relabel:CLASS"``, ``"trim"``.
    """

    kind: str
    score: Floats
    found: Flags
    why: dict[int, str]
    suggestion: dict[int, str] = field(default_factory=dict)


def from_ratio(ratio: Floats | float) -> Floats:
    """Score a quantity by its ratio to the threshold: 0.5 at 1, towards 1 far beyond."""
    bounded = np.minimum(ratio, 1e9)
    return np.asarray(bounded / (1 + bounded), np.float64)
