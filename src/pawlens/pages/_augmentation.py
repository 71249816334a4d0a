"""The contact sheet of an augmentation: photos as training will see them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Progress, data_uri, require, tell
from ..errors import MissingExtra, PhotosError, UnreadablePhoto
from ..photos import Photos, jpeg, square
from ..recipes import Augment
from ..training import augment
from ._html import fill_page

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["render_sheet"]

_MEANINGS = {
    "flip": "probability of the mirror image",
    "rotate": "degrees, either way",
    "crop": "share of the side that is cut away, the rest enlarged",
    "zoom": "share, enlarged or reduced about the middle",
    "shift": "share of the side, either way",
    "shear": "degrees, either way",
    "brightness": "share, brighter or darker",
    "contrast": "share, more or less",
    "erase": "probability that a rectangle becomes the mean colour",
}


def render_sheet(
    photos: Photos,
    values: Augment,
    *,
    preset: str | None = None,
    count: int = 6,
    epochs: int = 7,
    seed: int = 0,
    size: int = 160,
    progress: Progress | None = None,
) -> str:
    """Render a page with a row for each photo: as it is, then as the first epochs see it.

    The page is self-contained: style and pictures are inside, names are escaped, and it forbids
    itself any request (Content-Security-Policy).

    Parameters
    ----------
    photos : Photos
        Photos, of which some are shown, evenly spread; unreadable ones are skipped.
    values : Augment
    preset : str, optional
        The name of the values.
    count, epochs : int
        Number of rows, and of columns besides the unchanged photo.
    seed : int
    size : int
        Side of a picture, in pixels.
    progress : callable, optional

    Raises
    ------
    PhotosError
        None of the photos can be read.
    """
    rows = []
    for number, digest, pixels in _shown(photos, count, size):
        own = int(digest[:15], 16)  # as in training
        rows.append(_row(photos, number, _seen(pixels, own, values, epochs, seed)))
        tell(progress, "drawing", len(rows), min(count, len(photos)))
    if not rows:
        raise PhotosError(f"{photos.location}: none of the photos can be read")
    return fill_page(
        "sheet.html.j2",
        title=photos.name,
        preset=preset,
        epochs=epochs,
        seed=seed,
        size=size,
        rows=rows,
        values=[
            (name, f"{getattr(values, name):g}", meaning)
            for name, meaning in _MEANINGS.items()
            if getattr(values, name)
        ],
    )


def _shown(photos: Photos, count: int, size: int) -> list[tuple[int, str, Pixels]]:
    """Choose photos over the table; return row, SHA-256 and square, uint8 (size, size, 3)."""
    chosen: list[tuple[int, str, Pixels]] = []
    step = max(len(photos) // count, 1)
    spread = [row for start in range(step) for row in range(start, len(photos), step)]
    for row in spread:
        try:
            data = photos.read_bytes(row)
            pixels = square(data, size, "bicubic")
        except (UnreadablePhoto, MissingExtra):
            continue
        chosen.append((row, hashlib.sha256(data).hexdigest(), pixels))
        if len(chosen) == count:
            break
    return sorted(chosen, key=lambda shown: shown[0])


def _seen(pixels: Pixels, number: int, values: Augment, epochs: int, seed: int) -> list[Pixels]:
    """Return one photo as it is, and as each epoch sees it."""
    torch = require("torch", extra="torch")
    batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
    pictures = [pixels]
    for epoch in range(epochs):
        varied = augment(batch, [number], epoch=epoch, seed=seed, values=values, size=len(pixels))
        pictures.append(varied[0].round().byte().permute(1, 2, 0).numpy())
    return pictures


def _row(photos: Photos, number: int, pictures: list[Pixels]) -> dict[str, Any]:
    path = photos[number].path
    return {
        "path": path,
        "name": path.replace("\\", "/").rsplit("/", 1)[-1],
        "pictures": [data_uri(jpeg(picture)) for picture in pictures],
    }
