"""OpenVINO's requests in a ring: all cores busy, answers in order, no callbacks to wait for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from pawlens.backbones import cpu_precision

Floats = npt.NDArray[np.float32]


def cpu_hints() -> dict[str, str]:
    """Throughput, in the fastest faithful precision of this CPU."""
    return {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": cpu_precision()}


def ring(compiled: Any, batches: Iterable[Floats]) -> Iterator[tuple[int, Floats]]:
    """Yield (number, first output) of every batch, in order."""
    count = compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") + 1
    requests = [compiled.create_infer_request() for _ in range(count)]
    waiting: deque[int] = deque()
    for number, batch in enumerate(batches):
        if len(waiting) == count:
            yield _answer(requests, waiting.popleft())
        requests[number % count].start_async({0: batch})
        waiting.append(number)
    while waiting:
        yield _answer(requests, waiting.popleft())


def _answer(requests: list[Any], number: int) -> tuple[int, Floats]:
    request = requests[number % len(requests)]
    request.wait()
    return number, request.get_output_tensor(0).data.copy()
