"""Class activation maps from the graph that ships, without torch and without a gradient.

Where features are the mean over a grid of cells and the head is linear, a logit is a mean over
the cells: each cell's channels times the head's weights (Zhou et al. 2016, arXiv:1512.04150). A
fused head is as linear in several backbones as in one, so each has its map and their sum is the
logit. Nothing is approximated but the drawing of a few cells as pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..backbones import Pooling, feature_names, find_pooling
from ..base import Progress, cores, tell
from ..errors import MissingExtra, UnreadablePhoto, UsageError
from ..heads import Head
from ..photos import Photos, find_border
from ._effective import against_others, alone, effective_weights, head_inputs
from ._explanation import Explanation, Part

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["MAP_SIDE", "Explained", "Explainer", "Explains", "class_number", "explain_photos"]

MAP_SIDE = 640
"""Pixels of the shorter side down to which a large photo may be decoded: maps are coarser."""

Explained = Explanation | UnreadablePhoto | MissingExtra
"""What there is to say about a photo, or why it cannot be read."""


class Explains(Protocol):
    """The interface of explainers, whatever their method.

    Attributes
    ----------
    unmapped : sequence of str
        Backbones that have a share, and no map.
    """

    @property
    def unmapped(self) -> Sequence[str]: ...

    def explain(self, pixels: Pixels, of: str | None = None) -> Explanation:
        """Explain the probability of a class, the most probable one by default."""


class Explainer:
    """A graph opened where its features are still spread over the photo.

    Parameters
    ----------
    graph : onnx.ModelProto
        Takes one photo, uint8 (H, W, 3), and answers probabilities (K,).
    head : Head
        The head inside the graph, its temperature included.
    names : sequence of str
        The specs of the backbones, in the order of their features.
    classes : sequence of str
        In the order of the probabilities.
    trims : bool
        Whether the graph cuts plain borders off.
    several : bool
        Whether a photo may have several labels, so that none stands against the others.

    Attributes
    ----------
    unmapped : list of str
        Backbones whose features are no mean over a grid: they have a share, and no map.

    Raises
    ------
    UsageError
        No backbone has a map to give.
    """

    def __init__(
        self,
        graph: onnx.ModelProto,
        head: Head,
        names: Sequence[str],
        classes: Sequence[str],
        *,
        trims: bool = False,
        several: bool = False,
    ) -> None:
        self.graph = graph
        self.head = head
        self.names = list(names)
        self.classes = list(classes)
        self._trims = trims
        self._weigh = alone if several else against_others
        self._features = _of_each(feature_names(graph.graph), len(names))
        self._pooling = [find_pooling(graph.graph, name) for name in self._features]
        self.unmapped = [n for n, p in zip(names, self._pooling, strict=True) if p is None]
        if len(self.unmapped) == len(names):
            raise UsageError(
                f"{', '.join(names)}: features that are no mean over a grid, so there is no class "
                "activation map; use --method gradcam or integrated-gradients"
            )
        self._image = graph.graph.input[0].name
        self._answer = graph.graph.output[0].name
        self._outputs = [self._answer, *self._features, *self._cells()]
        self._session = _open(graph, self._outputs)

    def explain(self, pixels: Pixels, of: str | None = None) -> Explanation:
        """Explain the probability of a class on one photo.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (H, W, 3)
        of : str, optional
            The class; the most probable one by default.

        Raises
        ------
        UsageError
            There is no such class.
        """
        answers = self._session.run(self._outputs, {self._image: pixels})
        proba, count = answers[0].reshape(-1), len(self.names)
        features = [rows[0] for rows in answers[1 : 1 + count]]
        cells = iter(answers[1 + count :])
        chosen = class_number(self.classes, of) if of is not None else int(proba.argmax())
        inputs, lengths = head_inputs(features, self.head)
        logits = self._weigh(len(self.classes), chosen)
        weights, constant = effective_weights(self.head, inputs, logits)
        evidence, start = [], 0
        for x, length, pooling in zip(features, lengths, self._pooling, strict=True):
            filters = weights[start : start + len(x)] / np.float32(length)
            start += len(x)
            grid = None if pooling is None else _weighted(next(cells)[0], filters, pooling)
            evidence.append((float(x @ filters), grid))
        return Explanation(
            class_name=self.classes[chosen],
            probability=float(proba[chosen]),
            answer=self.classes[int(proba.argmax())],
            method="cam",
            pixels=pixels,
            box=find_border(pixels) if self._trims else (0, 0, pixels.shape[1], pixels.shape[0]),
            parts=_with_constant(self.names, evidence, constant),
            logit=sum(said for said, _ in evidence) + constant,
        )

    def probabilities(self, pixels: Pixels) -> npt.NDArray[np.float64]:
        """Compute the graph's probabilities for one photo, float64 (K,), and nothing else."""
        (proba,) = self._session.run([self._answer], {self._image: pixels})
        return np.asarray(proba.reshape(-1), np.float64)

    def with_head(self, head: Head) -> Explainer:
        """Explain the same graph as if it ended in another head; its probabilities stay."""
        other = copy(self)
        other.head = head
        return other

    def with_graph(self, graph: onnx.ModelProto, head: Head) -> Explainer:
        """Explain another graph of the same shape in the same way."""
        other = self.with_head(head)
        other.graph, other._session = graph, _open(graph, self._outputs)
        return other

    def _cells(self) -> list[str]:
        return [pooling.cells for pooling in self._pooling if pooling is not None]


