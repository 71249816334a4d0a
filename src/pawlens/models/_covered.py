"""Where an answer comes from, of any graph: places are covered, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Engine
from ..export import CELLS

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats32 = npt.NDArray[np.float32]
    Batches = Iterable[tuple[list[int], list[Pixels]]]

__all__ = ["covered_maps"]

_PLACES = 5  # along a side; each place is an answer more
_GRID = round(CELLS**0.5)


def covered_maps(engine: Engine, batches: Batches) -> Iterator[tuple[list[int], Floats32]]:
    """Compute how much answers change when places are covered with the photo's mean colour.

    Parameters
    ----------
    engine : Engine
        Its answers may be of any kind: probabilities or features.
    batches : iterable of (rows, pixels)
        One uint8 array (n, S, S, 3) for each input of the graph.

    Yields
    ------
    (rows, maps)
        float32 (n, CELLS), for `find_window`.
    """
    looks = 1 + _PLACES**2
    kept: list[Floats32] = []
    for rows, answers in engine.run(_covered(batches)):
        kept.append(answers)
        if len(kept) == looks:
            changes = np.abs(np.stack(kept[1:]) - kept[0]).sum(axis=-1)  # (places, n)
            yield rows, _enlarged(changes.T)
            kept = []


def _covered(batches: Batches) -> Batches:
    """Yield each batch whole, then with each of its places covered, row by row."""
    for rows, pixels in batches:
        yield rows, pixels
        for place in range(_PLACES**2):
            yield rows, [_cover(squares, *divmod(place, _PLACES)) for squares in pixels]


def _cover(squares: Pixels, down: int, across: int) -> Pixels:
    side = squares.shape[1]
    edges = [round(i * side / _PLACES) for i in range(_PLACES + 1)]
    covered = squares.copy()
    mean = squares.mean((1, 2), keepdims=True).astype(np.uint8)
    covered[:, edges[down] : edges[down + 1], edges[across] : edges[across + 1]] = mean
    return covered


def _enlarged(changes: npt.NDArray[np.floating]) -> Floats32:
    """Bring maps (n, places) to the cells of other maps, float32 (n, CELLS)."""
    from PIL import Image

    grids = changes.astype(np.float32).reshape(-1, _PLACES, _PLACES)
    grown = [Image.fromarray(g).resize((_GRID, _GRID), Image.Resampling.BILINEAR) for g in grids]
    return np.stack([np.asarray(one, np.float32).reshape(-1) for one in grown])
