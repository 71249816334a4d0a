"""Seconds of the steps of a job."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from pawlens.base._clock import Clock


@pytest.fixture
def ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on by a second, then by two, by three ... at each look."""

    def looks() -> Iterator[float]:
        now = 0.0
        for step in range(1, 99):
            now += step
            yield now

    look = looks()
    monkeypatch.setattr(time, "perf_counter", lambda: next(look))


def test_a_step_taken_twice_counts_twice(ticks: None) -> None:
    clock = Clock()
    for name in ("features", "head", "features"):
        with clock.step(name):
            pass
    assert clock.seconds == {"features": 2 + 6, "head": 4}
    assert list(clock.seconds) == ["features", "head"]


def test_a_step_that_raises_is_timed(ticks: None) -> None:
    clock = Clock()
    with pytest.raises(ValueError, match="no"), clock.step("features"):
        raise ValueError("no")
    assert clock.seconds == {"features": 2}