def explain_photos(
    explainer: Explains,
    photos: Photos,
    of: str | None = None,
    *,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Explained]]:
    """Explain photos one after the other; one is held at a time.

    Yields
    ------
    (row, explained)
        The reason instead of an explanation where a photo cannot be read.
    """
    for row in range(len(photos)):
        try:
            pixels = photos.decode(row, min_side=MAP_SIDE)
        except (UnreadablePhoto, MissingExtra) as error:
            yield row, error
        else:
            yield row, explainer.explain(pixels, of)
        tell(progress, "explaining", row + 1, len(photos))


def class_number(classes: Sequence[str], name: str) -> int:
    """Return the index of a class; UsageError that lists the classes where it is unknown."""
    if name not in classes:
        raise UsageError(f"no class {name!r} in this model; it knows {', '.join(classes)}")
    return list(classes).index(name)


def _with_constant(
    names: Sequence[str], evidence: Sequence[tuple[float, Floats32 | None]], constant: float
) -> tuple[Part, ...]:
    """Make the parts that add up to the logit, from each backbone's contribution and grid.

    With its part of the biases a cell tells what the answer would be if the whole photo were like
    it, so that its sign means for or against. The biases belong to no backbone; each takes as much
    of them as it says of all.
    """
    sizes = np.abs([said for said, _ in evidence])
    shares = sizes / sizes.sum() if sizes.any() else np.full(len(evidence), 1 / len(evidence))
    parts = []
    for name, (said, grid), extra in zip(
        names, evidence, (shares * constant).tolist(), strict=True
    ):
        parts.append(Part(name, said + extra, None if grid is None else grid + np.float32(extra)))
    return tuple(parts)


def _of_each(names: list[str], count: int) -> list[str]:
    """Return the names of the features of each backbone, in the head's order."""
    if len(names) != count:
        raise UsageError(
            f"this graph reads {len(names)} features and names {count} backbones: it was not "
            "written by pawlens as it is"
        )
    return names


def _open(graph: onnx.ModelProto, outputs: Sequence[str]) -> Any:
    """Open a session of a copy of the graph with more outputs."""
    import onnx
    import onnxruntime as ort

    model = onnx.ModelProto()
    model.CopyFrom(graph)
    there = {tensor.name for tensor in model.graph.output}
    model.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in outputs if name not in there
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waits cost a core
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _weighted(cells: Floats32, weights: Floats32, pooling: Pooling) -> Floats32:
    """Multiply each cell's channels by weights (C,), to float32 (h, w)."""
    channels = np.moveaxis(cells, 0, -1) if pooling.plane == (2, 3) else cells
    return np.asarray(channels @ weights, np.float32)
