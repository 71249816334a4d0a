"""timm's networks as backbones: weights from a folder or downloaded, converted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from ..base import read_regular, sha256_of
from ..errors import BackboneError
from ._cache import cached, graph_path
from ._child import in_child
from ._count_network import count_network
from ._layers import total_macs, total_parameters
from ._registry import KNOWN, timm_names, unknown_name
from ._source import BackboneSource
from ._spec import Backbone, BackboneSpec
from ._structure import Structure, graph_structure
from ._timm import checksum_of
from ._timm_sizes import default_size

__all__ = ["TimmSource", "find_weights"]


class TimmSource(BackboneSource):
    """timm's networks, as ``NAME`` or, where several weights are at hand, ``NAME.TAG``.

    Whether timm has a name is known for sure only in a child process, which has torch; so every
    name is claimed, and refused when it is looked up.
    """

    title = "timm's networks"

    def names(self) -> Sequence[str]:
        """Every architecture that is known by name here, those of the table first."""
        return list(dict.fromkeys([*KNOWN, *timm_names()]))

    def claims(self, name: str) -> bool:
        """Every name that has no other source."""
        return True

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        """See `BackboneSource.find`; weights are downloaded and converted the first time."""
        architecture, _, tag = name.partition(".")
        if weights_dir is not None:
            file = _weights_file(weights_dir, architecture, tag)
        else:
            file = _downloaded(cache_dir, architecture, tag)
        return _converted(architecture, file, size, cache_dir)

    def weights_at_hand(
        self, name: str, *, weights_dir: Path | None, cache_dir: Path
    ) -> Path | None:
        """The safetensors in the user's folder; what was downloaded before does not count."""
        architecture, _, tag = name.partition(".")
        if weights_dir is None or not weights_dir.is_dir():
            return None
        if not any(weights_dir.glob(f"{architecture}.*safetensors")):
            return None
        return _weights_file(weights_dir, architecture, tag)

    def random(self, name: str, size: int | None, *, seed: int, cache_dir: Path) -> Backbone:
        """See `BackboneSource.random`."""
        known = KNOWN.get(name)
        size = size or (known.spec.input_size if known else None)
        weights_hash = f"random-{seed}"
        path = graph_path(cache_dir, name, size, f"random{seed}")
        if kept := cached(path, weights_hash):
            return kept
        spec = known.spec.with_size(size) if known and size else None
        made = in_child("random", name, seed, _text(spec), size, str(path), weights_hash)
        return Backbone(BackboneSpec.from_json(made), path, weights_hash)

    def structure(self, name: str, size: int | None, backbone: Backbone | None) -> Structure:
        """Count the network, with its classifier too; without torch, the graph if there is one."""
        architecture = name.partition(".")[0]
        known = KNOWN.get(architecture)
        if known is None and backbone is None and architecture not in timm_names():
            raise unknown_name(architecture)
        spec = backbone.spec if backbone else known.spec if known else None
        side = size or (spec.input_size if spec else default_size(architecture))
        if find_spec("timm") is not None:
            layers = count_network(architecture, side)
            whole = count_network(architecture, side, classifier=True)
            totals = total_parameters(whole), total_macs(whole)
            return Structure(architecture, side, spec, layers, "timm's network", totals)
        if backbone is not None:
            return replace(graph_structure(backbone), name=architecture)
        nothing = "nothing: pip install 'pawlens[torch]'"
        return Structure(architecture, side, spec, [], nothing)


def find_weights(spec: BackboneSpec, weights_hash: str, folder: Path) -> Path | None:
    """The safetensors of a backbone in `folder`, known by their SHA-256; None without them."""
    files = sorted(folder.glob(f"{spec.name}*.safetensors"))
    return next((file for file in files if sha256_of(file) == weights_hash), None)


def _weights_file(folder: Path, architecture: str, tag: str) -> Path:
    """Return the one file in `folder` that is meant."""
    if not folder.is_dir():
        raise BackboneError(f"{folder} is not a folder: --weights-dir names one with safetensors")
    name = f"{architecture}.{tag}" if tag else architecture
    exact = folder / f"{name}.safetensors"
    if exact.exists():
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
    known = KNOWN.get(architecture)
    tag = tag or (known.tag if known else "")
    name = f"{architecture}.{tag}" if tag else architecture
    file = cache_dir / "weights" / f"{name}.safetensors"
    sums = checksum_of(file)
    if not file.is_file() or (sums.is_file() and read_regular(sums) != sha256_of(file).encode()):
        in_child("download", name, str(file))  # also what is damaged by now
    return file


def _converted(architecture: str, file: Path, size: int | None, cache_dir: Path) -> Backbone:
    """Return the graph of the weights in `file`, converted unless that was done before."""
    tag = file.stem.partition(".")[2]
    known = KNOWN.get(architecture)
    variant = known.variant(tag) if known else None
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
