"""The interface of inference engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]

__all__ = ["PRECISIONS", "Engine", "Precision", "padded"]

Tag = TypeVar("Tag")

Precision = Literal["auto", "f32", "bf16", "int8"]
PRECISIONS: tuple[Precision, ...] = ("auto", "f32", "bf16", "int8")


class Engine(Protocol):
    """Runs a graph over batches of photos.

    Attributes
    ----------
    batch_size : int
        Photos in a full batch.
    precision : str
        The precision in use: ``"f32"``, ``"bf16"`` or ``"int8"``; never ``"auto"``.
    device : str
        ``"cpu"`` or ``"cuda"``.
    """

    batch_size: int
    precision: str
    device: str

    def run(self, batches: Iterable[tuple[Tag, Sequence[Pixels]]]) -> Iterator[tuple[Tag, Floats]]:
        """Stream batches through the graph, in order.

        Parameters
        ----------
        batches : iterable of (tag, inputs)
            A tag is handed back with the answer. `inputs` holds one uint8 (n, S, S, 3) RGB array
            for each input of the graph, n at most `batch_size`.

        Yields
        ------
        (tag, outputs)
            The tag, and features float32 (n, D).
        """


def padded(pixels: Pixels, size: int) -> Pixels:
    """Fill a short last batch up to `size` with its first photo.

    A graph that always sees one batch size gives a photo the same features bit by bit, wherever
    in the stream it comes: that is what lets a resumed run equal an uninterrupted one.
    """
    if len(pixels) == size:
        return pixels
    return np.concatenate([pixels, np.repeat(pixels[:1], size - len(pixels), axis=0)])
