"""Pictures that backbones look at: whole photos, or what another room makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..backbones import BackboneSpec
from ..base import cores, in_chunks, ordered_map
from ..errors import MissingExtra, UnreadablePhoto
from ..photos import Photos, Scale, Window, pinned, squares

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = [
    "PARTS",
    "PictureSource",
    "WholePhotos",
    "hash_photos",
    "picture_batches",
    "picture_key",
]

PARTS: Mapping[str, Window] = {
    "left": (0.0, 0.0, 0.55, 1.0),
    "right": (0.45, 0.0, 1.0, 1.0),
    "top": (0.0, 0.0, 1.0, 0.55),
    "bottom": (0.0, 0.45, 1.0, 1.0),
    "top left": (0.0, 0.0, 0.55, 0.55),
    "top right": (0.45, 0.0, 1.0, 0.55),
    "bottom left": (0.0, 0.45, 0.55, 1.0),
    "bottom right": (0.45, 0.45, 1.0, 1.0),
}
"""The halves and quarters of a photo, which overlap a little, by name."""

_HASHED_TOGETHER = 16
_WAITING = 64  # decoded pictures of each thread, so that neither side waits for the other
_TRIM_RULE = 2  # raise when `trim` changes what a backbone sees


class PictureSource(Protocol):
    """Pictures in an order, each with a key of its content; safe to use from several threads."""

    @property
    def keys(self) -> Sequence[str]:
        """A key for each picture's content, under which features are kept; empty to leave out."""

    def name(self, item: int) -> str:
        """What a message calls a picture."""

    def pixels(self, item: int, specs: Sequence[BackboneSpec]) -> list[Pixels]:
        """A picture as each backbone sees it, uint8 (S, S, 3).

        Raises
        ------
        UnreadablePhoto, MissingExtra
            The photo behind it cannot be decoded.
        """


class WholePhotos:
    """Photos as pictures, whole or what is left of them inside their plain border.

    Parameters
    ----------
    photos : Photos
    hashes : sequence of str, optional
        SHA-256 of each photo's bytes, empty for photos to leave out; computed when keys are asked
        for and they are not given. From then on a photo that has changed cannot be decoded.
    trimmed : container of int, optional
        Rows whose plain border is cut off. Their keys are not those of the whole photos; equal
        contents must be treated alike.
    windows : mapping of int to Window, optional
        Rows of which only a part is seen, of the picture inside the border; no keys tell them from
        whole photos.
    scale : {"reduced", "whole"}
        How far large photos may be decoded at a reduced scale: features that a head is trained on
        are all of the first, answers of what the model wants (`pawlens.export.GraphFacts`).
    """

    def __init__(
        self,
        photos: Photos,
        hashes: Sequence[str] | None = None,
        *,
        trimmed: Container[int] = (),
        windows: Mapping[int, Window] | None = None,
        scale: Scale = "reduced",
    ) -> None:
        self._photos = photos if hashes is None else pinned(photos, hashes)
        self._hashes = hashes
        self._trimmed, self._windows, self._scale = trimmed, windows or {}, scale

    @cached_property
    def keys(self) -> list[str]:
        """The content hash of each photo, or another one where the border is cut off."""
        hashes = self._hashes
        if hashes is None:
            hashes = hash_photos(self._photos)
            self._photos = pinned(self._photos, hashes)
        return [
            picture_key(sha256, trimmed=row in self._trimmed) if sha256 else ""
            for row, sha256 in enumerate(hashes)
        ]

    @property
    def workers(self) -> int:
        """See `Photos.workers`."""
        return self._photos.workers

    def name(self, item: int) -> str:
        """The path of a photo."""
        return self._photos[item].path

    def pixels(self, item: int, specs: Sequence[BackboneSpec]) -> list[Pixels]:
        """A photo as each backbone sees it, uint8 (S, S, 3); see `PictureSource`."""
        return squares(
            self._photos.read_bytes(item),
            [(spec.input_size, spec.interpolation) for spec in specs],
            trimmed=item in self._trimmed,
            window=self._windows.get(item),
            scale=self._scale,
        )


def picture_batches(
    pictures: PictureSource, items: Iterable[int], specs: Sequence[BackboneSpec], batch_size: int
) -> Iterator[tuple[list[int], list[Pixels]]]:
    """Decode and resize pictures in threads, in order.

    Yields
    ------
    (items, inputs)
        Up to `batch_size` pictures that could be decoded, and for each spec their pixels, uint8
        (n, S, S, 3). Those that could not be decoded are left out.
    """

    def pixels(item: int) -> list[Pixels] | None:
        try:
            return pictures.pixels(item, specs)
        except (UnreadablePhoto, MissingExtra):
            return None

    def prepare(chunk: Sequence[int]) -> tuple[list[int], list[Pixels]]:
        decoded = [(item, squares) for item in chunk if (squares := pixels(item)) is not None]
        return [item for item, _ in decoded], [
            np.stack(squares) for squares in zip(*(squares for _, squares in decoded), strict=True)
        ]

    workers: int = getattr(pictures, "workers", cores())
    chunks, ahead = in_chunks(items, batch_size), max(2, _WAITING // batch_size)
    for batch in ordered_map(prepare, chunks, workers=workers, ahead=ahead):
        if batch[0]:
            yield batch


def hash_photos(photos: Photos) -> list[str]:
    """SHA-256 of each photo's bytes in hexadecimal; empty where they cannot be read."""

    def digests(chunk: Sequence[int]) -> list[str]:
        return [_digest(photos, row) for row in chunk]

    chunks = in_chunks(range(len(photos)), _HASHED_TOGETHER)
    return [
        sha256 for part in ordered_map(digests, chunks, workers=photos.workers) for sha256 in part
    ]


def _digest(photos: Photos, row: int) -> str:
    try:
        return hashlib.sha256(photos.read_bytes(row)).hexdigest()
    except UnreadablePhoto:
        return ""


def picture_key(sha256: str, *, trimmed: bool) -> str:
    """The key of a photo, whole or inside its plain border, by the SHA-256 of its bytes."""
    if not trimmed:
        return sha256
    return hashlib.sha256(f"trim {_TRIM_RULE} {sha256}".encode()).hexdigest()
