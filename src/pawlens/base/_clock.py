"""A clock that sums up the wall time of the steps of a job."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

__all__ = ["Clock"]


@dataclass
class Clock:
    """Seconds by step, in the order in which the steps were first taken."""

    seconds: dict[str, float] = field(default_factory=dict)
    _busy_at_first: float = field(default_factory=lambda: _busy_so_far())

    @property
    def processor_seconds(self) -> float:
        """Seconds of processors that this process and its ended children took since the start."""
        return _busy_so_far() - self._busy_at_first

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time the block, also if it raises; a step that is taken again adds to its seconds."""
        start = time.perf_counter()
        try:
            yield
        finally:
            before = self.seconds.get(name, 0.0)
            self.seconds[name] = round(before + time.perf_counter() - start, 3)


def _busy_so_far() -> float:
    return sum(os.times()[:4])
