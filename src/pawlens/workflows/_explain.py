"""Explanations on disk: a PNG for each photo, and one page."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from ..base import Progress, Watcher, in_use, make_folder, watched, write_atomic
from ..errors import UsageError
from ..explain import (
    Explainer,
    ExplainMethod,
    Explains,
    Explanation,
    MapCheck,
    check_maps,
    check_method,
    explain_photos,
)
from ..models import BUNDLED, ModelLike, as_model
from ..pages import Card, as_row, check_section, make_card, render_explanations
from ..photos import Photos, PhotosLike, Side, as_photos

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["PAGE", "Explained", "explain", "write_explanations"]

PAGE = "explain.html"
_UNMAPPED = (
    "{}: no map can be read out of how its features come together; it has a share of the answer "
    "and no map. --method auto covers places of the photo instead."
)
_COVERED = (
    "{}: its map is made by occlusion: places of the photo are covered, one after the other, and "
    "what the answer loses is shown."
)
_ON_PAGE = 100  # photos on the page; PNG files are written for all


@dataclass(frozen=True)
class Explained:
    """What was explained, and where it lies.

    Attributes
    ----------
    page : Path
        ``explain.html``; the pictures lie beside it.
    rows : list of dict
        See `write_explanations`.
    notes : tuple of str
        What the maps leave out.
    check : MapCheck or None
        Whether the maps mean something, where that was asked for.
    """

    page: Path
    rows: list[dict[str, Any]]
    notes: tuple[str, ...]
    check: MapCheck | None


def explain(
    photos: PhotosLike,
    model: ModelLike = BUNDLED,
    *,
    out: str | Path = "explained",
    of: str | None = None,
    instead: str | None = None,
    method: ExplainMethod = "auto",
    weights_dir: str | Path | None = None,
    check: int | None = None,
    progress: Watcher = None,
) -> Explained:
    """Show where in photos an answer comes from, and which backbone says it.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
    model : Model, Run or path
        The classifier that comes with pawlens by default.
    out : path
        A folder for the page and a picture of each photo.
    of : str, optional
        The class to explain; the most probable one of each photo by default.
    instead : str, optional
        Another class: why is it `of` and not this one? The map is the difference of the maps of
        the two classes. By default `of` stands against the mean of all others.
    method : {"auto", "cam", "occlusion", "gradcam", "integrated-gradients"}
        ``auto`` reads maps out of the model, and covers places of the photo where a backbone has
        none to read; ``cam`` only reads, ``occlusion`` only covers. The last two need
        ``pawlens[explain]`` and the weights of the backbones.
    weights_dir : path, optional
        Folder with those weights.
    check : int, optional
        On how many of the photos to check that the maps mean something; not for the last two
        methods.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        There is no such class or method, no backbone has a map to read and `method` is ``cam``,
        or `check` is asked of a method that follows gradients.
    RunError
        There is no such model, or the folder cannot be written.

    Examples
    --------
    >>> explained = explain("photos/test", "runs/first", out="explained", of="cat")
    >>> explained.page.name
    'explain.html'
    >>> [(row["path"], row["class"], row["png"]) for row in explained.rows][:1]
    [('1.jpg', 'cat', '0001-1.png')]
    """
    chosen = check_method(method)
    folder, weights = Path(out), None if weights_dir is None else Path(weights_dir)
    explainer = as_model(model).explainer(chosen, weights_dir=weights)
    table = as_photos(photos, labels=False)
    notes = (*map(_UNMAPPED.format, explainer.unmapped), *map(_COVERED.format, explainer.covered))
    with in_use(folder), watched(progress) as told:
        checked = None if check is None else _checked(explainer, table, check, told)
        rows = write_explanations(
            explainer,
            table,
            folder,
            of=of,
            instead=instead,
            notes=notes,
            check=None if checked is None else check_section(checked),
            progress=told,
        )
    return Explained(folder / PAGE, rows, notes, checked)


def _checked(
    explainer: Explains, photos: Photos, count: int, progress: Progress | None
) -> MapCheck:
    """Check maps that come out of the graph; those of gradients would take too long."""
    if not isinstance(explainer, Explainer):
        raise UsageError(
            "--check is not for methods that follow gradients; leave one of the two out"
        )
    return check_maps(explainer, photos, count, progress=progress)


def write_explanations(
    explainer: Explains,
    photos: Photos,
    folder: Path,
    *,
    of: str | None = None,
    instead: str | None = None,
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
    of : str, optional
        The class to explain; by default each photo's most probable one.
    instead : str, optional
        The class that it stands against; by default the mean of all others.
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
    for number, explained in explain_photos(explainer, photos, of, instead, progress=progress):
        path = photos.paths[number]
        if not isinstance(explained, Explanation):
            rows.append({"path": path, "status": f"unreadable: {explained}"})
            lost.append(f"{path} cannot be read: {explained}")
            continue
        name = f"{number + 1:04}-{_plain(path)}.png"
        explained = explained.shrunk(Side.SCREEN)
        write_atomic(folder / name, _png(explained.overlay()))
        rows.append({"path": path, "status": "ok", **as_row(explained), "png": name})
        if len(cards) < _ON_PAGE:
            cards.append(make_card(path, explained))
    page = render_explanations(
        cards,
        title=photos.name,
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
