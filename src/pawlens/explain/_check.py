"""Sanity checks of maps: they must depend on what was learnt, and name what counts.

A method that draws edges gives fine maps of a network that has learnt nothing. So weights are
shuffled, and the maps must change (Adebayo et al. 2018, arXiv:1810.03292). And places that a map
names must count for the answer more than others do (`_curves`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import Progress, tell
from ..errors import MissingExtra, UnreadablePhoto, UsageError
from ..heads import Head
from ..metrics import Interval, mean_interval
from ..photos import Photos
from ._curves import area, centred_map, deletion, insertion, random_map
from ._explainer import MAP_SIDE, Explainer

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    Floats = npt.NDArray[np.float64]
    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["ORDERS", "MapCheck", "check_maps", "shuffled_graph", "shuffled_head"]

ORDERS = ("map", "random", "middle")
"""In which order places are taken: as the map says, as chance says, from the middle outwards."""

_SIDE = 14  # cells of a side, on which maps are compared


@dataclass(frozen=True)
class MapCheck:
    """The results of the checks on n photos.

    Attributes
    ----------
    correlation : dict of str to ndarray of float64, shape (n,)
        Spearman's rank correlation of the map with that of a model with shuffled weights: of the
        ``head`` alone, or of ``everything``.
    deletion, insertion : dict of str to ndarray of float64, shape (n, len(STEPS))
        Probabilities of the answer by the order (see `ORDERS`) in which places are taken.
    """

    correlation: Mapping[str, Floats]
    deletion: Mapping[str, Floats]
    insertion: Mapping[str, Floats]

    @property
    def photos(self) -> int:
        """Number of photos that were examined."""
        return len(self.deletion["map"])

    def correlations(self) -> dict[str, Interval]:
        """Return the mean rank correlation, by which weights were shuffled."""
        return {
            name: mean_interval(values, least=-1.0, most=1.0)
            for name, values in self.correlation.items()
        }

    def areas(self) -> dict[str, dict[str, Interval]]:
        """Return the mean area under the curves: by ``deletion`` and ``insertion``, by order."""
        return {
            name: {
                order: mean_interval(area(curve), least=0.0, most=1.0)
                for order, curve in curves.items()
            }
            for name, curves in (("deletion", self.deletion), ("insertion", self.insertion))
        }

    def gains(self) -> dict[str, dict[str, Interval]]:
        """Return the map's area less that of another order, photo by photo.

        Below 0 the map is better at deletion; above 0 it is better at insertion.
        """
        return {
            name: {
                order: mean_interval(
                    area(curves["map"]) - area(curves[order]), least=-1.0, most=1.0
                )
                for order in ORDERS[1:]
            }
            for name, curves in (("deletion", self.deletion), ("insertion", self.insertion))
        }

    def as_json(self) -> dict[str, Any]:
        """Return every figure with its interval, as plain values."""
        figures = {"areas": self.areas(), "gains": self.gains()}
        return {
            "photos": self.photos,
            "rank_correlation": {k: asdict(v) for k, v in self.correlations().items()},
        } | {
            name: {k: {o: asdict(i) for o, i in by.items()} for k, by in by_kind.items()}
            for name, by_kind in figures.items()
        }


def check_maps(
    explainer: Explainer,
    photos: Photos,
    count: int,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> MapCheck:
    """Check the class activation maps of a model on the first readable photos.

    Parameters
    ----------
    explainer : Explainer
    photos : Photos
    count : int
        Number of photos to examine; each costs about seventy predictions.
    seed : int
        Seed of the shuffled weights and of the random maps.
    progress : callable, optional

    Raises
    ------
    UsageError
        None of the photos can be read.
    """
    rng = np.random.default_rng(seed)
    correlation: dict[str, list[float]] = {"head": [], "everything": []}
    fallen: dict[str, list[Floats]] = {order: [] for order in ORDERS}
    risen: dict[str, list[Floats]] = {order: [] for order in ORDERS}
    for row in range(len(photos)):
        try:
            pixels = photos.decode(row, min_side=MAP_SIDE)
        except (UnreadablePhoto, MissingExtra):
            continue
        shown = explainer.explain(pixels)
        for name, other in _shuffled(explainer, rng):
            correlation[name].append(_alike(shown.map, other.explain(pixels, shown.class_name).map))
        answer = partial(_believed, explainer, explainer.classes.index(shown.class_name))
        shape = (pixels.shape[0], pixels.shape[1])
        maps = dict(
            zip(ORDERS, (shown.map, random_map(shape, rng), centred_map(shape)), strict=True)
        )
        for order, values in maps.items():
            fallen[order].append(deletion(answer, pixels, values))
            risen[order].append(insertion(answer, pixels, values))
        tell(progress, "checking maps", len(fallen["map"]), min(count, len(photos)))
        if len(fallen["map"]) == count:
            break
    if not fallen["map"]:
        raise UsageError(f"{photos.location}: no photo that can be read to check the maps on")
    return MapCheck(
        {name: np.array(values) for name, values in correlation.items()},
        {order: np.array(curves) for order, curves in fallen.items()},
        {order: np.array(curves) for order, curves in risen.items()},
    )


def _shuffled(explainer: Explainer, rng: np.random.Generator) -> Iterator[tuple[str, Explainer]]:
    """Yield newly shuffled models for each photo: maps of one shuffled network are much alike."""
    head = shuffled_head(explainer.head, rng)
    yield "head", explainer.with_head(head)
    yield "everything", explainer.with_graph(shuffled_graph(explainer.graph, rng), head)


def shuffled_head(head: Head, rng: np.random.Generator) -> Head:
    """Return a head with its weights shuffled."""
    layers = [(_mixed(weights, rng), bias) for weights, bias in head.layers]
    return Head(tuple(layers), unit=head.unit)


def shuffled_graph(graph: onnx.ModelProto, rng: np.random.Generator) -> onnx.ModelProto:
    """Return a graph whose backbones have the weights of every layer shuffled."""
    import onnx
    from onnx import numpy_helper

    model = onnx.ModelProto()
    model.CopyFrom(graph)
    for tensor in model.graph.initializer:
        if tensor.name.startswith("backbone") and len(tensor.dims) > 1:
            values = numpy_helper.to_array(tensor)
            if np.issubdtype(values.dtype, np.floating):  # paw keeps half floats
                tensor.CopyFrom(numpy_helper.from_array(_mixed(values, rng), tensor.name))
    return model


def _mixed(weights: Floats32, rng: np.random.Generator) -> Floats32:
    return np.asarray(rng.permuted(weights.ravel()).reshape(weights.shape))


def _believed(explainer: Explainer, chosen: int, pixels: Pixels) -> float:
    return float(explainer.probabilities(pixels)[chosen])


def _alike(first: Floats32, second: Floats32) -> float:
    """Compute Spearman's rank correlation of two maps; 0 where a map is constant."""
    from PIL import Image
    from scipy.stats import rankdata

    ranks = []
    for values in (first, second):
        small = Image.fromarray(values).resize((_SIDE, _SIDE), Image.Resampling.BOX)
        rank = rankdata(np.asarray(small))
        ranks.append(rank - rank.mean())
    size = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float(ranks[0] @ ranks[1]) / size if size > 0 else 0.0


def _mean(values: Floats, least: float) -> Interval:
    """Average values between `least` and 1 over photos, with an interval."""
    return mean_interval(values, least=least, most=1.0)
