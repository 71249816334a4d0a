"""The card of a backbone: its parameters, its multiply-adds, and its speed on this machine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..backbones import (
    Structure,
    backbone_structure,
    find_backbone,
    group_by_stage,
    open_engine,
    random_backbone,
    split_size,
    total_macs,
    total_parameters,
    weights_at_hand,
)
from ..base import Watcher, user_cache, watched
from ..errors import UsageError
from ._speed import Speed, measure_speed

__all__ = ["BackboneCard", "describe_backbone"]


@dataclass(frozen=True)
class BackboneCard(Structure):
    """Everything that is known of a backbone at one input size.

    Attributes
    ----------
    weights : Path, optional
        The file that holds the weights; None where they would have to be downloaded.
    speed : Speed, optional
    random : bool
        Whether the speed is that of random weights.
    """

    weights: Path | None = None
    speed: Speed | None = None
    random: bool = False

    @property
    def parameters(self) -> int:
        """The numbers that the feature extractor holds."""
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
        """The card as JSON, for machines; ``flops`` is twice ``macs``."""
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
    weights_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    speed: bool = True,
    random_weights: bool = False,
    progress: Watcher = None,
) -> BackboneCard:
    """Make the card of a backbone; nothing is downloaded.

    Parameters
    ----------
    name : str
        The name of a backbone; see `find_backbone`.
    size : int, optional
        Side of the input, pixels; as ``@SIZE`` at the end of the name.
    weights_dir : path, optional
        Folder with safetensors of timm networks.
    cache_dir : path, optional
        Where conversions to ONNX are kept; the user's cache folder by default.
    speed : bool
        Whether photos per second are measured, where weights are at hand.
    random_weights : bool
        Whether a network without weights at hand is measured with random ones: as fast.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    BackboneError
        The name is unknown, or the network does not run at this size.
    UsageError
        Two sizes are given.

    Examples
    --------
    >>> card = describe_backbone("paw", speed=False)
    >>> card.size, card.spec.feature_dim, card.parameters
    (160, 512, 1617088)
    """
    stem, own_size = split_size(name)
    if size is not None and own_size not in (size, None):
        raise UsageError(f"{name} and --size {size} ask for two sizes; give one")
    size = size or own_size
    sized = f"{stem}@{size}" if size else stem
    folder = None if weights_dir is None else Path(weights_dir)
    cache = user_cache() if cache_dir is None else Path(cache_dir)
    weights = weights_at_hand(sized, weights_dir=folder, cache_dir=cache)
    backbone = None
    if weights is not None:
        backbone = find_backbone(sized, weights_dir=folder, cache_dir=cache)
    elif speed and random_weights:
        backbone = random_backbone(sized, seed=0, cache_dir=cache)
    card = BackboneCard(**vars(backbone_structure(sized, backbone)), weights=weights)
    if backbone is None or not speed:
        return card
    with watched(progress) as told:
        measured = measure_speed(backbone, open_engine(backbone), progress=told)
    return replace(card, speed=measured, random=weights is None)
