"""Other ONNX graphs as backbones: the spec found, the graph brought to the contract."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..base import OutOfLimits, in_child_within_limits, limit_this_process, sha256_of
from ..errors import BackboneError
from ._cache import cached, check_unchanged, graph_path, store
from ._onnx import (
    SPEC_KEY,
    cut_at_features,
    finish,
    first_line,
    free_batch,
    get_meta,
    graph_input,
    parse_graph,
    relative_gap,
    run_graph,
    shape_of,
)
from ._openvino import OpenVinoEngine
from ._spec import Backbone, BackboneSpec

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["conform_file", "find_extractor", "keep_graph", "limit_for"]

_SECONDS, _PER_GB = 15, 200  # of processor time
_PATIENCE = 12  # times as long on the clock, where other work has the processors
_TOLERANCE = 1e-3  # relative difference; graphs that mix the photos of a batch exceed it by far


def find_extractor(path: Path, size: int | None, cache_dir: Path) -> Backbone:
    """Return the backbone in an ONNX file: an extractor, or a classifier cut at its features.

    The spec is the metadata ``pawlens.backbone``, else ``NAME.json`` beside the file (the same
    fields), else inferred: the size from the graph, ImageNet's mean and deviation. A graph that
    ends in a matrix product is taken for a classifier, unless its spec says that what it gives
    are the features. The copy that meets the contract is made once and kept in the cache.

    Raises
    ------
    BackboneError
        When the file is not such a graph, or its batch cannot be made dynamic.
    """
    files = _files_of(path)
    weights_hash = sha256_of(*(file for file in files if file != path.with_suffix(".json")))
    key = sha256_of(*files)
    target = graph_path(cache_dir, path.stem, size, key[:12])
    if kept := cached(target, weights_hash):
        return kept
    reason = conform_in_child(path, size, target, weights_hash, key)
    if reason:
        raise BackboneError(f"{path}: {reason}")
    made = cached(target, weights_hash)
    if made is None:
        raise BackboneError(f"{path}: {target}, which was made of it, cannot be read; start again")
    return made


def conform_in_child(
    path: Path, size: int | None, target: Path, weights_hash: str, key: str
) -> str:
    """Have `conform_file` done where a hostile graph does no harm; why not, or nothing."""
    task = json.dumps([str(path), size, str(target), weights_hash, key])
    patience = _PATIENCE * _seconds_for(_bytes_of(path))
    try:
        return str(in_child_within_limits(f"{__package__}._tried", task, patience=patience))
    except OutOfLimits as error:
        return f"its graph was tried and may not be run: {error}"


def conform_file(path: Path, size: int | None, target: Path, weights_hash: str, key: str) -> None:
    """Make the copy of a graph that meets the contract, and have it answer a photo.

    Raises
    ------
    BackboneError
        The reason, without the path.
    """
    model = parse_graph(path)
    declared = _declared(model, path.with_suffix(".json"))
    check_unchanged(key, *_files_of(path))
    model, spec = _conform(model, declared, path, size)
    square = np.full((1, spec.input_size, spec.input_size, 3), 90, np.uint8)
    engine = OpenVinoEngine(model.SerializeToString(), [spec], precision="f32", batch_size=1)
    ((_, features),) = engine.run([(0, [square])])
    if not np.isfinite(features).all():
        raise BackboneError("its features are not finite")
    store(model, spec, target, weights_hash)


def limit_for(path: Path) -> None:
    """Limit this process to what the trial of a graph may take."""
    size = _bytes_of(path)
    limit_this_process(size, seconds=_seconds_for(size), writes=2 * size + 2**26)


def _seconds_for(size: int) -> int:
    return _SECONDS + _PER_GB * size // 10**9


def keep_graph(model: ModelProto, spec: BackboneSpec, cache_dir: Path) -> Backbone:
    """Bring a graph to the contract of backbones and keep it in the cache.

    Parameters
    ----------
    model : onnx.ModelProto
        One input, float32 ``(N, 3, S, S)``: pixels from which ``spec.mean`` was subtracted and
        which were divided by ``spec.std``. One output, float32 ``(N, D)``: pooled features. It may
        be changed.
    spec : BackboneSpec
        What the graph expects and gives. ``spec.name`` becomes a part of file names.
    cache_dir : Path

    Returns
    -------
    Backbone
        Equal graphs with equal specs are made once, and have the same ``weights_hash``.

    Raises
    ------
    BackboneError
        The graph does not run at ``spec.input_size``, does not give ``spec.feature_dim`` numbers
        for a photo, or answers differently for a photo in another batch.
    """
    content = model.SerializeToString(deterministic=True)
    weights_hash = hashlib.sha256(content).hexdigest()
    key = hashlib.sha256(content + spec.to_json().encode()).hexdigest()
    path = graph_path(cache_dir, spec.name, spec.input_size, key[:12])
    if kept := cached(path, weights_hash):
        return kept
    try:
        conformed, spec = _conform(model, spec, path, spec.input_size)
    except BackboneError as error:
        raise BackboneError(f"{spec.name}: {error}") from error
    return store(conformed, spec, path, weights_hash)


def _declared(model: ModelProto, sidecar: Path) -> BackboneSpec | None:
    text = get_meta(model, SPEC_KEY)
    if text is None and sidecar.is_file():
        text = sidecar.read_text(encoding="utf-8")
    return None if text is None else BackboneSpec.from_json(text)


def _conform(
    model: ModelProto, declared: BackboneSpec | None, path: Path, size: int | None
) -> tuple[ModelProto, BackboneSpec]:
    """Cut, free and rename; the result gives what the file gives for one photo at a time."""
    if len(model.graph.output) != 1:
        raise BackboneError(f"a backbone has one output, this graph has {len(model.graph.output)}")
    size = _input_size(model, size or (declared.input_size if declared else None))
    photos = np.random.default_rng(0).standard_normal((3, 3, size, size), dtype=np.float32)
    expected = run_graph(model, photos, batch=1)
    is_extractor = declared is not None and expected.shape[1:] == (declared.feature_dim,)
    if not is_extractor and cut_at_features(model):
        expected = run_graph(model, photos, batch=1)
    if expected.ndim != 2 or len(expected) != len(photos):
        shape = "x".join(map(str, expected.shape[1:]))
        raise BackboneError(f"it gives {shape} for a photo: end it at pooled features, [N, D]")
    feature_dim = expected.shape[1]
    if declared and declared.feature_dim != feature_dim:
        raise BackboneError(
            f"its spec says feature_dim {declared.feature_dim}, its graph gives {feature_dim}"
        )
    model = _at_opset(model)
    free_batch(model)
    model = finish(model, size, feature_dim)
    _check_batch(model, photos, expected)
    if declared:
        return model, declared.with_size(size)
    imagenet = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
    spec = BackboneSpec(
        path.stem, size, "bicubic", *imagenet, "rgb", feature_dim, "unknown", path.name
    )
    return model, spec


def _input_size(model: ModelProto, wanted: int | None) -> int:
    """Return S: the graph's where it is fixed, else what was asked for."""
    value = graph_input(model)
    shape = shape_of(value)
    if value.type.tensor_type.elem_type != 1 or len(shape) != 4 or shape[1] not in (3, None):
        raise BackboneError(f"its input must be float32 [N, 3, S, S], and is {list(shape)}")
    if shape[0] not in (1, None):
        raise BackboneError(f"its batch is fixed at {shape[0]}: export it with a dynamic batch")
    sides = {side for side in shape[2:] if side is not None}
    if len(sides) > 1:
        raise BackboneError(f"its input must be square, and is {shape[2]} x {shape[3]}")
    side = sides.pop() if sides else wanted
    if side is None:
        raise BackboneError("its graph takes any size: name one, as in NAME.onnx@224")
    if wanted not in (side, None):
        raise BackboneError(f"its graph takes {side} pixels, not {wanted}")
    return side


