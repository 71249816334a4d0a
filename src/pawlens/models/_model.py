"""The interface of every classifier: probabilities, labels and explanations of photos."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..backbones import Precision
from ..base import Progress
from ..explain import Explains, Method
from ..export import GraphFacts, TrainedOn
from ..photos import Photos
from ._predictions import Predictions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

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

    Examples
    --------
    >>> from pawlens import Photos, load
    >>> model = load("runs/first")
    >>> photos = Photos.read("photos/test", labels=False)
    >>> model.predict_proba(photos).shape
    (3, 2)
    >>> set(model.predict(photos)) <= {"cat", "dog"}
    True
    """

    def __init__(self, facts: GraphFacts, trained_on: TrainedOn | None = None) -> None:
        self.facts = facts
        self.trained_on = trained_on
        self.classes_ = list(facts.classes)

    def predict_proba(self, photos: Photos) -> npt.NDArray[np.float64]:
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

    def predict(self, photos: Photos) -> list[str | None]:
        """Predict the most probable class of each photo.

        Parameters
        ----------
        photos : Photos

        Returns
        -------
        list of str or None, length n
            The class; None where a photo cannot be read. Where a photo may have several labels,
            its labels joined by ``;``, or ``none``.
        """
        return self.answer(photos).labels

    @abstractmethod
    def answer(
        self,
        photos: Photos,
        *,
        precision: Precision = "auto",
        rotations: bool = False,
        views: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Predictions:
        """Predict every photo, in order: probabilities, labels and status.

        Decoding and resizing run in threads beside the inference; memory holds the answers and
        a few batches of pixels.

        Parameters
        ----------
        photos : Photos
        precision : {"auto", "f32", "bf16"}
        rotations : bool
            The same as the view ``rotations``.
        views : sequence of str
            Test-time augmentation: further views of each photo, whose answers are joined with that
            of the photo as it is. ``flip`` is its mirror image (twice the inference); ``crops`` its
            middle and corners, 0.85 of a side (six times; seven with ``flip``); ``subject`` the
            part that its features come from, where that is clearly smaller than the photo (at most
            twice). ``rotations`` is all of that at 0, 90, 180 and 270 degrees, four times the work
            (`join_turns`).
        progress : callable, optional

        Returns
        -------
        Predictions

        Raises
        ------
        UsageError
            A view is unknown, or it is ``subject`` and a backbone has no map to give.

        Examples
        --------
        >>> from pawlens import Photos, load
        >>> predictions = load("runs/first").answer(Photos.read("photos/test", labels=False))
        >>> predictions.status
        ['ok', 'ok', 'ok']
        """

    @abstractmethod
    def explainer(self, method: Method = "cam", *, weights_dir: Path | None = None) -> Explains:
        """Open an explainer for this model's answers; see `pawlens.explain`.

        Parameters
        ----------
        method : {"cam", "gradcam", "integrated-gradients"}
            Class activation maps come out of the graph itself; the others need
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
            No backbone has a map to give, the weights are not there, or there is no such method.
        """

    @abstractmethod
    def batched(self) -> bytes:
        """Return a serialised ONNX graph from resized photos, float32 (N, 3, S, S), to `classes_`.

        Its output is probabilities float32 (N, K); its inputs are those of `batched_graph`.
        """
