"""Finding a backbone with its weights by name: bundled, ONNX file, or network of timm."""

from __future__ import annotations

from pathlib import Path

from ._registry import KNOWN, KnownBackbone, split_size
from ._source_bundled import bundled_row
from ._sources import source_of, telling_where
from ._spec import Backbone
from ._structure import Structure

__all__ = [
    "backbone_structure",
    "find_backbone",
    "known_backbones",
    "random_backbone",
    "weights_at_hand",
]


def find_backbone(name: str, *, weights_dir: Path | None = None, cache_dir: Path) -> Backbone:
    """Find a backbone, and convert its weights to ONNX the first time.

    Parameters
    ----------
    name : str
        ``"paw"`` (bundled); the path of an ONNX file, an extractor or a classifier; timm's
        name of a network, with a tag where several weights are at hand
        (``"densenet169.tf_in1k"``); or ``"SOURCE:NAME"`` for a backbone of an installed package.
        ``@300`` at the end asks for 300 x 300 pixels.
    weights_dir : Path, optional
        Folder with ``NAME.safetensors`` or ``NAME.TAG.safetensors``; with it the network is
        never asked. Without it timm's weights are downloaded once.
    cache_dir : Path
        Where downloads and conversions are kept. A conversion is made once per weights and
        size; later calls need neither torch nor timm.

    Returns
    -------
    Backbone

    Raises
    ------
    BackboneError
        When the name is unknown, no weights are there, or they do not fit the network.
    MissingExtra
        When a network of timm must be converted and ``pawlens[torch]`` is not installed.
    PluginError
        When the package that offers the backbone cannot be used.
    """
    stem, size = split_size(name)
    source, stem = source_of(stem)
    with telling_where():
        return source.find(stem, size, weights_dir=weights_dir, cache_dir=cache_dir)


def random_backbone(name: str, *, seed: int, cache_dir: Path) -> Backbone:
    """Return a backbone with random weights, to measure speed where no weights are at hand.

    Its ``weights_hash`` is ``"random-SEED"``. Parameters and errors are those of `find_backbone`.
    """
    stem, size = split_size(name)
    source, stem = source_of(stem)
    with telling_where():
        return source.random(stem, size, seed=seed, cache_dir=cache_dir)


def weights_at_hand(name: str, *, weights_dir: Path | None = None, cache_dir: Path) -> Path | None:
    """Return the file that holds a backbone's weights, or None where they must be downloaded.

    Parameters and errors as in `find_backbone`; for a folder without the weights, None.
    """
    source, stem = source_of(split_size(name)[0])
    with telling_where():
        return source.weights_at_hand(stem, weights_dir=weights_dir, cache_dir=cache_dir)


def backbone_structure(name: str, backbone: Backbone | None) -> Structure:
    """Count what a backbone holds and computes.

    Parameters
    ----------
    name : str
        The name of a backbone; see `find_backbone`.
    backbone : Backbone or None
        What `find_backbone` gave, or None where its weights are not at hand.

    Raises
    ------
    BackboneError
        The name is unknown, the network does not run at this size, or nothing can be told
        without the weights.
    """
    stem, size = split_size(name)
    source, stem = source_of(stem)
    with telling_where():
        return source.structure(stem, size, backbone)


def known_backbones() -> tuple[KnownBackbone, ...]:
    """Return every backbone that has a row in the table, the bundled ``paw`` first.

    Any other network of timm works too where ``pawlens[torch]`` is installed.
    """
    return (bundled_row(), *KNOWN.values())
