"""Explanations on disk: a PNG for each photo, and one page."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ..base import Progress, make_folder, write_atomic
from ..explain import Explains, Explanation, Method, explain_photos
from ..pages import Card, as_row, make_card, render_explanations
from ..photos import Photos

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["PAGE", "write_explanations"]

PAGE = "explain.html"
_ON_PAGE = 100  # photos on the page; PNG files are written for all


def write_explanations(
    explainer: Explains,
    photos: Photos,
    folder: Path,
    *,
    method: Method = "cam",
    of: str | None = None,
    notes: tuple[str, ...] = (),
    check: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Explain photos into ``explain.html`` and a PNG each.

    Parameters
    ----------
    explainer : Explains
    photos : Photos
    folder : Path
        Output folder, created if it is missing; files of the same names are replaced.
    method : {"cam", "gradcam", "integrated-gradients"}
    of : str, optional
        The class to explain; by default each photo's most probable one.
    notes : tuple of str
        Notes for the head of the page.
    check : mapping, optional
        See `render_explanations`.
    progress : callable, optional

    Returns
    -------
    list of dict
        A row for each photo: ``path``, ``status``, and, where it could be read, the numbers, with
        ``png`` the name of its picture.
    """
    make_folder(folder)
    rows: list[dict[str, Any]] = []
    cards: list[Card] = []
    lost = []
    for number, explained in explain_photos(explainer, photos, of, progress=progress):
        path = photos.paths[number]
        if not isinstance(explained, Explanation):
            rows.append({"path": path, "status": f"unreadable: {explained}"})
            lost.append(f"{path} cannot be read: {explained}")
            continue
        name = f"{number + 1:04}-{_plain(path)}.png"
        write_atomic(folder / name, _png(explained.overlay()))
        rows.append({"path": path, "status": "ok", **as_row(explained), "png": name})
        if len(cards) < _ON_PAGE:
            cards.append(make_card(path, explained))
    page = render_explanations(
        cards,
        title=photos.name,
        method=method,
        notes=(*notes, *lost),
        more=len(rows) - len(lost) - len(cards),
        check=check,
    )
    write_atomic(folder / PAGE, page.encode())
    return rows


def _plain(path: str) -> str:
    """Turn a photo's path into a part of a file name that is valid on any system."""
    return re.sub(r"[^\w.-]+", "_", PurePath(path).stem)[:80]


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    from PIL import Image

    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG", compress_level=6)
    return sink.getvalue()
