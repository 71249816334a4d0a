"""How training varies photos, as a contact sheet before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..base import Watcher, make_folder, watched, write_atomic
from ..errors import RecipeError
from ..pages import render_sheet
from ..photos import PhotosLike, as_photos
from ..recipes import AUGMENT_PRESETS, Augment

__all__ = ["augment", "make_augmentation"]


def augment(
    photos: PhotosLike,
    preset: str | None = None,
    *,
    values: Augment | Mapping[str, Any] | None = None,
    out: str | Path = "augment.html",
    count: int = 6,
    epochs: int = 7,
    seed: int = 0,
    progress: Watcher = None,
) -> Path:
    """Show how training varies photos: a contact sheet, before anything is trained.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
    preset : str, optional
        ``none``, ``flip``, ``light``, ``medium`` or ``strong``; ``medium`` where nothing is asked.
    values : Augment or mapping, optional
        All values, or single ones on top of the preset (of none, where no preset is named).
    out : path
        The page.
    count, epochs : int
        Rows of the sheet, a photo each, and columns, an epoch each.
    seed : int
        The seed of the recipe: training with it draws the same variations.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RecipeError
        The preset or a value is unknown or out of range.
    MissingExtra
        torch, which varies the photos, is not installed.

    Examples
    --------
    >>> augment("photos", "light", out="light.html", count=2, epochs=2).name
    'light.html'
    """
    name = preset or (None if values else "medium")
    if not isinstance(values, Augment):
        values = make_augmentation(preset, values or {})
    table, page = as_photos(photos, labels=False), Path(out)
    make_folder(page.parent)
    with watched(progress) as told:
        sheet = render_sheet(
            table, values, preset=name, count=count, epochs=epochs, seed=seed, progress=told
        )
    write_atomic(page, sheet.encode())
    return page


def make_augmentation(
    preset: str | None,
    values: Mapping[str, Any],
    *,
    option: str = "preset",
    setting: str = "value",
) -> Augment:
    """Return a preset, or none, with single values put in.

    Parameters
    ----------
    preset : str, optional
        ``medium`` where neither it nor a value is asked for.
    values : mapping
    option, setting : str
        How an error names where the preset and a value come from.

    Raises
    ------
    RecipeError
        The preset or a value is unknown or out of range.
    """
    base = preset or ("none" if values else "medium")
    if base not in AUGMENT_PRESETS:
        raise RecipeError(f"{option}: unknown {base!r}; there are {', '.join(AUGMENT_PRESETS)}")
    merged: dict[str, Any] = AUGMENT_PRESETS[base].model_dump()
    for name, value in values.items():
        if name not in merged:
            raise RecipeError(
                f"{setting} {name}={value}: unknown {name!r}; there are {', '.join(merged)}"
            )
        merged[name] = value
    try:
        return Augment.model_validate(merged)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        raise RecipeError(f"{setting} {name}={merged[name]}: {first['msg'].lower()}") from error
