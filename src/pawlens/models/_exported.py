"""A trained classifier, read back from its one file."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import Precision
from ..base import Progress, Watcher, watched
from ..errors import RunError
from ..explain import ExplainMethod, Explains, open_explainer
from ..export import (
    GraphFacts,
    batched_graph,
    has_score,
    read_head,
    read_model_file,
    read_photos_noted,
    read_rules,
)
from ..photos import Photos, PhotosLike, as_photos
from ..runs import MODEL
from ._embed_photos import embed_photos
from ._embeddings import Embeddings
from ._model import Model
from ._predictions import (
    LabelPredictions,
    Predictions,
    beside_score,
    label_by_label,
    row_status,
)
from ._rotations import join_turns
from ._views import answer_photos, check_views, join_looks, open_view_engine

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

__all__ = ["ExportedModel", "answer_rows", "read_model"]


class ExportedModel(Model):
    """A classifier of ``model.onnx``, as training and ensembles write it; see `Model`."""

    def __init__(self, graph: onnx.ModelProto, facts: GraphFacts, sha256: str = "") -> None:
        rules = read_rules(graph, len(facts.classes))
        super().__init__(facts, read_photos_noted(graph), sha256, rules)
        self._graph = graph

    @property
    def graph(self) -> onnx.GraphProto:
        """The nodes and constants of the model; not to be changed."""
        return self._graph.graph

    def to_onnx(self) -> onnx.ModelProto:
        """Return a copy of the whole graph, with its metadata; see `Model.to_onnx`."""
        import onnx

        copy = onnx.ModelProto()
        copy.CopyFrom(self._graph)
        return copy

    def batched(self) -> bytes:
        """Return the graph for many resized photos at once; see `Model.batched`."""
        return batched_graph(self._graph, self.facts)

    def answer(
        self,
        photos: PhotosLike,
        *,
        precision: Precision = "auto",
        rotations: bool = False,
        views: Sequence[str] = (),
        progress: Watcher = None,
    ) -> Predictions:
        """Predict every photo, in order; see `Model.answer`."""
        photos = as_photos(photos, labels=False)
        wanted = check_views(views, rotations)
        specs, rules = self.facts.backbones, self.facts.labels
        engine, mapped = open_view_engine(
            self.engine_graph(),
            specs,
            photos=len(photos),
            views=wanted,
            precision=self.facts.precision(precision),
        )
        k, scored = len(self.classes_), has_score(self._graph.graph)
        with watched(progress) as told:
            columns = answer_photos(
                engine,
                photos,
                specs,
                width=k + scored,
                join=beside_score(label_by_label(_join) if rules else _join, k),
                merge=beside_score(label_by_label(join_looks) if rules else join_looks, k),
                trimmed=range(len(photos)) if self.facts.borders == "trim" else (),
                views=wanted,
                mapped=mapped,
                scale=self.facts.scale,
                progress=told,
            )
        return self._table(photos.paths, columns, row_status(photos, columns))

    def embed(self, photos: PhotosLike, *, progress: Watcher = None) -> Embeddings:
        """Compute the pooled features of every photo, in order; see `Model.embed`."""
        facts = self.facts
        graph = batched_graph(self._graph, facts, embedding=True)
        return embed_photos(
            graph,
            photos,
            facts.backbones,
            precision=facts.precision("auto"),
            trims=facts.borders == "trim",
            scale=facts.scale,
            progress=progress,
        )

    def engine_graph(self) -> bytes:
        """Return the graph for many resized photos; see `Model.engine_graph`."""
        return batched_graph(self._graph, self.facts, score=True)

    def predictions(self, paths: Sequence[str], outputs: npt.NDArray[np.float32]) -> Predictions:
        """Read probabilities float32 (n, K) and scores of *neither*; see `Model.predictions`."""
        return self._table(list(paths), np.asarray(outputs, np.float64), ["ok"] * len(paths))

    def _table(
        self, paths: list[str], columns: npt.NDArray[np.float64], status: list[str]
    ) -> Predictions:
        k, labels = len(self.classes_), self.facts.labels
        proba, neither = columns[:, :k], columns[:, k] if columns.shape[1] > k else None
        told: dict[str, Any] = {"answer_rules": self.answer_rules, "neither": neither}
        if labels:
            return LabelPredictions(paths, self.classes_, proba, status, labels, **told)
        return Predictions(paths, self.classes_, proba, status, **told)

    def explainer(
        self, method: ExplainMethod = "auto", *, weights_dir: Path | None = None
    ) -> Explains:
        """Open an explainer for this model's answers; see `Model.explainer`."""
        return open_explainer(
            self._graph,
            read_head(self._graph),
            self.facts.backbones,
            self.facts.weights_hashes,
            self.classes_,
            method=method,
            weights_dir=weights_dir,
            clip=self.facts.clip,
            trims=self.facts.borders == "trim",
            labels=self.facts.labels,
        )


def read_model(file: Path) -> ExportedModel:
    """Read a classifier from ``model.onnx`` or from the run folder that holds it.

    Raises
    ------
    RunError
        The file is missing, is not ONNX, was not written by pawlens or changed since, or cannot be
        run within limits of time and memory.
    """
    if file.is_dir():
        file = file / MODEL
    if not file.is_file():
        raise RunError(f"{file}: no such model; give a finished run folder or a model.onnx")
    try:
        return ExportedModel(*read_model_file(file))
    except ValueError as error:
        raise RunError(f"{file}: not a classifier of pawlens ({error})") from error


def answer_rows(
    graph: onnx.ModelProto,
    facts: GraphFacts,
    photos: Photos,
    cut: Container[int],
    progress: Progress | None,
    rows: Sequence[int],
) -> npt.NDArray[np.float64]:
    """Compute a graph's probabilities for the given rows; borders marked for trimming are cut off.

    Parameters
    ----------
    graph : onnx.ModelProto
    facts : GraphFacts
    photos : Photos
    cut : container of int
        Rows whose border is cut off before the graph sees them, as in training.
    progress : callable or None
    rows : sequence of int

    Returns
    -------
    ndarray of float64, shape (n, K)
        Probabilities; NaN in the row of a photo that cannot be read.
    """
    proba = np.empty((len(rows), len(facts.classes)))
    trimmed = np.array([row in cut for row in rows], bool)
    for borders, alike in ((facts.borders, ~trimmed), ("trim", trimmed)):
        if alike.any():
            model = ExportedModel(graph, replace(facts, borders=borders))
            chosen = photos.subset(rows[place] for place in np.flatnonzero(alike).tolist())
            proba[alike] = model.answer(chosen, progress=progress).proba
    return proba


def _join(answers: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Join the probabilities of each photo's looks, (T, L, n, K), to one row a photo."""
    return join_turns(np.stack([join_looks(turn) for turn in answers]))