def _at_opset(model: ModelProto) -> ModelProto:
    """Bring the graph to opset 17 or 18, which every runtime that we ship to reads."""
    from onnx import version_converter

    version = next((entry.version for entry in model.opset_import if not entry.domain), 0)
    if version in (17, 18):
        return model
    try:
        return version_converter.convert_version(model, 17 if version < 17 else 18)
    except Exception as error:  # the converter raises RuntimeError and worse
        raise BackboneError(
            f"it is at opset {version} and cannot be converted ({first_line(error)}): "
            "export it at opset 17 or 18"
        ) from error


def _check_batch(
    model: ModelProto, photos: npt.NDArray[np.float32], expected: npt.NDArray[np.float32]
) -> None:
    """Refuse a graph whose answer for a photo depends on the batch that the photo is in."""
    mend = "its batch cannot be made dynamic: export it with a dynamic batch"
    try:
        gap = relative_gap(run_graph(model, photos), expected)
    except BackboneError as error:
        raise BackboneError(mend) from error
    if not gap <= _TOLERANCE:
        raise BackboneError(mend)


def _external_files(model: ModelProto, path: Path) -> list[Path]:
    """Files beside the graph that hold its weights, as exporters write for large ones."""
    names = {
        entry.value
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    if any(PurePath(name).is_absolute() or ".." in PurePath(name).parts for name in names):
        raise BackboneError(f"{path}: its weights are in files outside its folder")
    return [path.parent / name for name in sorted(names)]


def _files_of(path: Path) -> list[Path]:
    """Files that a graph and its spec are read from, the graph's own first."""
    weights = [path, *_external_files(parse_graph(path, external=False), path)]
    sidecar = path.with_suffix(".json")
    return [*weights, sidecar] if sidecar.is_file() else weights


def _bytes_of(path: Path) -> int:
    return sum(file.stat().st_size for file in _files_of(path))
