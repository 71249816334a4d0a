from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from onnx import ModelProto, numpy_helper

from pawlens.backbones import Backbone, BackboneSpec, _cache
from pawlens.backbones._onnx import finish, parse_graph
from pawlens.errors import RunError

Draw = Callable[..., ModelProto]


@pytest.fixture
def stored(tmp_path: Path, draw: Draw, spec: BackboneSpec) -> Backbone:
    path = _cache.graph_path(tmp_path, "drawn", 8, "abc")
    return _cache.store(finish(draw(head=None, softmax=False), 8, 4), spec, path, "hash")


def test_what_was_stored_is_found(stored: Backbone, tmp_path: Path) -> None:
    assert stored.path == tmp_path / "onnx" / "drawn-8-abc.onnx"
    assert _cache.cached(stored.path, "hash") == stored
    assert [file.name for file in stored.path.parent.iterdir()] == ["drawn-8-abc.onnx"]


def test_other_weights_are_not_found(stored: Backbone) -> None:
    assert _cache.cached(stored.path, "other") is None
    assert _cache.cached(stored.path.with_name("other.onnx"), "hash") is None


def test_a_truncated_file_is_not_found(stored: Backbone) -> None:
    whole = stored.path.read_bytes()
    for size in range(0, len(whole), 37):
        stored.path.write_bytes(whole[:size])
        assert _cache.cached(stored.path, "hash") is None


def test_one_changed_weight_is_noticed(stored: Backbone) -> None:
    kernel = numpy_helper.to_array(parse_graph(stored.path).graph.initializer[0]).tobytes()
    data = bytearray(stored.path.read_bytes())
    data[data.index(kernel) + 100] ^= 1
    stored.path.write_bytes(data)
    assert len(parse_graph(stored.path).graph.node) == 4
    assert _cache.cached(stored.path, "hash") is None


def test_a_folder_that_cannot_be_made_is_one_line(
    tmp_path: Path, draw: Draw, spec: BackboneSpec
) -> None:
    tmp_path.joinpath("onnx").touch()
    path = _cache.graph_path(tmp_path, "drawn", 8, "abc")
    with pytest.raises(RunError, match="onnx: cannot be created"):
        _cache.store(draw(head=None, softmax=False), spec, path, "hash")


def test_a_graph_of_somebody_else_is_not_taken_for_a_conversion(
    tmp_path: Path, draw: Draw, spec: BackboneSpec
) -> None:
    path = tmp_path / "own.onnx"
    path.write_bytes(draw(spec=spec).SerializeToString())
    assert _cache.cached(path, "hash") is None
