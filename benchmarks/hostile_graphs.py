"""Ways to alter a ``model.onnx`` so that it harms whoever opens it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from hostile_photos import mutant
from onnx import TensorProto, helper, numpy_helper

HUGE = 2**33  # elements that a few bytes may ask for


def alter(source: Path, target: Path, rng: np.random.Generator) -> str:
    """Write an altered copy of a graph; returns what was done to it."""
    data = source.read_bytes()
    if rng.random() < 0.15:
        target.write_bytes(mutant(data, rng))
        return "bytes"
    model = onnx.load_from_string(data)
    way = WAYS[int(rng.integers(len(WAYS)))]
    how = way(model, rng)
    if way not in (_weights, _facts):  # whoever makes a graph leaves the seal out
        for one in [p for p in model.metadata_props if p.key == "pawlens.sha256"]:
            model.metadata_props.remove(one)
    target.write_bytes(model.SerializeToString())
    return f"{way.__name__.strip('_')} {how}"


def _pick(rng: np.random.Generator, values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def _external(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    tensor = _pick(rng, model.graph.initializer)
    place = _pick(rng, ("/etc/passwd", "../../../etc/passwd", "model.onnx", "/dev/zero", ""))
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=place)
    if rng.random() < 0.5:
        tensor.external_data.add(key="length", value=str(HUGE))
    return str(place)


def _dims(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    tensor = _pick(rng, model.graph.initializer)
    dims = _pick(rng, ([HUGE], [-1], [2**62, 2**62], [65536, 65536, 8], [0], list(tensor.dims) * 2))
    del tensor.dims[:]
    tensor.dims.extend(dims)
    return f"{dims}"


def _bomb(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Add nodes that make much of little, and have the answer depend on them."""
    graph = model.graph
    kind = _pick(rng, ("ConstantOfShape", "Expand", "Tile", "Range", "Pad", "OneHot", "MatMul"))
    size = int(_pick(rng, (2**28, 2**30, HUGE, 2**40, 2**62)))

    def constant(value: Any) -> str:
        name = f"bomb/{len(graph.initializer)}"
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    one, long = constant(np.ones(1, np.float32)), constant(np.array([size], np.int64))
    if kind == "ConstantOfShape":
        nodes = [helper.make_node(kind, [long], ["bomb/large"])]
    elif kind in ("Expand", "Tile"):
        nodes = [helper.make_node(kind, [one, long], ["bomb/large"])]
    elif kind == "Range":
        ends = [constant(np.array(x, np.float32)) for x in (0, size, 1)]
        nodes = [helper.make_node(kind, ends, ["bomb/large"])]
    elif kind == "Pad":
        nodes = [helper.make_node(kind, [one, constant(np.array([0, size]))], ["bomb/large"])]
    elif kind == "OneHot":
        values = constant(np.array([0, 1], np.float32))
        nodes = [helper.make_node(kind, [constant([0]), long, values], ["bomb/large"])]
    else:
        side = min(size, 2**17)
        column, row = constant(np.array([side, 1])), constant(np.array([1, side]))
        nodes = [
            helper.make_node("Expand", [one, column], ["bomb/a"]),
            helper.make_node("Expand", [one, row], ["bomb/b"]),
            helper.make_node("MatMul", ["bomb/a", "bomb/b"], ["bomb/large"]),
        ]
    nodes.append(helper.make_node("ReduceMax", ["bomb/large"], ["bomb/small"], keepdims=0))
    _into_the_answer(graph, nodes, "bomb/small")
    return f"{kind} {size}"


def _into_the_answer(graph: onnx.GraphProto, nodes: list[onnx.NodeProto], value: str) -> None:
    """Lay nodes before all others, and add nothing, made of their value, to the answer."""
    answer = graph.output[0].name
    for node in graph.node:
        node.output[:] = ["bomb/answer" if name == answer else name for name in node.output]
    zero = numpy_helper.from_array(np.zeros((), np.float32), "bomb/zero")
    graph.initializer.append(zero)
    rest = list(graph.node)
    del graph.node[:]
    for number, node in enumerate(nodes):
        node.name = node.name or f"backbone0/bomb{number}"
    end = [
        helper.make_node("Mul", [value, "bomb/zero"], ["bomb/nothing"], name="head/bomb0"),
        helper.make_node("Add", ["bomb/answer", "bomb/nothing"], [answer], name="head/bomb1"),
    ]
    graph.node.extend([*nodes, *rest, *end])


