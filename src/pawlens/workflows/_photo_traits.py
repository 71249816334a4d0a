"""Traits of photos by which answers are looked at in slices: of the file, the picture, the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, cores, ordered_map
from ..errors import MissingExtra, UnreadablePhoto, UsageError
from ..models import Model, subject_shares
from ..photos import Photos, coarse_place, read_headers, scan_photos
from ._reference import picture_measures

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["TRAITS", "check_traits", "photo_traits"]

TRAITS = ("camera", "hour", "orientation", "brightness", "sharpness", "detail", "size")
"""Traits that are looked at without being asked for, beside the columns of a list."""

_IF_ASKED = ("subject", "place")
_PICTURE = {
    "brightness": "brightness",
    "sharpness": "sharpness",
    "entropy": "detail",
    "pixels": "size",
}
_HOURS = ((6, "night"), (10, "morning"), (17, "day"), (22, "evening"), (24, "night"))
_OF_ITS_OWN = 0.5  # share of photos with a value of their own, beyond which a column names photos


@dataclass(frozen=True)
class _Sought:
    """What traits are read from."""

    photos: Photos
    model: Model | None
    cache_dir: Path | None
    progress: Progress | None


def check_traits(photos: Photos, asked: Sequence[str]) -> list[str]:
    """Return the names of the traits that are asked for; ``all`` stands for those that need not be.

    Raises
    ------
    UsageError
        A name is neither that of a trait nor of a column of the list.
    """
    own, everything = [*TRAITS, *photos.further], _unasked(photos)
    names = list(
        dict.fromkeys(name for one in asked for name in (everything if one == "all" else [one]))
    )
    unknown = [name for name in names if name not in (*own, *_IF_ASKED)]
    if unknown:
        raise UsageError(
            f"by = {unknown[0]!r}: no such trait; use all, or some of {', '.join(own)}, "
            f"{', '.join(_IF_ASKED)}"
        )
    return names


def photo_traits(
    photos: Photos,
    names: Sequence[str] | None = None,
    *,
    model: Model | None = None,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, list[str] | Floats]:
    """Read traits of photos, by name; texts are empty and numbers NaN where they are not known.

    Parameters
    ----------
    photos : Photos
    names : sequence of str, optional
        From `check_traits`; by default those of `TRAITS` and every column of the list that does not
        have a value of its own for most photos.
    model : Model, optional
        The model that ``subject`` is measured with: the share of a photo that its features come
        from.
    cache_dir : Path, optional
        Where headers, scans and measures are kept.
    progress : callable, optional
    """
    if names is None:
        names = _unasked(photos)
    sought = _Sought(photos, model, cache_dir, progress)
    found: dict[str, list[str] | Floats] = {}
    for reader, own in _READERS.items():
        if set(own) & set(names):
            found |= {name: values for name, values in reader(sought).items() if name in names}
    for name in names:
        if name not in found and name in photos.further:
            found[name] = _column(photos, name)
    return {name: found[name] for name in names if name in found}


def _column(photos: Photos, name: str) -> list[str] | Floats:
    """Return a column of a list; numbers where all of it are some."""
    texts = [photos.further[name].get(path, "") for path in photos.paths]
    try:
        return np.array([float(text) if text else np.nan for text in texts])
    except ValueError:
        return texts


def _unasked(photos: Photos) -> list[str]:
    """Return the traits that are looked at without being asked for by name."""
    return [*TRAITS, *(c for c in photos.further if not _names_photos(photos, c))]


def _names_photos(photos: Photos, name: str) -> bool:
    values = _column(photos, name)
    return isinstance(values, list) and len(set(values)) > max(2, _OF_ITS_OWN * len(values))


def _of_headers(sought: _Sought) -> Mapping[str, list[str] | Floats]:
    scans = scan_photos(sought.photos, cache_dir=sought.cache_dir, progress=sought.progress)
    headers = read_headers(
        sought.photos, scans, cache_dir=sought.cache_dir, progress=sought.progress
    )
    return {
        "camera": [one.camera for one in headers],
        "hour": [_hour(one.taken) for one in headers],
        "orientation": ["upright" if one.orientation == 1 else "turned" for one in headers],
    }


def _hour(taken: str) -> str:
    """Name the part of the day of a time of EXIF; empty where it is none."""
    try:
        hour = datetime.strptime(taken[:19], "%Y:%m:%d %H:%M:%S").hour
    except ValueError:
        return ""
    return next(name for end, name in _HOURS if hour < end)


def _of_pictures(sought: _Sought) -> Mapping[str, list[str] | Floats]:
    measures = picture_measures(sought.photos, cache_dir=sought.cache_dir, progress=sought.progress)
    return {_PICTURE[name]: values for name, values in measures.items()}


def _of_subjects(sought: _Sought) -> Mapping[str, list[str] | Floats]:
    if sought.model is None:
        raise UsageError("by = 'subject': it is measured with a model, and none is at hand")
    return {"subject": subject_shares(sought.model, sought.photos, progress=sought.progress)}


def _of_places(sought: _Sought) -> Mapping[str, list[str] | Floats]:
    def place(row: int) -> str:
        try:
            return coarse_place(sought.photos.read_bytes(row))
        except (UnreadablePhoto, MissingExtra):
            return ""

    return {"place": list(ordered_map(place, range(len(sought.photos)), workers=cores()))}


_READERS: Mapping[Callable[[_Sought], Mapping[str, list[str] | Floats]], tuple[str, ...]] = {
    _of_headers: ("camera", "hour", "orientation"),
    _of_pictures: ("brightness", "sharpness", "detail", "size"),
    _of_subjects: ("subject",),
    _of_places: ("place",),
}
