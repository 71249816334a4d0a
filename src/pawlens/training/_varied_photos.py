"""Augmented copies of photos as a table of photos, which any extractor can read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..backbones import BackboneSpec
from ..base import require
from ..errors import UnreadablePhoto
from ..photos import Photo, Photos, resize
from ..recipes import Augment
from ._augment import augment

__all__ = ["varied_copies"]


def varied_copies(
    photos: Photos,
    rows: Sequence[int],
    hashes: Sequence[str],
    *,
    values: Augment,
    spec: BackboneSpec,
    copies: int,
    seed: int,
) -> tuple[Photos, list[str]]:
    """Make a table of augmented copies; each is drawn when it is read.

    Copy number e of a photo is what epoch e of a training with that seed sees of it, at the
    backbone's input size.

    Parameters
    ----------
    photos : Photos
    rows : sequence of int
        The photos to copy.
    hashes : sequence of str
        SHA-256 of each photo of the table, in hexadecimal.
    values : Augment
    spec : BackboneSpec
        Spec with the input size and the interpolation of the copies.
    copies : int
        Number of copies of each photo.
    seed : int

    Returns
    -------
    table : Photos
        All first copies in the order of `rows`, then all second ones.
    keys : list of str
        For each copy a SHA-256 of all that decides its pixels.
    """
    store = _Copies(photos, rows, hashes, values, spec, seed)
    names = [f"{epoch}/{row}.bmp" for epoch in range(copies) for row in rows]
    rule = [values.model_dump_json(), spec.preprocessing_hash, seed]
    keys = [
        hashlib.sha256(repr([hashes[row], epoch, *rule]).encode()).hexdigest()
        for epoch in range(copies)
        for row in rows
    ]
    return Photos([Photo(name) for name in names], store, name=photos.name), keys


class _Copies:
    """A store of copies: ``EPOCH/ROW.bmp``."""

    def __init__(
        self,
        photos: Photos,
        rows: Sequence[int],
        hashes: Sequence[str],
        values: Augment,
        spec: BackboneSpec,
        seed: int,
    ) -> None:
        self.location = Path(photos.location)
        self._photos, self._rows, self._hashes = photos, rows, hashes
        self._values, self._spec, self._seed = values, spec, seed

    def names(self) -> list[str]:
        return sorted(f"0/{row}.bmp" for row in self._rows)

    def head(self, name: str) -> bytes:
        return self.read(name)[:16]

    def read(self, name: str) -> bytes:
        from PIL import Image

        epoch, _, number = name.removesuffix(".bmp").partition("/")
        if not (epoch.isdigit() and number.isdigit()):
            raise UnreadablePhoto("no copy of these photos")
        torch = require("torch", extra="torch")
        row, size = int(number), self._spec.input_size
        pixels = resize(self._photos.decode(row, min_side=size), size, self._spec.interpolation)
        batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
        photo_number = int(self._hashes[row][:15], 16)  # as in training
        varied = augment(
            batch, [photo_number], epoch=int(epoch), seed=self._seed, values=self._values, size=size
        )
        sink = io.BytesIO()
        Image.fromarray(varied[0].round().byte().permute(1, 2, 0).numpy()).save(sink, "BMP")
        return sink.getvalue()
