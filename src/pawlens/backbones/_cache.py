"""Converted graphs on disk: written whole or not at all, and checked when they are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..base import is_intact, make_folder, sealed, sha256_of, write_atomic
from ..errors import BackboneError
from ._onnx import SPEC_KEY, get_meta, parse_graph, set_meta
from ._spec import Backbone, BackboneSpec

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["cached", "check_unchanged", "graph_path", "store"]

_WEIGHTS_KEY = "pawlens.weights"


def graph_path(cache_dir: Path, stem: str, size: int | None, key: str) -> Path:
    """Return the path of the conversion of `stem` at `size` (None: its own size) from `key`."""
    return cache_dir / "onnx" / f"{stem}-{size or 'native'}-{key}.onnx"


def check_unchanged(weights_hash: str, *files: Path) -> None:
    """Check, after weights were loaded, that they are those whose hash was taken before.

    Raises
    ------
    BackboneError
        A file was replaced in between; nothing may be kept under the hash.
    """
    if sha256_of(*files) != weights_hash:
        raise BackboneError(f"{files[0]}: changed while it was read; start again")


def cached(path: Path, weights_hash: str) -> Backbone | None:
    """Return the conversion if it is there, whole, and made from these weights."""
    if not is_intact(path):
        return None
    try:
        model = parse_graph(path)
        spec = BackboneSpec.from_json(get_meta(model, SPEC_KEY) or "")
    except BackboneError:
        return None
    if get_meta(model, _WEIGHTS_KEY) != weights_hash:
        return None
    return Backbone(spec, path, weights_hash)


def store(model: ModelProto, spec: BackboneSpec, path: Path, weights_hash: str) -> Backbone:
    """Write a graph that meets the contract, with its spec in the metadata."""
    keys = {SPEC_KEY: spec.to_json(), _WEIGHTS_KEY: weights_hash}
    set_meta(model, keys)
    make_folder(path.parent)
    write_atomic(path, sealed(model.SerializeToString()))
    return Backbone(spec, path, weights_hash)
