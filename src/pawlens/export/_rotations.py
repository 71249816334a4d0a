"""Photos that may lie on a side: every quarter turn is answered, and the answers are joined."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from .._parallel import Progress
from ..backbones import BackboneSpec, Engine
from ..features import photo_batches
from ..photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats32 = npt.NDArray[np.float32]
    Floats = npt.NDArray[np.float64]

__all__ = ["QUARTERS", "answer_photos", "answer_turned", "join_turns"]

QUARTERS = 4
_UPRIGHT = 9.0  # how much likelier a photo is to stand than to lie one certain way
_SURE = 1e-6  # closer to certainty, one turn would outweigh all others


def answer_photos(
    engine: Engine,
    photos: Photos,
    specs: Sequence[BackboneSpec],
    *,
    trimmed: Container[int] = (),
    rotations: bool = False,
    progress: Progress | None = None,
) -> Iterator[tuple[list[int], Floats32]]:
    """Answers of an engine for all photos that can be decoded, as `answer_turned` yields them."""
    rows = range(len(photos))
    batches = photo_batches(photos, rows, specs, engine.batch_size, trimmed=trimmed)
    done = 0
    for some, turns in answer_turned(engine, batches, rotations=rotations):
        yield some, turns
        done += len(some)
        if progress is not None:
            progress("predicting", done, len(photos))


def answer_turned(
    engine: Engine, batches: Iterable[tuple[list[int], list[Pixels]]], *, rotations: bool
) -> Iterator[tuple[list[int], Floats32]]:
    """Run batches as they are, or turned by every quarter.

    The square input is turned, not the photo: that is the same picture, decoded once.

    Yields
    ------
    (rows, answers)
        float32 [T, n, D], T being 1, or 4: upright, then turned by 90, 180 and 270 degrees
        against the clock.
    """
    turns = QUARTERS if rotations else 1
    kept: list[Floats32] = []
    for rows, answers in engine.run(_turned(batches, turns)):
        kept.append(answers)
        if len(kept) == turns:
            yield rows, np.stack(kept)
            kept = []


def join_turns(proba: npt.NDArray[np.floating]) -> Floats:
    """Join the probabilities of a photo's turns: a mean in which certainty and upright count more.

    A network is surest of the turn that it knows, so a turn weighs as much as the odds of its
    best class; as photos stand far more often than they lie, the first one weighs nine times that.

    Parameters
    ----------
    proba : ndarray, shape (T, n, K)

    Returns
    -------
    ndarray of float64, shape (n, K)
    """
    each = np.asarray(proba, np.float64)
    if len(each) == 1:
        return np.asarray(each[0])
    best = np.clip(each.max(axis=2, keepdims=True), _SURE, 1 - _SURE)
    weights = best / (1 - best)
    weights[0] *= _UPRIGHT
    return np.asarray((weights * each).sum(axis=0) / weights.sum(axis=0))


def _turned(
    batches: Iterable[tuple[list[int], list[Pixels]]], turns: int
) -> Iterator[tuple[list[int], list[Pixels]]]:
    for rows, inputs in batches:
        for quarter in range(turns):
            yield (
                rows,
                [np.ascontiguousarray(np.rot90(one, quarter, axes=(1, 2))) for one in inputs],
            )
