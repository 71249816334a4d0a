"""Widths, heights and shapes of photos, and which of them are far from all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ._headers import Header
from ._scan import Scan

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

__all__ = ["NAMED_SHAPES", "Odd", "Shapes", "measure_shapes"]

NAMED_SHAPES = {
    "1:2": 1 / 2,
    "9:16": 9 / 16,
    "2:3": 2 / 3,
    "3:4": 3 / 4,
    "1:1": 1.0,
    "4:3": 4 / 3,
    "3:2": 3 / 2,
    "16:9": 16 / 9,
    "2:1": 2.0,
}
"""Width by height of the shapes that have a name."""

_NAMED_WITHIN = 0.02  # relative; 500 x 374 is a 4:3
_TAIL = 100  # one photo in so many may be odd, and no more
_FEWEST = 3  # that may be odd, however few photos there are
_ENOUGH = 20  # photos, to say what is odd among them
_BEYOND = 1.5  # times what all but the tail have


class Odd(NamedTuple):
    """A photo far from the others.

    Attributes
    ----------
    row : int
    kind : str
        ``"larger"``, ``"smaller"`` or ``"longer"`` (its longer side by its shorter one).
    """

    row: int
    kind: str


@dataclass(frozen=True)
class Shapes:
    """Sizes of the readable photos, turned upright.

    Attributes
    ----------
    row : ndarray of int64, shape (n,)
        Row of each readable photo.
    width, height : ndarray of int64, shape (n,)
        In pixels.
    odd : list of Odd
        At most one in a hundred, or three, of each kind; the farthest first.
    """

    row: Ints
    width: Ints
    height: Ints
    odd: list[Odd]

    @property
    def longer(self) -> Ints:
        """Longer side of each photo, in pixels."""
        return np.maximum(self.width, self.height)

    @property
    def shorter(self) -> Ints:
        """Shorter side of each photo, in pixels."""
        return np.minimum(self.width, self.height)

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        """Number of photos of each width and height."""
        return Counter(zip(self.width.tolist(), self.height.tolist(), strict=True))

    @property
    def named(self) -> dict[str, int]:
        """Number of photos of each named shape, within 2 %; the most frequent first."""
        ratio = self.width / self.height
        count = {
            name: int((np.abs(ratio / named_ratio - 1) <= _NAMED_WITHIN).sum())
            for name, named_ratio in NAMED_SHAPES.items()
        }
        return {n: c for n, c in sorted(count.items(), key=lambda item: -item[1]) if c}

    @property
    def within_two(self) -> int:
        """Number of photos with a shape between 1:2 and 2:1."""
        return int((self.longer <= 2 * self.shorter).sum())


def measure_shapes(scans: Sequence[Scan], headers: Sequence[Header]) -> Shapes:
    """Measure the shapes of photos from their scans and headers."""
    rows, wide, high = [], [], []
    for row, (scan, header) in enumerate(zip(scans, headers, strict=True)):
        if scan.problem:
            continue
        rows.append(row)
        turned = header.on_its_side
        wide.append(scan.height if turned else scan.width)
        high.append(scan.width if turned else scan.height)
    at, width, height = (np.array(values, np.int64) for values in (rows, wide, high))
    return Shapes(at, width, height, _odd(at, width, height))


def _odd(row: Ints, width: Ints, height: Ints) -> list[Odd]:
    longer, shorter = np.maximum(width, height), np.minimum(width, height)
    measures = {"larger": longer, "smaller": 1 / np.maximum(shorter, 1), "longer": longer / shorter}
    return [
        Odd(int(row[i]), kind)
        for kind, values in measures.items()
        for i in _far(values.astype(np.float64))
    ]


def _far(values: Floats) -> list[int]:
    """Return where a value is beyond 1.5 times the largest of all but the tail, farthest first.

    A fence from quartiles would fail here: many sets have a limit that most photos reach, and a
    long tail on the other side.
    """
    if len(values) < _ENOUGH:
        return []
    order = np.argsort(-values, kind="stable")
    tail = max(_FEWEST, len(values) // _TAIL)
    usual = values[order[tail]]
    return [int(i) for i in order[:tail] if values[i] > _BEYOND * usual]
