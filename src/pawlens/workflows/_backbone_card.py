"""The card of a backbone: its parameters, its multiply-adds, and its speed on this machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..backbones import (
    Backbone,
    BackboneSpec,
    Layer,
    count_graph,
    count_network,
    find_backbone,
    group_by_stage,
    known_backbones,
    open_engine,
    parse_graph,
    random_backbone,
    split_size,
    timm_names,
    total_macs,
    total_parameters,
    unknown_name,
    weights_at_hand,
)
from ..base import Progress
from ..errors import UsageError
from ._speed import Speed, measure_speed

__all__ = ["BackboneCard", "describe_backbone"]


@dataclass(frozen=True)
class BackboneCard:
    """The facts about a backbone at one input size.

    Attributes
    ----------
    spec : BackboneSpec, optional
        None for a network of timm that has no row in the table and no weights at hand.
    name : str
    size : int
        Side of the input in pixels.
    layers : list of Layer
        Layers of the feature extractor; empty where counting needs torch, which is not installed.
    counted : str
        The object that was counted: an ONNX graph, or a network of timm.
    classifier : tuple of int, optional
        Parameters and multiply-adds with the 1000-way classifier, as published figures have them.
    weights : Path, optional
        The file that holds the weights; None where they would have to be downloaded.
    speed : Speed, optional
    random : bool
        Whether the speed is that of random weights.
    """

    name: str
    size: int
    spec: BackboneSpec | None
    layers: list[Layer]
    counted: str
    classifier: tuple[int, int] | None = None
    weights: Path | None = None
    speed: Speed | None = None
    random: bool = False

    @property
    def parameters(self) -> int:
        """Number of parameters of the feature extractor."""
        return total_parameters(self.layers)

    @property
    def macs(self) -> int:
        """Number of multiply-adds of the feature extractor for one photo."""
        return total_macs(self.layers)

    @property
    def file_bytes(self) -> int | None:
        """Size of the file with the weights, in bytes."""
        return self.weights.stat().st_size if self.weights is not None else None

    def as_json(self) -> dict[str, Any]:
        """Return the card as plain values; ``flops`` is twice ``macs``."""
        with_classifier = None
        if self.classifier is not None:
            parameters, macs = self.classifier
            with_classifier = {"parameters": parameters, "macs": macs, "flops": 2 * macs}
        return {
            "name": self.name,
            "input_size": self.size,
            "spec": asdict(self.spec) if self.spec else None,
            "counted": self.counted,
            "parameters": self.parameters,
            "macs": self.macs,
            "flops": 2 * self.macs,
            "with_classifier": with_classifier,
            "weights": str(self.weights) if self.weights else None,
            "file_bytes": self.file_bytes,
            "speed": asdict(self.speed) | {"random_weights": self.random} if self.speed else None,
            "stages": [asdict(stage) for stage in group_by_stage(self.layers)],
            "layers": [asdict(layer) for layer in self.layers],
        }


def describe_backbone(
    name: str,
    *,
    size: int | None = None,
    weights_dir: Path | None = None,
    cache_dir: Path,
    speed: bool = True,
    random_weights: bool = False,
    progress: Progress | None = None,
) -> BackboneCard:
    """Make the card of a backbone; nothing is downloaded.

    Parameters
    ----------
    name : str
        Name of a backbone, as `find_backbone` takes it.
    size : int, optional
        Side of the input in pixels; the same as ``@SIZE`` at the end of the name.
    weights_dir : Path, optional
    cache_dir : Path
        Where conversions to ONNX are kept.
    speed : bool
        Whether photos per second are measured, where weights are at hand.
    random_weights : bool
        Whether a network without weights at hand is measured with random ones: as fast.
    progress : callable, optional

    Raises
    ------
    BackboneError
        The name is unknown, or the network does not run at this size.
    UsageError
        Two sizes are given.
    """
    stem, own_size = split_size(name)
    if size is not None and own_size not in (size, None):
        raise UsageError(f"{name} and --size {size} ask for two sizes; give one")
    size = size or own_size
    sized = f"{stem}@{size}" if size else stem
    weights = weights_at_hand(sized, weights_dir)
    backbone = None
    if weights is not None:
        backbone = find_backbone(sized, weights_dir=weights_dir, cache_dir=cache_dir)
    elif speed and random_weights:
        backbone = random_backbone(sized, seed=0, cache_dir=cache_dir)
    card = _counted(stem, size, backbone, weights)
    if backbone is None or not speed:
        return card
    measured = measure_speed(backbone, open_engine(backbone), progress=progress)
    return replace(card, speed=measured, random=weights is None)


def _counted(
    stem: str, size: int | None, backbone: Backbone | None, weights: Path | None
) -> BackboneCard:
    architecture = stem.partition(".")[0]
    known_backbone = {row.spec.name: row for row in known_backbones()}.get(architecture)
    if backbone is not None and (stem == "paw" or stem.endswith(".onnx")):
        graph_spec = backbone.spec
        layers = count_graph(parse_graph(backbone.path), graph_spec.input_size)
        counted = "the ONNX graph"
        return BackboneCard(
            graph_spec.name, graph_spec.input_size, graph_spec, layers, counted, weights=weights
        )
    if known_backbone is None and architecture not in timm_names():
        raise unknown_name(architecture)
    spec = backbone.spec if backbone else known_backbone.spec if known_backbone else None
    side = size or (spec.input_size if spec else _native_size(architecture))
    if find_spec("timm") is None:
        layers = count_graph(parse_graph(backbone.path), side) if backbone else []
        counted = "the ONNX graph" if backbone else "nothing: pip install 'pawlens[torch]'"
        return BackboneCard(architecture, side, spec, layers, counted, weights=weights)
    layers = count_network(architecture, side)
    whole = count_network(architecture, side, classifier=True)
    totals = total_parameters(whole), total_macs(whole)
    return BackboneCard(
        architecture, side, spec, layers, "timm's network", classifier=totals, weights=weights
    )


def _native_size(architecture: str) -> int:
    """Return the input size that timm gives an architecture."""
    from ..base import require

    timm = require("timm", extra="torch")
    return int(timm.get_pretrained_cfg(architecture).input_size[-1])
