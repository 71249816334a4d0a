"""Finding a backbone with its weights by name: bundled, ONNX file, or network of timm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..base import sha256_of
from ..errors import BackboneError
from ._cache import cached, graph_path
from ._child import in_child
from ._extractor import find_extractor
from ._onnx import SPEC_KEY, count_weights, get_meta, parse_graph
from ._registry import KNOWN, KnownBackbone, split_size, timm_names, unknown_name
from ._spec import Backbone, BackboneSpec

__all__ = [
    "PAW",
    "find_backbone",
    "find_weights",
    "known_backbones",
    "random_backbone",
    "weights_at_hand",
]

PAW = Path(__file__).parent / "paw.onnx"
"""The backbone that comes with pawlens."""


def find_backbone(name: str, *, weights_dir: Path | None = None, cache_dir: Path) -> Backbone:
    """Find a backbone, and convert its weights to ONNX the first time.

    Parameters
    ----------
    name : str
        ``"paw"`` (bundled); the path of an ONNX file, an extractor or a classifier; or timm's
        name of a network, with a tag where several weights are at hand
        (``"densenet169.tf_in1k"``). ``@300`` at the end asks for 300 x 300 pixels.
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
    """
    stem, size = split_size(name)
    if stem == "paw":
        return _bundled(size)
    if stem.endswith(".onnx"):
        return find_extractor(Path(stem), size, cache_dir)
    architecture, _, tag = stem.partition(".")
    if weights_dir is not None:
        file = _weights_file(weights_dir, architecture, tag)
    else:
        file = _downloaded(cache_dir, architecture, tag)
    return _converted(architecture, file, size, cache_dir)


def find_weights(spec: BackboneSpec, weights_hash: str, folder: Path) -> Path | None:
    """Find the safetensors of a backbone in `folder` by their SHA-256; None without them."""
    files = sorted(folder.glob(f"{spec.name}*.safetensors"))
    return next((file for file in files if sha256_of(file) == weights_hash), None)


def random_backbone(name: str, *, seed: int, cache_dir: Path) -> Backbone:
    """Return a backbone with random weights, to measure speed where no weights are at hand.

    Its ``weights_hash`` is ``"random-SEED"``. Parameters and errors are those of `find_backbone`.
    """
    architecture, size = split_size(name)
    row = KNOWN.get(architecture)
    size = size or (row.spec.input_size if row else None)
    weights_hash = f"random-{seed}"
    path = graph_path(cache_dir, architecture, size, f"random{seed}")
    if kept := cached(path, weights_hash):
        return kept
    spec = row.spec.with_size(size) if row and size else None
    made = in_child("random", architecture, seed, _text(spec), size, str(path), weights_hash)
    return Backbone(BackboneSpec.from_json(made), path, weights_hash)


def known_backbones() -> tuple[KnownBackbone, ...]:
    """Return every backbone that has a row in the table, the bundled ``paw`` first.

    Any other network of timm works too where ``pawlens[torch]`` is installed.
    """
    model = parse_graph(PAW)
    spec = BackboneSpec.from_json(get_meta(model, SPEC_KEY) or "")
    return (KnownBackbone(spec, count_weights(model), tag=""), *KNOWN.values())


def weights_at_hand(name: str, weights_dir: Path | None) -> Path | None:
    """Return the file that holds a backbone's weights, or None where they must be downloaded.

    Parameters and errors are those of `find_backbone`; a folder without the weights gives None.
    """
    stem, _ = split_size(name)
    if stem == "paw":
        return PAW
    if stem.endswith(".onnx"):
        return Path(stem)
    architecture, _, tag = stem.partition(".")
    if weights_dir is None or not weights_dir.is_dir():
        return None
    if not any(weights_dir.glob(f"{architecture}.*safetensors")):
        return None
    return _weights_file(weights_dir, architecture, tag)


def _bundled(size: int | None) -> Backbone:
    spec = BackboneSpec.from_json(get_meta(parse_graph(PAW), SPEC_KEY) or "")
    if size not in (spec.input_size, None):
        raise BackboneError(f"paw takes {spec.input_size} pixels only, not {size}")
    return Backbone(spec, PAW, sha256_of(PAW))


def _weights_file(folder: Path, architecture: str, tag: str) -> Path:
    """Return the one file in `folder` that is meant."""
    if not folder.is_dir():
        raise BackboneError(f"{folder} is not a folder: --weights-dir names one with safetensors")
    name = f"{architecture}.{tag}" if tag else architecture
    exact = folder / f"{name}.safetensors"
    if exact.is_file():
        return exact
    files = sorted(folder.glob("*.safetensors"))
    tagged = [file for file in files if not tag and file.name.startswith(f"{architecture}.")]
    if len(tagged) == 1:
        return tagged[0]
    if tagged:
        names = ", ".join(file.stem for file in tagged)
        raise BackboneError(f"{folder} has several weights of {architecture}, name one: {names}")
    if architecture not in KNOWN and architecture not in timm_names():
        raise unknown_name(architecture)
    there = ", ".join(file.name for file in files) or "no safetensors at all"
    raise BackboneError(f"no {name}.safetensors in {folder}, there is: {there}")


def _downloaded(cache_dir: Path, architecture: str, tag: str) -> Path:
    """Return timm's weights, fetched the first time."""
    row = KNOWN.get(architecture)
    tag = tag or (row.tag if row else "")
    name = f"{architecture}.{tag}" if tag else architecture
    file = cache_dir / "weights" / f"{name}.safetensors"
    if not file.is_file():
        in_child("download", name, str(file))
    return file


def _converted(architecture: str, file: Path, size: int | None, cache_dir: Path) -> Backbone:
    """Return the graph of the weights in `file`, converted unless that was done before."""
    tag = file.stem.partition(".")[2]
    row = KNOWN.get(architecture)
    variant = row.variant(tag) if row else None
    size = size or (variant.spec.input_size if variant else None)
    spec = variant.spec.with_size(size) if variant and size else None
    weights_hash = sha256_of(file)
    path = graph_path(cache_dir, file.stem, size, weights_hash[:12])
    kept = cached(path, weights_hash)
    if kept and spec in (kept.spec, None):
        return replace(kept, weights=file)
    made = in_child("convert", file.stem, str(file), _text(spec), size, str(path), weights_hash)
    return Backbone(BackboneSpec.from_json(made), path, weights_hash, weights=file)


def _text(spec: BackboneSpec | None) -> str | None:
    return spec.to_json() if spec else None
