"""The head that comes with pawlens: cat, dog, neither or both, from the features of ``paw``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import BackboneError
from ._head import Head

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["BUNDLED_HEAD", "THRESHOLD", "CatDogAnswers", "CatDogHead"]

BUNDLED_HEAD = Path(__file__).parent / "cats-vs-dogs.onnx"
"""Trained by ``research/paw/cats_vs_dogs.py``; its input is paw's features, float32 (N, D)."""

THRESHOLD = 0.5
"""Decision threshold of both scores: from here on the answer is "neither", or "both"."""

_METADATA = "pawlens.cats-vs-dogs"


@dataclass(frozen=True)
class CatDogAnswers:
    """The answers of the head for n photos.

    Attributes
    ----------
    proba : ndarray of float64, shape (n, 2)
        Calibrated probabilities of cat and dog, given that the photo shows one of the two.
    neither, both : ndarray of float64, shape (n,)
        Scores from 0 to 1; from `THRESHOLD` on the photo is taken to show neither, or both.
    upright : ndarray of float64, shape (n,)
        Logit that the photo stands upright.
    """

    proba: Floats
    neither: Floats
    both: Floats
    upright: Floats

    def labels(self) -> npt.NDArray[np.str_]:
        """The answer for each photo: neither, else both, else the likelier animal."""
        animal = np.where(self.proba[:, 1] > 0.5, "dog", "cat")
        either = np.where(self.both >= THRESHOLD, "both", animal)
        return np.where(self.neither >= THRESHOLD, "neither", either)


class CatDogHead:
    """The bundled head, run by ONNX Runtime.

    Parameters
    ----------
    weights_hash : str
        SHA-256 of the ``paw.onnx`` at hand; the head fits one file only.
    path : Path
        The head's file.

    Raises
    ------
    BackboneError
        The head was trained on another paw.
    """

    def __init__(self, weights_hash: str, path: Path = BUNDLED_HEAD) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1  # a few thousand products: threads would only wait
        self._path = path
        self._session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        metadata = self._session.get_modelmeta().custom_metadata_map
        self.facts: dict[str, Any] = json.loads(metadata[_METADATA])
        self.classes: tuple[str, ...] = tuple(self.facts["classes"])
        if self.facts["weights_hash"] != weights_hash:
            raise BackboneError(
                f"{path.name} was trained on another paw.onnx: repeat "
                "research/paw/cats_vs_dogs.py, or install pawlens again"
            )

    def __call__(self, features: npt.NDArray[np.float32]) -> CatDogAnswers:
        """Compute the answers for raw features of ``paw``, float32 (n, D)."""
        names = ["probabilities", "scores", "upright"]
        outputs = self._session.run(names, {"features": np.ascontiguousarray(features)})
        proba, scores, upright = (np.asarray(output, np.float64) for output in outputs)
        return CatDogAnswers(proba, scores[:, 0], scores[:, 1], upright[:, 0])

    def animal(self) -> Head:
        """Return the part that tells cat from dog, calibrated, on features of unit length."""
        import onnx
        from onnx import numpy_helper

        stored = {tensor.name: tensor for tensor in onnx.load(str(self._path)).graph.initializer}
        weights, bias, halves = (
            np.asarray(numpy_helper.to_array(stored[name]), np.float32)
            for name in ("animal_weights", "animal_bias", "halves")
        )
        return Head.linear(weights * halves, bias * halves[0])
