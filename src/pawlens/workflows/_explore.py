"""The exploration of photos, as a page and as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..base import Progress, Watcher, make_folder, user_cache, watched, write_atomic
from ..errors import UsageError
from ..pages import headline, render_exploration, sentences
from ..photos import Exploration, Photos, PhotosLike, as_photos
from ..photos import explore as count_and_measure

__all__ = ["explore", "figures", "write_exploration"]

_PAGES = (".html", ".htm")


def explore(
    photos: PhotosLike,
    out: str | Path | None = None,
    *,
    group: str | None = None,
    group_name: str | None = None,
    cache_dir: str | Path | None = None,
    progress: Watcher = None,
) -> Exploration:
    """Count and measure photos before training; nothing is changed and nothing is learnt.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels, as far as there are any.
    out : path, optional
        The page, which ends in ``.html``; by default none is written.
    cache_dir : path, optional
        Where scans are kept, so that training need not repeat them; the user's cache folder by
        default.
    group, group_name : str, optional
        How photos of one subject, camera, burst or video are known, which are kept on one side of
        every split; see `Photos.read`.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    PhotosError
        The photos are missing, or are none.
    UsageError
        The page's name might be that of a photo.
    RunError
        The page cannot be written.

    Examples
    --------
    >>> exploration = explore("photos")
    >>> exploration.counts.splits, exploration.formats
    ({'train': 24, 'test': 3}, {'JPEG': 27})
    >>> exploration.unreadable, exploration.same_bytes
    ([], 0)
    """
    table = as_photos(photos, group=group, group_name=group_name)
    cache = user_cache() if cache_dir is None else Path(cache_dir)
    with watched(progress) as told:
        if out is None:
            return count_and_measure(table, cache_dir=cache, progress=told)
        return write_exploration(table, Path(out), cache_dir=cache, progress=told)


def write_exploration(
    photos: Photos,
    path: Path,
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Exploration:
    """Explore photos and write the page.

    Parameters
    ----------
    photos : Photos
    path : Path
        File that ends in ``.html``; an existing file is replaced.
    cache_dir : Path, optional
        Where scans and headers are kept. None keeps nothing.
    progress : callable, optional

    Raises
    ------
    UsageError
        The name does not end in ``.html``, so that the file might be a photo.
    RunError
        The page cannot be written.
    """
    if path.suffix.lower() not in _PAGES:
        raise UsageError(f"{path}: the page's name has to end in .html; choose another with --out")
    make_folder(path.parent)
    exploration = count_and_measure(photos, cache_dir=cache_dir, progress=progress)
    write_atomic(path, render_exploration(exploration, progress=progress).encode())
    return exploration


def figures(exploration: Exploration) -> dict[str, Any]:
    """Return all figures of the page as plain values."""
    counts, shapes, size = exploration.counts, exploration.shapes, exploration.size
    return {
        "name": exploration.photos.name,
        "words": [headline(counts), *sentences(exploration)],
        "photos": counts.photos,
        "classes": {
            name: {"photos": total, "splits": counts.classes[name]}
            for name, total in counts.of_class.items()
        },
        "imbalance": counts.imbalance,
        "splits": counts.splits,
        "unlabelled": counts.without_label,
        "several_labels": [
            {"labels": list(labels), "photos": n} for labels, n in counts.combinations.items()
        ],
        "sizes": _sizes(exploration),
        "shapes": shapes.named | {"between 1:2 and 2:1": shapes.within_two},
        "odd": _odd(exploration),
        "formats": exploration.formats,
        "modes": exploration.modes,
        "bytes": _spread(size[size > 0]) | {"all": int(size.sum())},
        "turned_by_exif": exploration.turned,
        "same_bytes": exploration.same_bytes,
        "shortcuts": [one.as_json() for one in exploration.shortcuts],
        "unreadable": [{"path": path, "reason": why} for path, why in exploration.unreadable],
        "wrong_extension": [{"path": path, "format": kind} for path, kind in exploration.misnamed],
        "not_photos": [
            {"path": skipped.path, "reason": skipped.reason}
            for skipped in exploration.photos.skipped
        ],
    }


def _sizes(exploration: Exploration) -> dict[str, Any]:
    shapes = exploration.shapes
    frequent = [
        {"width": width, "height": height, "photos": number}
        for (width, height), number in shapes.sizes.most_common(5)
    ]
    return {
        "readable": len(shapes.row),
        "different": len(shapes.sizes),
        "most_frequent": frequent,
        "longer_side": _spread(shapes.longer),
        "shorter_side": _spread(shapes.shorter),
    }


def _odd(exploration: Exploration) -> list[dict[str, Any]]:
    shapes = exploration.shapes
    at = {int(row): place for place, row in enumerate(shapes.row)}
    return [
        {
            "path": exploration.photos[odd.row].path,
            "kind": odd.kind,
            "width": int(shapes.width[at[odd.row]]),
            "height": int(shapes.height[at[odd.row]]),
        }
        for odd in shapes.odd
    ]


def _spread(values: np.ndarray[Any, np.dtype[np.int64]]) -> dict[str, int]:
    """Return minimum, quartiles, 99th percentile and maximum; empty for no values."""
    if not len(values):
        return {}
    names = ("least", "quarter", "median", "three_quarters", "99_of_100", "most")
    cuts = np.quantile(values, (0, 0.25, 0.5, 0.75, 0.99, 1), method="inverted_cdf")
    return dict(zip(names, (int(cut) for cut in cuts), strict=True))