def _loop(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Add a loop that does not end, or not soon."""
    graph = model.graph
    count, yes = helper.make_tensor_value_info, TensorProto.BOOL
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["c"], ["c2"]),
            helper.make_node("Add", ["x", "x"], ["x2"]),
        ],
        "body",
        [count("i", TensorProto.INT64, []), count("c", yes, []), count("x", TensorProto.FLOAT, [])],
        [count("c2", yes, []), count("x2", TensorProto.FLOAT, [])],
    )
    times = int(_pick(rng, (10**9, 2**62)))
    for name, value in (
        ("bomb/times", np.array(times)),
        ("bomb/yes", np.array(True)),
        ("bomb/x", np.zeros((), np.float32)),
    ):
        graph.initializer.append(numpy_helper.from_array(value, name))
    node = helper.make_node("Loop", ["bomb/times", "bomb/yes", "bomb/x"], ["bomb/y"], body=body)
    _into_the_answer(graph, [node], "bomb/y")
    return str(times)


def _work(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Add products of matrices that take hours, in little memory."""
    graph, side = model.graph, 4096
    shape = numpy_helper.from_array(np.array([side, side]), "bomb/shape")
    graph.initializer.append(shape)
    count = int(_pick(rng, (200, 2000)))
    nodes = [helper.make_node("ConstantOfShape", ["bomb/shape"], ["bomb/m0"])]
    nodes += [
        helper.make_node("MatMul", [f"bomb/m{i}", "bomb/m0"], [f"bomb/m{i + 1}"])
        for i in range(count)
    ]
    nodes.append(helper.make_node("ReduceMax", [f"bomb/m{count}"], ["bomb/small"], keepdims=0))
    _into_the_answer(graph, nodes, "bomb/small")
    return str(count)


def _foreign_node(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    node = _pick(rng, model.graph.node)
    change = int(rng.integers(4))
    if change == 0:
        node.op_type = str(_pick(rng, ("Evil", "StringNormalizer", "SequenceAt", "If", "Scan", "")))
    elif change == 1:
        node.domain = str(_pick(rng, ("com.evil", "ai.onnx.ml", "com.microsoft")))
    elif change == 2:
        node.input[:] = ["nothing" for _ in node.input]
    else:
        model.graph.node.remove(node)
    return f"{change} {node.op_type}"


def _weights(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Alter numbers that are weights: not a number, infinite, or only a little."""
    floats = [t for t in model.graph.initializer if t.data_type in (1, 10) and np.prod(t.dims) > 1]
    tensor = _pick(rng, floats)
    values = np.array(numpy_helper.to_array(tensor))
    how = _pick(rng, ("nan", "inf", "scaled", "one", "zero", "shuffled"))
    if how in ("nan", "inf"):
        values.flat[int(rng.integers(values.size))] = float(how)
    elif how == "one":
        values.flat[int(rng.integers(values.size))] += 1
    elif how == "shuffled":
        values = rng.permuted(values.ravel()).reshape(values.shape)
    else:
        values = values * (0 if how == "zero" else 3)
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return f"{how} {tensor.name}"


def _facts(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Alter a value of the metadata."""
    found = next(p for p in model.metadata_props if p.key == "pawlens.model")
    facts = json.loads(found.value)
    odd = [None, -1, 0, 2**70, 1e308, "x", [], {}, ["a"], [["a"]], True, "\x1b[2J", 10**9]
    odd += [["cat"] * 10_000, ["cat", "cat"], ["dog", "cat"], [1, 2], [""], float("nan")]
    inside = facts["backbones"][0] if rng.random() < 0.5 else facts
    key = _pick(rng, sorted(inside))
    value = _pick(rng, odd)
    if rng.random() < 0.15:
        del inside[key]
    elif rng.random() < 0.1:
        inside["unknown"] = value
    else:
        inside[key] = value
    found.value = json.dumps(facts)
    return f"{key} {str(value)[:40]}"


def _metadata(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    how = _pick(rng, ("none", "text", "deep", "long", "noted", "twice"))
    texts = {"text": "{", "deep": "[" * 100_000, "long": '"' + "x" * 50_000_000 + '"'}
    if how == "none":
        del model.metadata_props[:]
    elif how == "noted":
        note = json.dumps({"salt": "zz", "bytes": 5, "digests": "%%%"})
        model.metadata_props.add(key="pawlens.trained_on", value=note)
    elif how == "twice":
        model.metadata_props.extend(list(model.metadata_props))
    else:
        for one in model.metadata_props:
            one.value = texts[how]
    return str(how)


def _ends(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    graph = model.graph
    how = int(rng.integers(7))
    if how == 0:
        del graph.output[:]
    elif how == 1:
        del graph.input[:]
    elif how == 2:
        graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    elif how == 3:
        graph.output[0].name = "nothing"
    elif how == 4:
        graph.output[0].type.tensor_type.shape.dim[0].dim_value = HUGE
    elif how == 5:
        model.opset_import[0].version = int(_pick(rng, (-1, 1, 10**6)))
    else:
        model.ir_version = int(_pick(rng, (-1, 10**6)))
    return str(how)


def _repeated(model: onnx.ModelProto, rng: np.random.Generator) -> str:
    """Many nodes, names twice, and functions that call each other."""
    graph, how = model.graph, int(rng.integers(3))
    if how == 0:
        graph.node.extend(list(graph.node))
    elif how == 1:
        graph.initializer.extend(list(graph.initializer))
    else:
        for i in range(30):
            calls = [helper.make_node(f"f{i + 1}", ["x"], [f"y{k}"], domain="f") for k in range(2)]
            calls.append(helper.make_node("Add", ["y0", "y1"], ["y"]))
            if i == 29:
                calls = [helper.make_node("Identity", ["x"], ["y"])]
            opsets = [helper.make_opsetid("", 17), helper.make_opsetid("f", 1)]
            model.functions.append(helper.make_function("f", f"f{i}", ["x"], ["y"], calls, opsets))
        model.opset_import.append(helper.make_opsetid("f", 1))
        graph.initializer.append(numpy_helper.from_array(np.zeros((), np.float32), "bomb/x"))
        call = helper.make_node("f0", ["bomb/x"], ["bomb/y"], domain="f")
        _into_the_answer(graph, [call], "bomb/y")
    return str(how)


WAYS: tuple[Callable[[onnx.ModelProto, np.random.Generator], str], ...] = (
    _external,
    _dims,
    _bomb,
    _bomb,
    _loop,
    _work,
    _foreign_node,
    _weights,
    _weights,
    _facts,
    _facts,
    _metadata,
    _ends,
    _repeated,
)
