"""Varied copies of photos, as pictures of their own that any backbone can look at."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import BackboneSpec
from ..base import require
from ..photos import Photos, pinned, resize, square
from ..recipes import Augment
from ._augment import augment

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["VariedCopies"]


class VariedCopies:
    """Varied copies of photos; each is drawn when it is looked at.

    Copy number e of a photo is what epoch e of a training with that seed sees of it, at the
    backbone's input size. The first copies of all `rows` come before the second ones.

    Parameters
    ----------
    photos : Photos
    rows : sequence of int
        The photos to copy.
    hashes : sequence of str
        SHA-256 of each photo of the table, in hexadecimal.
    values : Augment
    spec : BackboneSpec
        Its input size and interpolation are those of the copies.
    copies : int
        How many copies of each photo there are.
    seed : int

    Attributes
    ----------
    keys : list of str
        For each copy a SHA-256 of all that decides its pixels.
    """

    def __init__(
        self,
        photos: Photos,
        rows: Sequence[int],
        hashes: Sequence[str],
        *,
        values: Augment,
        spec: BackboneSpec,
        copies: int,
        seed: int,
    ) -> None:
        require("torch", extra="torch")  # without it no photo could be drawn, whatever is in it
        self._photos, self._hashes = pinned(photos, hashes), hashes
        self._values, self._spec, self._seed = values, spec, seed
        self._copies = [(epoch, row) for epoch in range(copies) for row in rows]
        rule = [values.model_dump_json(), spec.preprocessing_hash, seed]
        self.keys = [
            hashlib.sha256(repr([hashes[row], epoch, *rule]).encode()).hexdigest()
            for epoch, row in self._copies
        ]

    def __len__(self) -> int:
        return len(self._copies)

    def name(self, item: int) -> str:
        """The number of a copy and the path of its photo."""
        epoch, row = self._copies[item]
        return f"copy {epoch} of {self._photos[row].path}"

    def pixels(self, item: int, specs: Sequence[BackboneSpec]) -> list[Pixels]:
        """A copy as each backbone sees it, uint8 (S, S, 3); see `PictureSource`."""
        copy = self.draw(item)
        return [resize(copy, spec.input_size, spec.interpolation) for spec in specs]

    def draw(self, item: int) -> Pixels:
        """The pixels of a copy, uint8 (S, S, 3).

        Raises
        ------
        UnreadablePhoto
            The photo cannot be decoded any more.
        """
        torch = require("torch", extra="torch")
        epoch, row = self._copies[item]
        size = self._spec.input_size
        pixels = square(self._photos.read_bytes(row), size, self._spec.interpolation)
        batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
        number = int(self._hashes[row][:15], 16)  # as in training
        varied = augment(
            batch, [number], epoch=epoch, seed=self._seed, values=self._values, size=size
        )
        copy: Pixels = varied[0].round().byte().permute(1, 2, 0).numpy()
        return copy
