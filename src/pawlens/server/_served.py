"""A model that answers: its file read once, its engines compiled, its answers verified."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..backbones import OpenVinoEngine, Precision
from ..base import cores
from ..errors import MissingExtra, ParityError, UnreadablePhoto, UsageError
from ..explain import Explains
from ..export import answers_of, measure_agreement
from ..features import WholePhotos
from ..models import ExportedModel, LabelPredictions, Model, Predictions, load
from ..photos import Photo, Photos, decode, probe
from ._batches import BATCH, Batches
from ._incoming import Incoming
from ._metrics import Metrics
from ._refusals import Refused

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["Answer", "ServedModel"]

_MAP = 512  # pixels of a side
_CHECKED = (64, 200, 500, 900)  # pixels of a side of the pictures that a model is checked on


@dataclass(frozen=True)
class Answer:
    """The answer to one photo.

    Attributes
    ----------
    status : str
        ``"ok"``, or ``"unreadable: "`` and the reason; then nothing else is known.
    label : str or None
        Most probable class; of several labels, all of them, joined by ``;``.
    labels : tuple of str or None
        Labels of the photo, of a model that gives several.
    set : tuple of str or None
        Labels that cannot be ruled out, of a model that gives sets.
    probabilities : dict of str to float
    scores : dict of str to float
        Scores of answers that are no classes, as *neither*.
    embedding : ndarray of float32, shape (D,), or None
        Pooled features of all backbones.
    """

    status: str
    label: str | None = None
    labels: tuple[str, ...] | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    embedding: npt.NDArray[np.float32] | None = None
    set: tuple[str, ...] | None = None

    @property
    def readable(self) -> bool:
        """Whether the photo could be read."""
        return self.status == "ok"


class ServedModel:
    """One version of a model, ready to answer.

    Opening compiles and checks it, which takes a second or more: not for the thread that answers.

    Parameters
    ----------
    name, version : str
        What clients call it.
    source : path
        What `load` takes.
    precision : {"auto", "f32", "bf16", "int8"}
    max_pixels : int
        Width times height of a photo that is read.
    metrics : Metrics

    Attributes
    ----------
    model : Model
    sha256 : str
        SHA-256 of the model's file, in hexadecimal; of the bundled classifier, that of its graph.
    precision : str
        The precision in use.
    width : int
        Number of pooled features of a photo.

    Raises
    ------
    PawlensError
        There is no such model, or its answers here are not those of its own graph.
    """

    def __init__(
        self,
        name: str,
        version: str,
        source: str | Path,
        *,
        precision: Precision,
        max_pixels: int,
        metrics: Metrics,
    ) -> None:
        self.name, self.version = name, version
        self.model: Model = load(source)
        self.width = sum(spec.feature_dim for spec in self.model.facts.backbones)
        graph = self.model.embedding_graph()  # one pass gives answers and features
        self.sha256 = self.model.sha256 or hashlib.sha256(self.model.engine_graph()).hexdigest()
        self._max_pixels, self._metrics = max_pixels, metrics
        # One map at a time, in a thread of their own, which crowds out no answer and no record. It
        # ends with the model: a request may want its map when the model has been replaced.
        self._drawing = ThreadPoolExecutor(1, thread_name_prefix="map")
        self._explainer: Explains | None = None
        self._answering = 0  # photos that it was asked and has not answered
        single, joined = self._open(graph, self.model.facts.precision(precision))
        self.precision = single.precision
        self._batches = Batches(
            single,
            joined,
            size=self._pixels,
            decode=self._squares,
            finish=self._answers,
            threads=cores(),
            metrics=metrics,
        )

    def close(self) -> None:
        """Let its threads go; what they compute is finished first."""
        self._batches.close()

    async def drain(self) -> None:
        """Wait until it has answered all that it was asked."""
        while self._answering:
            await asyncio.sleep(0.01)

    async def answer(self, photo: Incoming) -> Answer:
        """Answer one photo, on the way from file to answer that `Model.answer` takes."""
        self._answering += 1
        try:
            return await self._answer(photo)
        except (UnreadablePhoto, MissingExtra) as error:
            self._metrics.unreadable.labels(self.name).inc()
            return Answer(f"unreadable: {error}")
        finally:
            self._answering -= 1

    async def _answer(self, photo: Incoming) -> Answer:
        answer = await self._batches.answer(photo.data)
        self._metrics.answers.labels(self.name, answer.label).inc()
        self._metrics.confidence.labels(self.name).inc(max(answer.probabilities.values()))
        return answer

    def _answers(self, outputs: npt.NDArray[np.float32]) -> list[Answer]:
        """Make answers of the outputs of a batch, float32 (n, D)."""
        answers, embeddings = self.model.split_outputs(outputs)
        return _read(self.model.predictions(["photo"] * len(outputs), answers), embeddings)

    async def draw_map(self, photo: Incoming) -> bytes:
        """Draw where in a photo the answer comes from, as a PNG of at most 512 pixels a side.

        Raises
        ------
        Refused
            400 where the model has no map to give.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._drawing, self._map, photo.data)

    def _map(self, data: bytes) -> bytes:
        try:
            self._explainer = self._explainer or self.model.explainer()
            overlay = self._explainer.explain(decode(data, min_side=_MAP)).overlay()
        except UsageError as error:
            raise Refused(400, "model", str(error)) from error
        picture = Image.fromarray(overlay)
        picture.thumbnail((_MAP, _MAP))
        file = io.BytesIO()
        picture.save(file, "PNG")
        return file.getvalue()

    def _pixels(self, data: bytes) -> int:
        """Return the number of pixels of a photo, as its header says; too many are refused."""
        width, height = probe(data)[1:]
        if width * height > self._max_pixels:
            raise UnreadablePhoto(
                f"{width} x {height} pixels, and this server takes {self._max_pixels:,}"
            )
        return width * height

    def _squares(self, data: bytes) -> list[Pixels]:
        """Decode a photo into what each backbone sees, uint8 (S, S, 3)."""
        facts = self.model.facts
        photos = Photos([Photo("photo")], _OnePhoto(data), name="request")
        trimmed = {0} if facts.borders == "trim" else ()
        return WholePhotos(photos, trimmed=trimmed, scale=facts.scale).pixels(0, facts.backbones)

    def _open(self, graph: bytes, precision: Precision) -> tuple[OpenVinoEngine, OpenVinoEngine]:
        """Compile the graph for one photo and for a batch, and prove both.

        Where ``auto`` is bf16 and the model does not keep the limits in it, f32 is taken.
        """
        specs = self.model.facts.backbones
        photos = [_picture(side) for side in _CHECKED]
        tried: list[Precision] = ["auto", "f32"] if precision == "auto" else [precision]
        while True:
            single, joined = (
                OpenVinoEngine(graph, specs, precision=tried[0], batch_size=size)
                for size in (1, BATCH)
            )
            try:
                self._prove(photos, single, joined)
            except ParityError:
                if len(tried) == 1:
                    raise
                del tried[0]
            else:
                return single, joined

    def _prove(
        self, photos: Sequence[bytes], single: OpenVinoEngine, joined: OpenVinoEngine
    ) -> None:
        """Compare both engines with the model's own graph in ONNX Runtime, from files on."""
        squares = [self._squares(photo) for photo in photos]
        inputs = [np.stack(seen) for seen in zip(*squares, strict=True)]
        together = self._probabilities(joined.answer(inputs))
        alone = [
            single.answer([seen[row : row + 1] for seen in inputs]) for row in range(len(photos))
        ]
        expected = together
        if isinstance(self.model, ExportedModel):  # the bundled classifier is no single graph
            graph = self.model.to_onnx().SerializeToString()
            expected = answers_of(graph, [partial(decode, photo) for photo in photos])
        for name, found in (
            ("a batch", together),
            ("one photo", self._probabilities(np.concatenate(alone))),
        ):
            agreement = measure_agreement(expected, found, self.model.facts.labels)
            if not agreement.passed:
                raise ParityError(
                    f"{self.name}: answers to {name} in {joined.precision} are not those of its "
                    f"own graph: mean difference {agreement.mean_difference:.2g}, largest "
                    f"{agreement.max_difference:.2g}; try --precision f32"
                )

    def _probabilities(self, outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        answers, _ = self.model.split_outputs(outputs)
        return self.model.predictions(["photo"] * len(answers), answers).proba


class _OnePhoto:
    """A store of one photo that is in memory; see `Photos`."""

    location = Path()

    def __init__(self, data: bytes) -> None:
        self._data = data

    def names(self) -> list[str]:
        return ["photo"]

    def head(self, name: str) -> bytes:
        return self._data[:16]

    def read(self, name: str) -> bytes:
        return self._data


def _read(predictions: Predictions, embeddings: npt.NDArray[np.float32]) -> list[Answer]:
    """Read the rows of predictions, and keep the features with them."""
    count = len(predictions)
    several = (
        predictions.label_sets if isinstance(predictions, LabelPredictions) else [None] * count
    )
    sets = predictions.sets or [None] * count
    scores = {name: values.tolist() for name, values in predictions.scores.items()}
    return [
        Answer(
            "ok",
            label,
            several[row],
            dict(zip(predictions.classes, probabilities, strict=True)),
            {name: values[row] for name, values in scores.items()},
            embeddings[row],
            sets[row],
        )
        for row, (label, probabilities) in enumerate(
            zip(predictions.labels, predictions.proba.tolist(), strict=True)
        )
    ]


def _picture(side: int) -> bytes:
    """A picture of soft colours as a JPEG, the same one each time."""
    coarse = np.random.default_rng(side).integers(0, 256, (6, 8, 3), np.uint8)
    soft = Image.fromarray(coarse).resize((side * 4 // 3, side), Image.Resampling.BICUBIC)
    file = io.BytesIO()
    soft.save(file, "JPEG", quality=90)
    return file.getvalue()
