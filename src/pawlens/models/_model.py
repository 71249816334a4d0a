"""A trained classifier, read back from its one file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import OpenVinoEngine, Precision
from ..base import Progress
from ..errors import RunError, UnreadablePhoto
from ..explain import Explains, Method, open_explainer
from ..export import GraphFacts, batched_graph, mapped_graph, read_facts, read_head
from ..photos import Photos
from ._predictions import LabelPredictions, Predictions, label_by_label
from ._rotations import join_turns
from ._views import answer_photos, check_views, join_looks

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

__all__ = ["Model", "load", "row_status"]


class Model:
    """A classifier loaded from ``model.onnx``; see `load`.

    Attributes
    ----------
    facts : GraphFacts
    classes_ : list of str
        In the order of the probabilities (scikit-learn's name).
    """

    def __init__(self, graph: onnx.ModelProto, facts: GraphFacts) -> None:
        self.facts = facts
        self.classes_ = list(facts.classes)
        self._graph = graph

    @property
    def graph(self) -> onnx.GraphProto:
        """Its nodes and constants; not to be changed."""
        return self._graph.graph

    def to_onnx(self) -> onnx.ModelProto:
        """Return a copy of the whole graph, with its metadata."""
        import onnx

        copy = onnx.ModelProto()
        copy.CopyFrom(self._graph)
        return copy

    def predict_proba(self, photos: Photos) -> npt.NDArray[np.float64]:
        """Probabilities float64 [n, K]; a row of NaN where a photo cannot be read.

        Where a photo may have several labels, rows do not sum to 1.
        """
        return self.answer(photos).proba

    def predict(self, photos: Photos) -> list[str | None]:
        """The most probable class of each photo; None where it cannot be read.

        Where a photo may have several labels, those given, joined by ``;``, or ``none``.
        """
        return self.answer(photos).labels

    def answer(
        self,
        photos: Photos,
        *,
        precision: Precision = "auto",
        rotations: bool = False,
        views: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Predictions:
        """Probabilities, labels and status of every photo, in order.

        Decoding and resizing run in threads beside the inference; memory holds the answers and
        a few batches of pixels.

        Parameters
        ----------
        photos : Photos
        precision : {"auto", "f32", "bf16"}
        rotations : bool
            The same as the view ``rotations``.
        views : sequence of str
            How each photo is looked at beside as it is; the answers are joined. ``flip`` is its
            mirror image (twice the inference); ``crops`` its middle and corners, 0.85 of a side
            (six times; seven with ``flip``); ``subject`` the part that its features come from,
            where that is clearly smaller than the photo (at most twice). ``rotations`` is
            all of that at 0, 90, 180 and 270 degrees, four times the work (`join_turns`).
        progress : callable, optional

        Raises
        ------
        UsageError
            A view is unknown, or ``subject`` where a backbone has no map to give.
        """
        wanted = check_views(views, rotations)
        specs, rules = self.facts.backbones, self.facts.labels
        graph = batched_graph(self._graph, self.facts)
        engine = OpenVinoEngine(
            mapped_graph(graph) if "subject" in wanted else graph,
            specs,
            precision=precision,
            batch_size=min(len(photos), 4) or 1,
        )
        proba = answer_photos(
            engine,
            photos,
            specs,
            width=len(self.classes_),
            join=label_by_label(_join) if rules else _join,
            merge=label_by_label(join_looks) if rules else join_looks,
            trimmed=range(len(photos)) if self.facts.borders == "trim" else (),
            views=wanted,
            progress=progress,
        )
        status = row_status(photos, proba)
        if rules:
            return LabelPredictions(photos.paths, self.classes_, proba, status, rules)
        return Predictions(photos.paths, self.classes_, proba, status)

    def explainer(self, method: Method = "cam", *, weights_dir: Path | None = None) -> Explains:
        """What explains this model's answers; see `pawlens.explain`.

        Parameters
        ----------
        method : {"cam", "gradcam", "integrated-gradients"}
            Class activation maps come out of the graph itself; the others need
            ``pawlens[explain]`` and the weights of the backbones.
        weights_dir : Path, optional
            Folder with those weights; what was downloaded before by default.

        Raises
        ------
        UsageError
            No backbone has a map to give, the weights are not there, or there is no such method.
        """
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


def load(path: str | Path = "cats-vs-dogs") -> Model:
    """Load a classifier from ``model.onnx`` or from the run folder that holds it.

    Without a path, or by the name ``"cats-vs-dogs"``, it is the one that comes with pawlens and
    answers cat, dog, neither or both. A file or folder of that name goes first.

    Nothing in the file is run but its graph; the metadata is plain JSON.

    Raises
    ------
    RunError
        The file is missing, is not ONNX, or was not written by pawlens.
    """
    import onnx
    from google.protobuf.message import DecodeError

    file = Path(path)
    if str(path) == "cats-vs-dogs" and not file.exists():
        from ._bundled import BundledModel

        return BundledModel()
    if file.is_dir():
        file = file / "model.onnx"
    if not file.is_file():
        raise RunError(f"{file}: no such model; give a finished run folder or a model.onnx")
    try:
        graph = onnx.load(str(file), format="protobuf")
    except (DecodeError, ValueError) as error:
        raise RunError(f"{file}: not an ONNX file, or damaged") from error
    facts = read_facts(graph)
    if facts is None:
        raise RunError(f"{file}: not a classifier of pawlens (its metadata is missing)")
    return Model(graph, facts)


def _join(answers: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """One row of probabilities for each photo, from those of its looks, [T, L, n, K]."""
    return join_turns(np.stack([join_looks(turn) for turn in answers]))


def row_status(photos: Photos, proba: npt.NDArray[np.float64]) -> list[str]:
    """``"ok"``, or why there is no answer, for each row of probabilities float64 [n, K]."""
    status = ["ok"] * len(photos)
    for row, reason in _reasons(photos, np.flatnonzero(np.isnan(proba[:, 0])).tolist()):
        status[row] = f"unreadable: {reason}"
    return status


def _reasons(photos: Photos, rows: Iterable[int]) -> Sequence[tuple[int, str]]:
    """Why each of these photos cannot be read."""
    found = []
    for row in rows:
        try:
            photos.decode(row)
            found.append((row, "it changed while it was read"))
        except (UnreadablePhoto, ImportError) as error:
            found.append((row, str(error)))
    return found
