"""Monitoring: are new photos still of the kind that a run was measured on, and what is it worth."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ..base import Watcher, make_folder, user_cache, watched, write_atomic, write_json
from ..errors import UsageError
from ..models import load
from ..pages import Monitored, render_monitor
from ..photos import PhotosLike
from ..runs import Run
from ._arrivals import answer_arrivals
from ._drift import Past, compare_with_past
from ._past_days import days_of, read_days
from ._record import is_record, read_record
from ._reference import reference_of

__all__ = ["MONITOR_PAGE", "monitor"]

MONITOR_PAGE = "monitor.html"
_JSON, _HISTORY = "monitor.json", "history.jsonl"


def monitor(
    run: Run | str | Path,
    photos: PhotosLike,
    out: str | Path | None = None,
    *,
    since: str | datetime | None = None,
    level: float = 0.01,
    photos_of_run: str | Path | None = None,
    cache_dir: str | Path | None = None,
    seed: int = 0,
    progress: Watcher = None,
) -> Monitored:
    """Compare new photos with those that a run was measured on, and say what its answers are worth.

    Parameters
    ----------
    run : Run or path
        A run of one label a photo.
    photos : Photos, path, or sequence of paths
        New photos, whose labels are not looked at; or the folder of ``pawlens serve --record``.
    out : path, optional
        The folder of the page, ``monitor.json`` and ``history.jsonl``, to which a row is added each
        time; by default ``monitors/NAME``, named after the run.
    since : str or datetime, optional
        Older photos are left out: by the time of the answer in a record, else by that of the file.
        A day, or a time, as ``2026-11-30`` or ``2026-11-30T08:00``; without a zone it is UTC.
    level : float
        The most often that photos of the same kind may give an alarm: 0.01 is once in 100 times.
    photos_of_run : path, optional
        Where the photos of a run of an earlier version lie now, which kept no reference.
    cache_dir : path, optional
        Where measures of photos are kept; the user's cache folder by default.
    seed : int
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    Monitored
        ``drift`` says whether there was an alarm.

    Raises
    ------
    PhotosError
        There are too few photos to compare, or none that can be read.
    RunError
        There is no finished run, or it has no reference and its photos are gone.
    UsageError
        A time cannot be read.

    Examples
    --------
    >>> from pawlens import draw_samples, monitor
    >>> arrived = draw_samples("arrived", count=24, seed=5, flaws=False)
    >>> found = monitor("runs/first", arrived / "train", "monitored")
    >>> found.photos, [check.name for check in found.checks][:3]
    (24, ['kind', 'unlike', 'shares'])
    """
    found = run if isinstance(run, Run) else Run(run)
    if "accuracy" not in found.out_of_fold:
        raise UsageError(f"{found.path}: monitoring needs a run of one label a photo")
    folder = Path(out) if out is not None else Path("monitors") / found.path.resolve().name
    cache = user_cache() if cache_dir is None else Path(cache_dir)
    after = _time(since)
    with watched(progress) as told:
        model = load(found)
        reference = reference_of(found, model, photos_of_run, cache_dir=cache, progress=told)
        if is_record(photos):
            place = Path(str(photos))
            new = read_record(place, model, since=after, progress=told)
        else:
            new = answer_arrivals(
                photos, model, since=after, seed=seed, cache_dir=cache, progress=told
            )
    make_folder(folder)
    past = Past.of(found)
    earlier = read_days(folder / _HISTORY)
    monitored = compare_with_past(past, reference, new, level=level, seed=seed)
    monitored = monitored.on_days(earlier, days_of(past, new, monitored, seed=seed))
    write_atomic(folder / MONITOR_PAGE, render_monitor(monitored).encode())
    write_json(folder / _JSON, monitored.as_json())
    rows = "".join(json.dumps(day.as_json()) + "\n" for day in monitored.days)
    write_atomic(folder / _HISTORY, rows.encode())
    return monitored


def _time(since: str | datetime | None) -> datetime | None:
    if since is None:
        return None
    try:
        found = since if isinstance(since, datetime) else datetime.fromisoformat(since)
    except ValueError as error:
        raise UsageError(
            f"since = {since!r}: no time; write a day as 2026-11-30 or a time as 2026-11-30T08:00"
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
