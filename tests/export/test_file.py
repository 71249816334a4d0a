"""The file of a model: its seal, its metadata, and the trial of graphs from elsewhere."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.backbones import Backbone
from pawlens.base import _limited as limited
from pawlens.base import user_cache
from pawlens.errors import RunError
from pawlens.export import read_model_file, write_model_file

from ..small_models import graph_parts

KEY = "pawlens.model"


@pytest.fixture(scope="module")
def graph(paw: Backbone) -> onnx.ModelProto:
    return graph_parts(paw)[0]


@pytest.fixture
def altered(graph: onnx.ModelProto, tmp_path: Path) -> Callable[..., Path]:
    """Write a copy without a seal after something was done to it, as a stranger would."""

    def write(change: Callable[[onnx.ModelProto], object]) -> Path:
        copy = onnx.ModelProto()
        copy.CopyFrom(graph)
        change(copy)
        path = tmp_path / "foreign.onnx"
        path.write_bytes(copy.SerializeToString())
        return path

    return write


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the graphs that were tried, in a cache of their own."""
    seen: list[int] = []
    run = subprocess.run

    def counted(*words: Any, **options: Any) -> Any:
        seen.append(len(options["input"]))
        return run(*words, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    return seen


def facts_with(**values: Any) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        (entry,) = (one for one in model.metadata_props if one.key == KEY)
        entry.value = json.dumps(json.loads(entry.value) | values)

    return change


def test_what_was_written_is_read_back(
    graph: onnx.ModelProto, tmp_path: Path, trials: list[int]
) -> None:
    path = tmp_path / "model.onnx"
    write_model_file(path, graph)
    onnx.checker.check_model(str(path))
    model, facts, digest = read_model_file(path)
    assert model == graph
    assert facts.classes[:2] == ("cat", "dog")
    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert trials == []


def test_one_changed_bit_is_noticed(graph: onnx.ModelProto, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    write_model_file(path, graph)
    data = path.read_bytes()
    for at in (5, len(data) // 2, len(data) - 90, len(data) - 3):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(RunError, match="damaged, or changed after"):
            read_model_file(path)
    path.write_bytes(data[:-1])
    with pytest.raises(RunError):
        read_model_file(path)


def test_a_graph_that_another_tool_wrote_again_is_refused(
    graph: onnx.ModelProto, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    write_model_file(path, graph)
    model = onnx.load(str(path))
    model.metadata_props.add(key="comment", value="smaller")
    path.write_bytes(model.SerializeToString())
    with pytest.raises(RunError, match=r"changed after pawlens wrote it"):
        read_model_file(path)


def test_a_foreign_graph_is_tried_once(altered: Callable[..., Path], trials: list[int]) -> None:
    path = altered(lambda model: model.metadata_props.add(key="from", value="elsewhere"))
    for _ in range(2):
        _, facts, _ = read_model_file(path)
    assert facts.classes[:2] == ("cat", "dog")
    assert trials == [path.stat().st_size]
    assert list((user_cache() / "graphs").iterdir())


def _bomb(model: onnx.ModelProto) -> None:
    """Have the answer depend on a tensor of 32 GB."""
    graph = model.graph
    shape = numpy_helper.from_array(np.array([2**33], np.int64), "bomb/shape")
    graph.initializer.extend([shape, numpy_helper.from_array(np.float32(0), "bomb/zero")])
    answer = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["bomb/answer" if name == answer else name for name in node.output]
    graph.node.extend(
        [
            helper.make_node("ConstantOfShape", ["bomb/shape"], ["bomb/large"]),
            helper.make_node("ReduceMax", ["bomb/large"], ["bomb/most"], keepdims=0),
            helper.make_node("Mul", ["bomb/most", "bomb/zero"], ["bomb/nothing"]),
            helper.make_node("Add", ["bomb/answer", "bomb/nothing"], [answer]),
        ]
    )


def _not_a_number(model: onnx.ModelProto) -> None:
    (bias,) = (one for one in model.graph.initializer if one.name == "head/bias")
    bias.CopyFrom(numpy_helper.from_array(np.array([np.nan, 0, 0], np.float32), bias.name))


def _unknown_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].op_type = "Evil"


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def _many_classes(model: onnx.ModelProto) -> None:
    facts_with(classes=["cat", "dog", "bird", "fish"])(model)


@pytest.mark.parametrize(
    "change", [_bomb, _not_a_number, _unknown_operator, _external, _many_classes]
)
def test_a_graph_that_does_harm_or_no_good_is_refused(
    change: Callable[[onnx.ModelProto], None], altered: Callable[..., Path]
) -> None:
    path = altered(change)
    with pytest.raises(RunError, match=r"foreign.onnx: its graph was tried and may not be run: it"):
        read_model_file(path)


def test_a_graph_that_takes_too_long_is_ended(
    altered: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limited, "_PATIENCE", 0.05)
    path = altered(lambda model: model.metadata_props.add(key="from", value="far"))
    with pytest.raises(RunError, match=r"took more than 0\.05 s"):
        read_model_file(path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"classes": []}, "no classes"),
        ({"classes": ["cat", "cat"]}, "one of them twice"),
        ({"classes": ["cat", 3]}, "no name"),
        ({"classes": 5}, "damaged"),
        ({"weights_hashes": ["a", "b"]}, "one hash a backbone"),
        ({"weights_hashes": [1]}, "no text"),
        ({"backbones": []}, "one hash a backbone"),
        ({"backbones": [{"name": "x"}]}, "lacks the field"),
        ({"temperature": float("nan")}, "no number"),
        ({"temperature": "1"}, "no number"),
        ({"temperature": 10**400}, "no number"),
        ({"temperature": 0}, "out of range"),
        ({"clip": 0.5}, "out of range"),
        ({"clip": -0.1}, "out of range"),
        ({"borders": "cut"}, "borders"),
        ({"version": None}, "version"),
        ({"exact": "no"}, "neither true nor false"),
        ({"f32": "no"}, "neither true nor false"),
        ({"scale": "fast"}, "the scale is not known"),
        ({"unknown": 1}, "damaged"),
        ({"labels": {"temperature": [1], "clip": [0, 0], "threshold": [0, 0]}}, "one rule a label"),
        ({"labels": 7}, "damaged"),
    ],
)
def test_metadata_is_checked_before_anything_is_run(
    values: dict[str, Any], words: str, altered: Callable[..., Path], trials: list[int]
) -> None:
    path = altered(facts_with(**values))
    with pytest.raises(RunError, match=rf"not a classifier of pawlens \(its metadata.*{words}"):
        read_model_file(path)
    assert trials == []


def test_an_input_of_absurd_size_is_refused(altered: Callable[..., Path], paw: Backbone) -> None:
    spec = json.loads(paw.spec.to_json()) | {"input_size": 10**9}
    with pytest.raises(RunError, match="more than 4096 pixels"):
        read_model_file(altered(facts_with(backbones=[spec])))


def test_metadata_that_is_deep_or_no_json(altered: Callable[..., Path]) -> None:
    for text in ("[" * 100_000, "{", "null", '"\\ud800"'):

        def change(model: onnx.ModelProto, text: str = text) -> None:
            model.metadata_props[0].value = text

        with pytest.raises(RunError, match="metadata is damaged"):
            read_model_file(altered(change))
