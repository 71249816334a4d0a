"""A given time, as text and as a clock."""

from __future__ import annotations

import pytest

from pawlens.errors import UsageError
from pawlens.workflows.train.auto import Deadline, OutOfTime, read_duration
from pawlens.workflows.train.auto._deadline import Pace


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("1h", 3600),
        ("1h30m", 5400),
        ("1.5m", 90),
        (" 2M ", 120),
        (30, 30),
    ],
)
def test_a_time_is_read(text: str | float, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "ten", "-5m", "m", "5m10", "9s", 3, float("nan")])
def test_what_is_no_time_is_refused(text: str | float) -> None:
    with pytest.raises(UsageError, match="time"):
        read_duration(text)


def test_work_ends_when_its_time_is_over() -> None:
    moment = [0.0]
    deadline = Deadline(100, now=lambda: moment[0])
    seen: list[tuple[str, int, int]] = []
    told = deadline.until(20, lambda what, done, whole: seen.append((what, done, whole)))
    told("work", 1, 3)
    moment[0] = 79.9
    told("work", 2, 3)
    moment[0] = 80.0
    with pytest.raises(OutOfTime):
        told("work", 2, 3)
    told("work", 3, 3)  # what is done is not thrown away
    assert len(seen) == 4


def test_the_pace_is_that_of_work_under_way() -> None:
    moment = [0.0]
    pace = Pace(Deadline(100, now=lambda: moment[0]), lambda what, done, whole: None)
    assert pace.each is None
    moment[0] = 30.0  # the engine was opened
    pace("work", 4, 24)
    assert pace.each is None
    for done in (8, 24):
        moment[0] += 2.0
        pace("work", done, 24)
    assert pace.each == 4.0 / 20
