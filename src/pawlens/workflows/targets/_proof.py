"""Proof of an export: drawn photos, the answers they must get, and how far off a runtime is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ParityError
from ...export import (
    IMAGE,
    PARITY_LIMITS,
    PROBABILITIES,
    CoreInput,
    core_squares,
    measure_agreement,
)
from ...metrics import percent
from ...samples import draw_photo
from ._signature import write_json

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...models import Model

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float64]

__all__ = ["CoreRun", "Proof", "Squares", "draw_proof"]

Squares = Mapping[str, "npt.NDArray[np.uint8]"]
"""The squares of a photo, uint8 (1, S, S, 3), by the name of their input."""

CoreRun = Callable[[Squares], "npt.ArrayLike"]
"""From the squares of a photo to its probabilities (1, K) or (K,)."""

_VECTORS = ((50, 37), (120, 90), (90, 120), (160, 160), (301, 200), (480, 640))  # width, height
_MORE = 18  # photos that are compared and not written
_SEED = 15


@dataclass(frozen=True)
class Proof:
    """Drawn photos with the squares that a core graph is fed and the answers of the whole graph.

    Attributes
    ----------
    photos : list of ndarray of uint8, shape (H, W, 3)
        The first six are the test vectors.
    squares : list of dict
        What `core_squares` makes of each.
    expected : ndarray of float64, shape (n, K)
        Probabilities from the whole graph in ONNX Runtime, from the pixels of each photo.
    """

    photos: list[Pixels]
    squares: list[dict[str, Pixels]]
    expected: Floats

    def write_vectors(self, folder: Path) -> list[Path]:
        """Write photos and squares as PNG files, and ``vectors.json`` with the answers."""
        from PIL import Image

        folder.mkdir()
        rows, paths = [], []
        for number in range(len(_VECTORS)):
            pictures = {"photo": self.photos[number]}
            pictures |= {name: square[0] for name, square in self.squares[number].items()}
            names = {name: f"{number}-{name}.png" for name in pictures}
            for name, pixels in pictures.items():
                paths.append(folder / names[name])
                Image.fromarray(pixels).save(paths[-1])
            answers = [round(float(p), 7) for p in self.expected[number]]
            rows.append({"photo": names.pop("photo"), "squares": names, "probabilities": answers})
        vectors = {"limits": PARITY_LIMITS, "photos": rows}
        return [write_json(folder / "vectors.json", vectors), *paths]

    def measure(self, runtime: str, run: CoreRun, model: Model) -> dict[str, Any]:
        """Run the squares, and give what ``parity.json`` says of the runtime.

        Raises
        ------
        ParityError
            The answers are further off than the limits.
        """
        answers, seconds = [], []
        for squares in self.squares:
            start = time.perf_counter()
            answers.append(np.asarray(run(squares), np.float64).reshape(-1))
            seconds.append(time.perf_counter() - start)
        agreement = measure_agreement(self.expected, np.array(answers), model.facts.labels)
        if not agreement.passed:
            limits = PARITY_LIMITS
            raise ParityError(
                f"the model in {runtime} differs from model.onnx: mean "
                f"{agreement.mean_difference:.2g} (limit {limits['mean_difference']}), "
                f"largest {agreement.max_difference:.2g} (limit {limits['max_difference']}), "
                f"same answer on {percent(agreement.top1)}; nothing was written"
            )
        milliseconds = round(1000 * statistics.median(seconds), 2)
        return asdict(agreement) | {"milliseconds_a_photo": milliseconds}


def draw_proof(model: Model, inputs: Sequence[CoreInput]) -> Proof:
    """Draw the photos and answer them with the whole graph."""
    import onnxruntime as ort

    rng = np.random.default_rng(_SEED)
    photos = [
        draw_photo("cat" if number % 2 else "dog", rng, size)
        for number, size in enumerate([*_VECTORS, *[None] * _MORE])
    ]
    graph = model.to_onnx().SerializeToString()
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    expected = [session.run([PROBABILITIES], {IMAGE: photo})[0] for photo in photos]
    squares = [core_squares(photo, inputs) for photo in photos]
    return Proof(photos, squares, np.array(expected, np.float64))
