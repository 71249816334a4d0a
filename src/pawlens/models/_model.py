"""The interface of every classifier: probabilities, labels and explanations of photos."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..backbones import Precision
from ..base import Watcher, notebook_card, or_plain_text
from ..explain import ExplainMethod, Explains
from ..export import GraphFacts, TrainedOn, with_embedding
from ..photos import PhotosLike
from ..trust import AnswerRules
from ._embeddings import Embeddings
from ._predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnx

__all__ = ["Model"]


class Model(ABC):
    """A trained classifier; `load` opens one.

    Attributes
    ----------
    facts : GraphFacts
    classes_ : list of str
        Class names in the order of the probabilities (scikit-learn's name for them).
    trained_on : TrainedOn or None
        The photos that the model was trained on; None where that is unknown.
    sha256 : str
        SHA-256 of the file that the model was read from, in hexadecimal; empty for one that was
        not read from its own file.
    answer_rules : AnswerRules
        How probabilities become answers: sets, when to ask a person, costs, and *neither*.

    Examples
    --------
    >>> from pawlens import Photos, load
    >>> model = load("runs/first")
    >>> photos = Photos.read("photos/test", labels=False)
    >>> model.predict_proba(photos).shape
    (3, 2)
    >>> set(model.predict(photos)) <= {"cat", "dog", "neither"}
    True
    """

    def __init__(
        self,
        facts: GraphFacts,
        trained_on: TrainedOn | None = None,
        sha256: str = "",
        answer_rules: AnswerRules | None = None,
    ) -> None:
        self.facts = facts
        self.answer_rules = answer_rules or AnswerRules()
        self.trained_on = trained_on
        self.sha256 = sha256
        self.classes_ = list(facts.classes)

    def __repr__(self) -> str:
        names = ", ".join(spec.name for spec in self.facts.backbones)
        return f"{type(self).__name__}({', '.join(self.classes_)}; {names})"

    @or_plain_text
    def _repr_html_(self) -> str:
        facts, rules = self.facts, self.facts.labels
        calibration = f"temperature {facts.temperature:.3f}, clip {facts.clip:g}"
        learnt = "not noted" if self.trained_on is None else f"{len(self.trained_on.digests):,}"
        return notebook_card(
            f"Model of pawlens {facts.version}",
            facts=[
                ("labels, several a photo" if rules else "classes", ", ".join(self.classes_)),
                ("calibration", "of each label" if rules else calibration),
                ("borders", "cut off" if facts.borders == "trim" else "kept"),
                ("photos that it learnt from", learnt),
            ],
            header=("backbone", "input", "features", "licence"),
            rows=[
                (s.name, f"{s.input_size} px", str(s.feature_dim), s.licence)
                for s in facts.backbones
            ],
        )

    def predict_proba(self, photos: PhotosLike) -> npt.NDArray[np.float64]:
        """Predict the calibrated probability of every class.

        Parameters
        ----------
        photos : Photos

        Returns
        -------
        ndarray of float64, shape (n, K)
            Probabilities in the order of `classes_`; a row of NaN where a photo cannot be read.
            Where a photo may have several labels, rows do not sum to 1.
        """
        return self.answer(photos).proba

    def predict(self, photos: PhotosLike) -> list[str | None]:
        """Predict what each photo shows.

        Parameters
        ----------
        photos : Photos

        Returns
        -------
        list of str or None, length n
            The most probable class, or what the model's `answer_rules` say: ``neither`` for a photo
            that is unlike all of training, ``ask a person`` where it was told to. None where a
            photo cannot be read. Where a photo may have several labels, its labels joined by ``;``,
            or ``none``.
        """
        return self.answer(photos).labels

    @abstractmethod
    def answer(
        self,
        photos: PhotosLike,
        *,
        precision: Precision = "auto",
        rotations: bool = False,
        views: Sequence[str] = (),
        progress: Watcher = None,
    ) -> Predictions:
        """Probabilities, labels and status of every photo, in order.

        Decoding and resizing run in threads beside the inference; memory holds the answers and
        a few batches of pixels.

        Parameters
        ----------
        photos : Photos, path, or sequence of paths
        precision : {"auto", "f32", "bf16"}
        rotations : bool
            The same as the view ``rotations``.
        views : sequence of str
            How each photo is looked at beside as it is; the answers are joined. ``flip`` is its
            mirror image (twice the inference); ``crops`` its middle and corners, 0.85 of a side
            (six times; seven with ``flip``); ``subject`` the part that its features come from,
            where that is clearly smaller than the photo (at most twice). ``rotations`` is
            all of that at 0, 90, 180 and 270 degrees, four times the work (`join_turns`).
        progress : callable, False or None
            What is told how much is done; by default bars in a notebook, and nothing elsewhere.

        Raises
        ------
        UsageError
            A view is unknown, or ``subject`` where a backbone has no map to give.
        """

    @abstractmethod
    def embed(self, photos: PhotosLike, *, progress: Watcher = None) -> Embeddings:
        """Compute the pooled features of every photo, in order; see `pawlens.embed`.

        Parameters
        ----------
        photos : Photos, path, or sequence of paths
        progress : callable, False or None
            What is told how much is done; by default bars in a notebook, and nothing elsewhere.
        """

    @abstractmethod
    def engine_graph(self) -> bytes:
        """Return the serialised ONNX graph whose outputs `predictions` reads.

        Its inputs are those of `batched_graph`.
        """

    def embedding_graph(self) -> bytes:
        """Return the graph of `engine_graph` with the pooled features as further columns.

        `split_outputs` tells answers and features apart.
        """
        return with_embedding(self.engine_graph())

    def split_outputs(
        self, outputs: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Split what the graph of `embedding_graph` gives.

        Parameters
        ----------
        outputs : ndarray of float32, shape (n, W + D)

        Returns
        -------
        (answers, embedding) : ndarrays of float32, shapes (n, W) and (n, D)
            What `predictions` reads, and the pooled features that `embed` gives.
        """
        width = sum(spec.feature_dim for spec in self.facts.backbones)
        return outputs[:, :-width], outputs[:, -width:]

    @abstractmethod
    def predictions(self, paths: Sequence[str], outputs: npt.NDArray[np.float32]) -> Predictions:
        """Read what an engine gives for one look at each of n photos.

        Parameters
        ----------
        paths : sequence of str, length n
        outputs : ndarray of float32, shape (n, D)
            Outputs of the graph from `engine_graph`.

        Returns
        -------
        Predictions
            A row for each photo, as `answer` gives.
        """

    @abstractmethod
    def explainer(
        self, method: ExplainMethod = "auto", *, weights_dir: Path | None = None
    ) -> Explains:
        """Open an explainer for this model's answers; see `pawlens.explain`.

        Parameters
        ----------
        method : {"auto", "cam", "occlusion", "gradcam", "integrated-gradients"}
            The first three need the graph alone; see `pawlens.workflows.explain`. The others need
            ``pawlens[explain]`` and the weights of the backbones.
        weights_dir : Path, optional
            Folder with those weights; the cache of downloads by default.

        Returns
        -------
        Explains
            An explainer; ``explain(pixels)`` of it returns an `Explanation`.

        Raises
        ------
        UsageError
            No backbone has a map to read (``cam``), the weights are not there, or there is no such
            method.
        """

    @abstractmethod
    def batched(self) -> bytes:
        """Return a serialised ONNX graph from resized photos, float32 (N, 3, S, S), to `classes_`.

        Its output is probabilities float32 (N, K); its inputs are those of `batched_graph`.
        """

    @abstractmethod
    def to_onnx(self) -> onnx.ModelProto:
        """Return a copy of the whole graph, from one photo to its probabilities, with its metadata.

        Raises
        ------
        UsageError
            The model is not one graph.
        """
