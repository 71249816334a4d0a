from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, helper, numpy_helper

from pawlens.backbones import BackboneSpec, _extractor, find_backbone
from pawlens.backbones._extractor import conform_file
from pawlens.backbones._onnx import parse_graph, run_graph, shape_of
from pawlens.base._hashing import sha256_of
from pawlens.errors import BackboneError

Draw = Callable[..., ModelProto]
PHOTOS = np.random.default_rng(0).standard_normal((5, 3, 8, 8)).astype(np.float32)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(autouse=True)
def in_this_process(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new interpreter for each graph takes seconds; tests that mean it are marked."""

    def conform(*task: Any) -> str:
        try:
            conform_file(*task)
        except BackboneError as error:
            return str(error)
        return ""

    if "in_child" not in request.fixturenames:
        monkeypatch.setattr(_extractor, "conform_in_child", conform)


@pytest.fixture
def in_child() -> None:
    """A mark: graphs are examined by a child process, as they are for users."""


def write(model: ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def test_a_classifier_becomes_a_backbone(tmp_path: Path, cache: Path, draw: Draw) -> None:
    file = write(draw(), tmp_path / "own.onnx")
    backbone = find_backbone(str(file), cache_dir=cache)
    spec = backbone.spec
    assert (spec.name, spec.input_size, spec.feature_dim) == ("own", 8, 4)
    assert spec.mean == (123.675, 116.28, 103.53)
    assert backbone.weights_hash == sha256_of(file)
    model = parse_graph(backbone.path)
    onnx.checker.check_model(model, full_check=True)
    assert shape_of(model.graph.input[0]) == (None, 3, 8, 8)
    assert BackboneSpec.from_json(model.metadata_props[0].value) == spec
    expected = run_graph(draw(head=None, softmax=False), PHOTOS)
    np.testing.assert_allclose(run_graph(model, PHOTOS), expected, rtol=1e-5)


def test_openvino_gives_the_same_features(tmp_path: Path, cache: Path, draw: Draw) -> None:
    openvino = pytest.importorskip("openvino")
    file = write(draw(batch=1, flatten="Reshape"), tmp_path / "own.onnx")
    backbone = find_backbone(str(file), cache_dir=cache)
    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(backbone.path, "CPU", exact)
    expected = run_graph(parse_graph(backbone.path), PHOTOS)
    np.testing.assert_allclose(compiled(PHOTOS)[0], expected, rtol=1e-4, atol=1e-5)


def test_the_second_call_reads_the_cache(
    tmp_path: Path, cache: Path, draw: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(draw(), tmp_path / "own.onnx")
    first = find_backbone(str(file), cache_dir=cache)
    monkeypatch.setattr(_extractor, "_conform", None)
    assert find_backbone(str(file), cache_dir=cache) == first


def test_the_spec_in_the_metadata_is_believed(
    tmp_path: Path, cache: Path, draw: Draw, spec: BackboneSpec
) -> None:
    file = write(draw(head=None, softmax=False, spec=spec), tmp_path / "own.onnx")
    assert find_backbone(str(file), cache_dir=cache).spec == spec


def test_the_sidecar_is_believed_and_its_change_noticed(
    tmp_path: Path, cache: Path, draw: Draw, spec: BackboneSpec
) -> None:
    file = write(draw(size="S"), tmp_path / "own.onnx")
    sidecar = tmp_path / "own.json"
    sidecar.write_text(spec.to_json())
    assert find_backbone(str(file), cache_dir=cache).spec == spec
    changed = replace(spec, channel_order="rgb")
    sidecar.write_text(changed.to_json())
    assert find_backbone(str(file), cache_dir=cache).spec == changed


def test_a_spec_tells_features_from_logits(
    tmp_path: Path, cache: Path, draw: Draw, spec: BackboneSpec
) -> None:
    projected = replace(spec, feature_dim=5)
    file = write(draw(softmax=False, spec=projected), tmp_path / "own.onnx")
    backbone = find_backbone(str(file), cache_dir=cache)
    assert backbone.spec == projected
    assert run_graph(parse_graph(backbone.path), PHOTOS).shape == (5, 5)


def test_a_dynamic_size_is_asked_for(tmp_path: Path, cache: Path, draw: Draw) -> None:
    file = write(draw(size="S"), tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match=r"own\.onnx: .*@224"):
        find_backbone(str(file), cache_dir=cache)
    backbone = find_backbone(f"{file}@16", cache_dir=cache)
    assert backbone.spec.input_size == 16
    assert shape_of(parse_graph(backbone.path).graph.input[0]) == (None, 3, 16, 16)


@pytest.mark.parametrize("opset", [11, 13, 20])
def test_other_opsets_are_converted(tmp_path: Path, cache: Path, draw: Draw, opset: int) -> None:
    file = write(draw(opset=opset), tmp_path / "own.onnx")
    model = parse_graph(find_backbone(str(file), cache_dir=cache).path)
    assert model.opset_import[0].version in (17, 18)
    expected = run_graph(draw(head=None, softmax=False), PHOTOS)
    np.testing.assert_allclose(run_graph(model, PHOTOS), expected, rtol=1e-5)


def test_weights_beside_the_graph_are_taken_in(tmp_path: Path, cache: Path, draw: Draw) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    file = folder / "own.onnx"
    onnx.save(draw(), file, save_as_external_data=True, location="own.data", size_threshold=0)
    first = find_backbone(str(file), cache_dir=cache)
    expected = run_graph(draw(head=None, softmax=False), PHOTOS)
    np.testing.assert_allclose(run_graph(parse_graph(first.path), PHOTOS), expected, rtol=1e-5)
    data = bytearray((folder / "own.data").read_bytes())
    data[2] ^= 1
    (folder / "own.data").write_bytes(data)
    assert find_backbone(str(file), cache_dir=cache).weights_hash != first.weights_hash


def test_a_graph_that_mixes_the_photos_of_a_batch_is_refused(
    tmp_path: Path, cache: Path, draw: Draw
) -> None:
    model = draw(head=None, softmax=False)
    model.graph.node[-1].output[0] = "flat_features"
    model.graph.initializer.append(numpy_helper.from_array(np.array([0]), "batch"))
    model.graph.node.append(
        helper.make_node("ReduceMean", ["flat_features"], ["mean"], axes=[0], keepdims=1)
    )
    model.graph.node.append(helper.make_node("Add", ["flat_features", "mean"], ["answer"]))
    file = write(model, tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match="batch cannot be made dynamic"):
        find_backbone(str(file), cache_dir=cache)


def test_a_batch_of_one_that_is_baked_in_is_refused(
    tmp_path: Path, cache: Path, draw: Draw
) -> None:
    model = draw(batch=1, head=None, softmax=False)
    model.graph.node[-1].output[0] = "flat_features"
    zeros = numpy_helper.from_array(np.zeros((1, 2), np.float32), "token")
    model.graph.initializer.append(zeros)
    model.graph.node.append(
        helper.make_node("Concat", ["flat_features", "token"], ["answer"], axis=1)
    )
    file = write(model, tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match="batch cannot be made dynamic"):
        find_backbone(str(file), cache_dir=cache)


@pytest.mark.parametrize(
    ("drawn", "asked", "words"),
    [
        ({"batch": 4}, "", "batch is fixed at 4"),
        ({"flatten": "", "head": None, "softmax": False}, "", "gives 4x1x1 for a photo"),
        ({"head": None}, "", "end it at its features"),
        ({}, "@16", "takes 8 pixels, not 16"),
    ],
)
def test_what_cannot_be_a_backbone_is_one_line(
    tmp_path: Path, cache: Path, draw: Draw, drawn: dict[str, Any], asked: str, words: str
) -> None:
    file = write(draw(**drawn), tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match=words) as caught:
        find_backbone(f"{file}{asked}", cache_dir=cache)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not cache.exists()


def test_a_spec_that_does_not_fit_is_refused(
    tmp_path: Path, cache: Path, draw: Draw, spec: BackboneSpec
) -> None:
    file = write(draw(), tmp_path / "own.onnx")
    sidecar = tmp_path / "own.json"
    sidecar.write_text(json.dumps(asdict(spec) | {"feature_dim": 9}))
    with pytest.raises(BackboneError, match="feature_dim 9, its graph gives 4"):
        find_backbone(str(file), cache_dir=cache)
    sidecar.write_text("{}")
    with pytest.raises(BackboneError, match="lacks the field"):
        find_backbone(str(file), cache_dir=cache)


def test_an_input_that_is_not_a_photo_is_refused(tmp_path: Path, cache: Path, draw: Draw) -> None:
    model = draw()
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 8
    file = write(model, tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match=r"float32 \[N, 3, S, S\]"):
        find_backbone(str(file), cache_dir=cache)


def test_a_missing_file_is_one_line(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(BackboneError, match=r"gone\.onnx"):
        find_backbone(str(tmp_path / "gone.onnx"), cache_dir=cache)


def asks_for(model: ModelProto, count: int) -> ModelProto:
    """Add as many zeros, made while the graph runs, to its answer."""
    graph = model.graph
    graph.initializer.append(numpy_helper.from_array(np.array([count], np.int64), "bomb/shape"))
    answer = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["bomb/answer" if name == answer else name for name in node.output]
    graph.node.extend(
        [
            helper.make_node("ConstantOfShape", ["bomb/shape"], ["bomb/large"]),
            helper.make_node("ReduceMax", ["bomb/large"], ["bomb/most"], keepdims=0),
            helper.make_node("Add", ["bomb/answer", "bomb/most"], [answer]),
        ]
    )
    return model


@pytest.mark.parametrize("count", [2**33, 3])
def test_a_graph_is_examined_by_a_process_of_its_own(
    tmp_path: Path, cache: Path, draw: Draw, count: int, in_child: None
) -> None:
    file = write(asks_for(draw(head=None, softmax=False), count), tmp_path / "own.onnx")
    if count == 3:
        assert find_backbone(str(file), cache_dir=cache).spec.feature_dim == 4
        return
    with pytest.raises(BackboneError, match=r"own\.onnx: .*(memory|cannot run the graph)"):
        find_backbone(str(file), cache_dir=cache)
    assert not list(cache.rglob("*.onnx"))


def test_a_graph_that_takes_too_long_is_ended(
    tmp_path: Path, cache: Path, draw: Draw, in_child: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_extractor, "_PATIENCE", 0.001)
    file = write(draw(), tmp_path / "own.onnx")
    with pytest.raises(BackboneError, match=r"may not be run: it took more than 0\.015 s"):
        find_backbone(str(file), cache_dir=cache)


@pytest.mark.parametrize("location", ["/dev/zero", "../own.data"])
def test_weights_outside_the_folder_are_not_read(
    tmp_path: Path, cache: Path, draw: Draw, location: str
) -> None:
    model = draw()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    with pytest.raises(BackboneError, match="its weights are in files outside its folder"):
        find_backbone(str(write(model, tmp_path / "own.onnx")), cache_dir=cache)
