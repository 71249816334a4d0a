"""When photos were taken, by a column of their list or by EXIF: to tell early from late ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress
from ..photos import Photos, Scan, read_headers

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["photo_times", "read_time"]

_MOST_ARE_TIMES = 0.9  # of the values of a column
_CLOCK_NOT_SET = 30  # photos of one second: no camera is that fast


def photo_times(
    photos: Photos,
    scans: Sequence[Scan],
    *,
    cache_dir: Path | None = None,
    progress: Progress | None = None,
) -> Floats:
    """Read when photos were taken.

    The first column of a list whose values are times counts, and EXIF where there is none.

    Parameters
    ----------
    photos : Photos
    scans : sequence of Scan
    cache_dir : Path, optional
        Where headers are kept.
    progress : callable, optional

    Returns
    -------
    ndarray of float64, shape (n,)
        Seconds, NaN where they are not known. Only their order is meant to be used.
    """
    for column in photos.further.values():
        texts = [column.get(path, "") for path in photos.paths]
        times = np.array([read_time(text) for text in texts], np.float64)
        if np.isfinite(times).sum() >= max(1.0, _MOST_ARE_TIMES * sum(map(bool, texts))):
            return times
    headers = read_headers(photos, scans, cache_dir=cache_dir, progress=progress)
    crowd = Counter(one.taken for one in headers)
    return np.array(
        [read_time(one.taken) if crowd[one.taken] <= _CLOCK_NOT_SET else np.nan for one in headers],
        np.float64,
    )


def read_time(text: str) -> float:
    """Read a time of EXIF or of ISO 8601, in seconds; NaN where it is none.

    A date counts as its midnight, and a time without a zone as one of UTC.

    Examples
    --------
    >>> read_time("2026:11:30 12:00:00") == read_time("2026-11-30T12:00:00")
    True
    >>> read_time("2026-11-30") < read_time("2026-11-30 12:00")
    True
    >>> read_time("12"), read_time("")
    (nan, nan)
    """
    text = text.strip("\0 ")
    if text[4:5] == ":" and text[7:8] == ":":
        text = f"{text[:4]}-{text[5:7]}-{text[8:]}"
    if len(text) < len("2026-11-30") or text[4:5] != "-":
        return np.nan
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return np.nan
