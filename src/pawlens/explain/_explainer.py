"""Maps from the graph that ships, without torch and without a gradient.

Where features are the mean over a grid of cells and the head is linear, a logit is a mean over
the cells: each cell's channels times the head's weights (Zhou et al. 2016, arXiv:1512.04150). A
fused head is as linear in several backbones as in one, so each has its map and their sum is the
logit. A norm or a layer after the mean, or a class token in place of it, is followed back
(`_relevance`). What cannot be followed is covered place by place (`_occlusion`), so that every
graph has a map.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from ..backbones import feature_names
from ..base import Progress, tell
from ..errors import MissingExtra, UnreadablePhoto, UsageError
from ..heads import Head
from ..photos import Photos, find_border
from ._effective import effective_weights, head_inputs, head_outputs, logit_weights
from ._ends import End, read_ends
from ._explanation import Explanation, Part
from ._occlusion import Occluder
from ._session import open_session

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = [
    "MAP_SIDE",
    "Explained",
    "Explainer",
    "Explains",
    "ReadMethod",
    "choose_classes",
    "explain_photos",
]

MAP_SIDE = 640
"""Pixels of the shorter side down to which a large photo may be made smaller: maps are coarser."""

ReadMethod = Literal["auto", "cam", "occlusion"]
"""How an explainer makes maps: by reading them out of the graph, by covering places, or both."""

Explained = Explanation | UnreadablePhoto | MissingExtra
"""What there is to say about a photo, or why it cannot be read."""


class Explains(Protocol):
    """The interface of explainers, whatever their method.

    Attributes
    ----------
    unmapped : sequence of str
        Backbones that have a share, and no map.
    covered : sequence of str
        Backbones whose map is made by covering places, since none can be read.
    """

    @property
    def unmapped(self) -> Sequence[str]: ...

    @property
    def covered(self) -> Sequence[str]: ...

    def explain(
        self, pixels: Pixels, of: str | None = None, instead: str | None = None
    ) -> Explanation:
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
    method : {"auto", "cam", "occlusion"}
        ``auto`` reads maps out of the graph, and covers places where a backbone has none to read;
        ``cam`` only reads, ``occlusion`` only covers.

    Attributes
    ----------
    methods : list of str or None
        How the map of each backbone is made: ``cam``, ``relevance`` or ``occlusion``.
    unmapped : list of str
        Backbones that have a share and, with ``cam``, no map.
    covered : list of str
        Backbones whose map is made by covering places.

    Raises
    ------
    UsageError
        No backbone has a map to read, and `method` is ``cam``.
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
        method: ReadMethod = "auto",
    ) -> None:
        self.head = head
        self.names = list(names)
        self.classes = list(classes)
        self._trims, self._several, self._method = trims, several, method
        self._open(graph)
        if len(self.unmapped) == len(names):
            raise UsageError(
                f"{', '.join(names)}: no map can be read out of how these features come together; "
                "use --method occlusion, or auto, which covers places where it must"
            )

    def _open(self, graph: onnx.ModelProto) -> None:
        """Open a graph: find the ends of its backbones, and cut out those that have none."""
        self.graph = graph
        self._features = _of_each(feature_names(graph.graph), len(self.names))
        reads = self._method != "occlusion"
        self._ends: list[End | None] = (
            read_ends(graph, self._features, exact=self._method == "cam")
            if reads
            else [None] * len(self.names)
        )
        covers = self._method != "cam"
        self._occluders = [
            Occluder(graph, name) if covers and end is None else None
            for name, end in zip(self._features, self._ends, strict=True)
        ]
        self.methods = [
            end.method if end else "occlusion" if occluder else None
            for end, occluder in zip(self._ends, self._occluders, strict=True)
        ]
        self.unmapped = [n for n, m in zip(self.names, self.methods, strict=True) if m is None]
        self.covered = [
            n for n, m in zip(self.names, self.methods, strict=True) if m == "occlusion"
        ]
        self._image = graph.graph.input[0].name
        self._answer = graph.graph.output[0].name
        needed = [name for end in self._ends if end is not None for name in end.needed]
        inputs = [one.input for one in self._occluders if one is not None]
        self._outputs = list(dict.fromkeys([self._answer, *self._features, *needed, *inputs]))
        self._session = open_session(graph, self._outputs)

    def explain(
        self, pixels: Pixels, of: str | None = None, instead: str | None = None
    ) -> Explanation:
        """Explain the probability of a class on one photo.

        Parameters
        ----------
        pixels : ndarray of uint8, shape (H, W, 3)
        of : str, optional
            The class; the most probable one by default.
        instead : str, optional
            Another class: why is it `of` and not this one? By default `of` stands against the mean
            of all others.

        Raises
        ------
        UsageError
            There is no such class, or both are the same.
        """
        answers = self._session.run(self._outputs, {self._image: pixels})
        values = dict(zip(self._outputs, answers, strict=True))
        proba = values[self._answer].reshape(-1)
        features = [values[name].reshape(-1) for name in self._features]
        chosen, other = choose_classes(self.classes, proba, of, instead)
        inputs, lengths = head_inputs(features, self.head)
        logits = logit_weights(len(self.classes), chosen, other, several=self._several)
        weights, constant = effective_weights(self.head, inputs, logits)
        evidence, start = [], 0
        for number, (x, length) in enumerate(zip(features, lengths, strict=True)):
            filters = weights[start : start + len(x)] / np.float32(length)
            start += len(x)
            said = float(x @ filters)
            end = self._ends[number]
            if end is None:
                grid = self._covered(number, values, features, logits, said)
            else:
                shares = end.shares(values, filters)  # the rest are biases and the class token
                grid = shares * np.float32(shares.size) + np.float32(said - shares.sum())
            evidence.append((said, grid))
        return Explanation(
            class_name=self.classes[chosen],
            probability=float(proba[chosen]),
            answer=self.classes[int(proba.argmax())],
            method=" + ".join(dict.fromkeys(m for m in self.methods if m is not None)),
            pixels=pixels,
            box=find_border(pixels) if self._trims else (0, 0, pixels.shape[1], pixels.shape[0]),
            parts=_with_constant(self.names, evidence, self.methods, constant),
            logit=sum(said for said, _ in evidence) + constant,
            instead=None if other is None else self.classes[other],
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
        other._open(graph)
        return other

    def _covered(
        self,
        number: int,
        values: dict[str, Any],
        features: list[Floats32],
        logits: Floats32,
        said: float,
    ) -> Floats32 | None:
        """Compute the map of a backbone by covering places; its mean is what the backbone says."""
        occluder = self._occluders[number]
        if occluder is None:
            return None

        def score(changed: Floats32) -> float:
            seen = [changed if i == number else x for i, x in enumerate(features)]
            return float(head_outputs(head_inputs(seen, self.head)[0], self.head) @ logits)

        grid = occluder.losses(values[occluder.input], score)
        return grid + np.float32(said - grid.mean())


def explain_photos(
    explainer: Explains,
    photos: Photos,
    of: str | None = None,
    instead: str | None = None,
    *,
    progress: Progress | None = None,
) -> Iterator[tuple[int, Explained]]:
    """Explain photos one after the other; one is held at a time.

    The answer is that to the whole photo, as the graph gives it. A large photo comes back smaller,
    with its shorter side down to `MAP_SIDE` pixels, so that its map is drawn at that size.

    Yields
    ------
    (row, explained)
        The reason instead of an explanation where a photo cannot be read.
    """
    for row in range(len(photos)):
        try:
            pixels = photos.decode(row)
        except (UnreadablePhoto, MissingExtra) as error:
            yield row, error
        else:
            shorter, longer = sorted(pixels.shape[:2])
            explanation = explainer.explain(pixels, of, instead)
            large = shorter >= 2 * MAP_SIDE
            yield row, explanation.shrunk(longer * MAP_SIDE // shorter) if large else explanation
        tell(progress, "explaining", row + 1, len(photos))


def choose_classes(
    classes: Sequence[str],
    proba: npt.NDArray[np.floating],
    of: str | None,
    instead: str | None,
) -> tuple[int, int | None]:
    """Choose the class that is explained and, where one was named, the one it stands against.

    Without `of` it is the most probable class other than `instead`.

    Raises
    ------
    UsageError
        There is no such class, or both are the same.
    """
    other = None if instead is None else _class_number(classes, instead)
    if of is not None:
        chosen = _class_number(classes, of)
        if chosen == other:
            raise UsageError(f"why {of!r} and not {of!r}? --instead must be another class")
        return chosen, other
    order = np.argsort(-proba, kind="stable").tolist()
    return next(number for number in order if number != other), other


def _class_number(classes: Sequence[str], name: str) -> int:
    if name not in classes:
        raise UsageError(f"no class {name!r} in this model; it knows {', '.join(classes)}")
    return list(classes).index(name)


def _with_constant(
    names: Sequence[str],
    evidence: Sequence[tuple[float, Floats32 | None]],
    methods: Sequence[str | None],
    constant: float,
) -> tuple[Part, ...]:
    """Make the parts that add up to the logit, from each backbone's contribution and grid.

    With its part of the biases a cell tells what the answer would be if the whole photo were like
    it, so that its sign means for or against. The biases belong to no backbone; each takes as much
    of them as it says of all.
    """
    sizes = np.abs([said for said, _ in evidence])
    shares = sizes / sizes.sum() if sizes.any() else np.full(len(evidence), 1 / len(evidence))
    extras = (shares * constant).tolist()
    return tuple(
        Part(name, said + extra, None if grid is None else grid + np.float32(extra), method)
        for name, (said, grid), method, extra in zip(names, evidence, methods, extras, strict=True)
    )


def _of_each(names: list[str], count: int) -> list[str]:
    """Return the names of the features of each backbone, in the head's order."""
    if len(names) != count:
        raise UsageError(
            f"this graph reads {len(names)} features and names {count} backbones: it was not "
            "written by pawlens as it is"
        )
    return names
