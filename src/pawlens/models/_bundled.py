"""The classifier that needs no training: the bundled ``paw`` and its head, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Precision, find_backbone
from ..base import Watcher, __version__, user_cache, watched
from ..errors import UsageError
from ..explain import ExplainMethod, Explains
from ..export import GraphFacts, compose_graph
from ..heads import CatDogAnswers, CatDogHead
from ..photos import PhotosLike, as_photos
from ._embed_photos import embed_photos
from ._embeddings import Embeddings
from ._exported import ExportedModel
from ._model import Model
from ._predictions import Predictions, row_status
from ._views import answer_photos, check_views, join_looks, open_view_engine

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats = npt.NDArray[np.float64]

__all__ = ["BUNDLED", "BundledModel", "BundledPredictions", "join_answers"]

BUNDLED = "cats-vs-dogs"
"""The name that `load` knows it by."""

_UPRIGHT = float(np.log(9))  # a photo stands nine times as often as it lies one certain way


class BundledPredictions(Predictions):
    """Answers of the bundled classifier: cat, dog, neither or both.

    Attributes
    ----------
    answers : CatDogAnswers
        ``answers.neither`` and ``answers.both`` are NaN where a photo could not be read.
    """

    def __init__(
        self, paths: list[str], classes: list[str], answers: CatDogAnswers, status: list[str]
    ) -> None:
        super().__init__(paths, classes, answers.proba, status, neither=answers.neither)
        self.answers = answers

    @property
    def labels(self) -> list[str | None]:
        """The answer for each photo; None where it could not be read."""
        pairs = zip(self.answers.labels().tolist(), self.status, strict=True)
        return [label if status == "ok" else None for label, status in pairs]

    @property
    def scores(self) -> dict[str, Floats]:
        """Scores float64 (n,) of "neither" and "both", which are not classes (`CatDogAnswers`)."""
        return {"neither": self.answers.neither, "both": self.answers.both}


class BundledModel(Model):
    """The classifier that comes with pawlens; see `load`.

    Attributes
    ----------
    classes_ : list of str
        ``["cat", "dog"]``.
    """

    def __init__(self) -> None:
        self._paw = find_backbone("paw", cache_dir=user_cache())
        self._head = CatDogHead(self._paw.weights_hash)
        facts = GraphFacts(
            self._head.classes,
            (self._paw.spec,),
            (self._paw.weights_hash,),
            float(self._head.facts["temperature"]),
            0.0,
            __version__,
        )
        super().__init__(facts)

    def answer(
        self,
        photos: PhotosLike,
        *,
        precision: Precision = "auto",
        rotations: bool = False,
        views: Sequence[str] = (),
        progress: Watcher = None,
    ) -> BundledPredictions:
        """Predict every photo, in order; see `Model.answer`."""
        photos = as_photos(photos, labels=False)
        wanted = check_views(views, rotations)
        engine, mapped = open_view_engine(
            self._paw.path.read_bytes(),
            [self._paw.spec],
            photos=len(photos),
            views=wanted,
            precision=precision,
        )
        with watched(progress) as told:
            table = answer_photos(
                engine,
                photos,
                [self._paw.spec],
                width=5,
                join=self._join,
                merge=_merge,
                views=wanted,
                mapped=mapped,
                progress=told,
            )
        answers = _answers(table)
        status = row_status(photos, answers.proba)
        return BundledPredictions(photos.paths, self.classes_, answers, status)

    def embed(self, photos: PhotosLike, *, progress: Watcher = None) -> Embeddings:
        """Compute the features of ``paw``, in order; see `Model.embed`."""
        return embed_photos(self._paw.path, photos, [self._paw.spec], progress=progress)

    def engine_graph(self) -> bytes:
        """Return the graph of `paw`, whose features the head reads; see `Model.engine_graph`."""
        return self._paw.path.read_bytes()

    def embedding_graph(self) -> bytes:
        """Return the graph of `paw`, whose features are all there is; see `Model`."""
        return self.engine_graph()

    def split_outputs(
        self, outputs: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Return features float32 (n, D) as what the head reads, and as the embedding."""
        return outputs, outputs

    def predictions(
        self, paths: Sequence[str], outputs: npt.NDArray[np.float32]
    ) -> BundledPredictions:
        """Read features float32 (n, D); see `Model.predictions`."""
        answers = self._head(outputs)
        return BundledPredictions(list(paths), self.classes_, answers, ["ok"] * len(paths))

    def to_onnx(self) -> onnx.ModelProto:
        """Refuse: its answers neither and both are computed outside any graph.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(f"{BUNDLED} is no single graph and cannot be exported: train a model")

    def explainer(
        self, method: ExplainMethod = "auto", *, weights_dir: Path | None = None
    ) -> Explains:
        """Open an explainer for cat against dog; see `Model.explainer`."""
        return self._cat_or_dog().explainer(method, weights_dir=weights_dir)

    def batched(self) -> bytes:
        """Return the graph for cat against dog alone, in batches; see `Model.batched`."""
        return self._cat_or_dog().batched()

    def _cat_or_dog(self) -> ExportedModel:
        """Compose the part that tells cat from dog as an exported model."""
        facts = replace(self.facts, temperature=1)  # that of the head is inside its weights
        return ExportedModel(compose_graph([self._paw], self._head.animal(), facts), facts)

    def _join(self, looks: npt.NDArray[np.float32]) -> Floats:
        """Join the answers to all looks of each photo, from features float32 (T, L, n, D)."""
        each = ([_columns(self._head(look)) for look in turn] for turn in looks)
        return _columns(join_answers([_answers(_merge(np.stack(turn))) for turn in each]))


def join_answers(turns: Sequence[CatDogAnswers]) -> CatDogAnswers:
    """Join the answers to the quarter turns of n photos; a single answer is returned as it is.

    A turn weighs as much as it is likely to be the one that stands upright, by the head's word.
    """
    each = np.stack([_columns(turn) for turn in turns])
    likely = each[:, :, 4].copy()
    likely[0] += _UPRIGHT
    weights = np.exp(likely - likely.max(axis=0))
    weights /= weights.sum(axis=0)
    return _answers((weights[:, :, None] * each).sum(axis=0))


def _merge(looks: Floats) -> Floats:
    """Join columns float64 (L, n, 5) of several looks; a score is a probability of two answers."""
    scores = [
        join_looks(np.stack([1 - score, score], 2))[:, 1] for score in np.moveaxis(looks, 2, 0)[2:4]
    ]
    return np.column_stack([join_looks(looks[:, :, :2]), *scores, looks[:, :, 4].mean(axis=0)])


def _columns(answers: CatDogAnswers) -> Floats:
    """Put cat, dog, neither, both and upright side by side, float64 (n, 5)."""
    a = answers
    return np.column_stack([a.proba, a.neither, a.both, a.upright])


def _answers(columns: Floats) -> CatDogAnswers:
    proba, (neither, both, upright) = columns[:, :2], columns[:, 2:].T
    return CatDogAnswers(proba, neither, both, upright)
