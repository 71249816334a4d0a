"""The trend of a monitoring: days of a record, and rows of earlier times."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ..base import read_regular
from ..errors import RunError
from ..metrics import Interval
from ..pages import Day, Monitored
from ._arrivals import Arrivals
from ._drift import Past

__all__ = ["days_of", "read_days"]

_FEWEST = 5  # answers under which a day has no row


def days_of(past: Past, new: Arrivals, monitored: Monitored, *, seed: int = 0) -> list[Day]:
    """Return a row for each day of a record; for photos that were answered now, one for now.

    Where the shares of the classes have moved, days are estimated with the same new shares as all
    photos together.
    """
    if not new.days:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return [Day(now, monitored.photos, monitored.expected)]
    moved = None
    if monitored.shares_moved:
        true = [monitored.shares[name].true for name in past.classes]
        moved = np.array([share.value for share in true if share is not None])
    rows: dict[str, list[int]] = defaultdict(list)
    for row, day in enumerate(new.days):
        rows[day].append(row)
    return [
        Day(day, len(own), past.expected(new.proba[own], moved, seed=seed))
        for day, own in sorted(rows.items())
        if len(own) >= _FEWEST
    ]


def read_days(path: Path) -> list[Day]:
    """Read the rows of earlier times; none where there is no file.

    Raises
    ------
    RunError
        The file is damaged.
    """
    if not path.exists():
        return []
    try:
        lines = read_regular(path).decode().splitlines()
        return [_day(json.loads(line)) for line in lines]
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise RunError(
            f"{path}: damaged ({type(error).__name__}); delete it, or choose another folder with "
            "--out"
        ) from error


def _day(row: dict[str, Any]) -> Day:
    expected = row["expected"]
    return Day(
        str(row["when"]),
        int(row["photos"]),
        None if expected is None else Interval(**{k: float(v) for k, v in expected.items()}),
        None if row["unlike"] is None else float(row["unlike"]),
        None if row["drift"] is None else bool(row["drift"]),
    )
