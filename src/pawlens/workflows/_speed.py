"""How fast a backbone runs on this machine: the engine alone, and from JPEG files."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..backbones import Backbone, Engine
from ..base import Progress, cores, tell
from ..features import WholePhotos, picture_batches
from ..photos import Photos
from ..samples import draw_samples

__all__ = ["Rate", "Speed", "measure_speed"]

_ROUNDS = 5
_SECONDS = 0.8  # seconds of a round, about
_DRAWN = 32  # pictures, which the rounds go through repeatedly


@dataclass(frozen=True)
class Rate:
    """Photos per second in several rounds: the median, the slowest and the fastest."""

    median: float
    slowest: float
    fastest: float


@dataclass(frozen=True)
class Speed:
    """The measured speed of a backbone, and how it was measured.

    Attributes
    ----------
    engine : Rate
        Speed from pixels in memory, at the input size, to features.
    from_jpeg : Rate
        Speed from drawn JPEG files on disk, decoded and resized during inference.
    precision, device : str
        Precision of the arithmetic, and the device that it ran on.
    processors : int
        Number of processors that the process may use.
    rounds : int
    """

    engine: Rate
    from_jpeg: Rate
    precision: str
    device: str
    processors: int
    rounds: int = _ROUNDS


def measure_speed(backbone: Backbone, engine: Engine, *, progress: Progress | None = None) -> Speed:
    """Measure the speed of a backbone in about ten seconds.

    Parameters
    ----------
    backbone : Backbone
    engine : Engine
        An engine for the backbone, from `open_engine`.
    progress : callable, optional
    """
    size = backbone.spec.input_size
    noise = np.random.default_rng(0).integers(
        0, 256, (engine.batch_size, size, size, 3), dtype=np.uint8
    )

    def alone(count: int) -> None:
        for _ in engine.run((i, [noise]) for i in range(-(-count // engine.batch_size))):
            pass

    with TemporaryDirectory() as folder:
        draw_samples(Path(folder) / "drawn", count=_DRAWN, flaws=False, progress=False)
        photos = Photos.read(Path(folder) / "drawn", labels=False)

        def from_jpeg(count: int) -> None:
            rows = (i % len(photos) for i in range(count))
            batches = picture_batches(WholePhotos(photos), rows, [backbone.spec], engine.batch_size)
            for _ in engine.run(batches):
                pass

        rates = []
        for number, work in enumerate((alone, from_jpeg)):
            rates.append(_rate(work, engine.batch_size, number, progress))
    return Speed(rates[0], rates[1], engine.precision, engine.device, cores())


def _rate(work: Callable[[int], None], batch: int, number: int, progress: Progress | None) -> Rate:
    """Time rounds of equal work; the first round sets the amount and does not count."""
    count, seconds = 4 * batch, 0.0
    while True:
        start = time.perf_counter()
        work(count)
        seconds = time.perf_counter() - start
        if seconds > _SECONDS / 4:
            break
        count *= 2
    count = max(round(count * _SECONDS / seconds / batch), 1) * batch
    rates = []
    for done in range(_ROUNDS):
        start = time.perf_counter()
        work(count)
        rates.append(count / (time.perf_counter() - start))
        tell(progress, "measuring the speed", number * _ROUNDS + done + 1, 2 * _ROUNDS)
    return Rate(float(np.median(rates)), min(rates), max(rates))
