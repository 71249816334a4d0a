"""The core graph as a network of torch: the same answers, node by node."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.export import GraphFacts, compose_graph, core_graph, core_inputs, core_squares
from pawlens.models import ExportedModel

from ...small_models import dense_head, picture

torch = pytest.importorskip("torch", reason="needs pawlens[torch]")


def run(core: onnx.ModelProto, feed: dict[str, np.ndarray]) -> np.ndarray:
    import onnxruntime as ort

    session = ort.InferenceSession(core.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, feed)[0])


@pytest.mark.parametrize("planes", [False, True])
def test_it_answers_as_the_core_graph_does(paw: Backbone, planes: bool) -> None:
    from pawlens.workflows.targets._torch_graph import CoreNetwork

    backwards = replace(paw, spec=replace(paw.spec, channel_order="bgr", interpolation="bilinear"))
    backbones = [paw, backwards]
    specs = tuple(one.spec for one in backbones)
    facts = GraphFacts(("cat", "dog", "owl"), specs, ("x", "y"), 1.5, 0.01, "0")
    head = dense_head(2 * paw.spec.feature_dim, unit=True)
    model = ExportedModel(compose_graph(backbones, head, facts), facts)
    core = core_graph(model.to_onnx(), facts, planes=planes)
    squares = core_squares(picture(1), core_inputs(specs))
    if planes:
        squares = {n: s.transpose(0, 3, 1, 2).astype(np.float32) for n, s in squares.items()}
    network = CoreNetwork(core).eval()
    with torch.no_grad():
        found = network(*[torch.from_numpy(one.copy()) for one in squares.values()]).numpy()
    np.testing.assert_allclose(found, run(core, squares), atol=1e-4)
    assert not list(network.parameters())


CASES: dict[str, tuple[str, list[np.ndarray], dict[str, object]]] = {
    "uneven padding": (
        "Conv",
        [np.ones((2, 3, 3, 3), np.float32)],
        {"pads": [0, 0, 1, 1], "strides": [2, 2]},
    ),
    "maximum of a window": (
        "MaxPool",
        [],
        {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    ),
    "mean of a window": ("AveragePool", [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "padding": ("Pad", [np.array([0, 0, 1, 2, 0, 0, 3, 0]), np.array(2.5, np.float32)], {}),
    "limits": ("Clip", [np.array(-0.5, np.float32), np.array(0.5, np.float32)], {}),
    "batch normalisation": (
        "BatchNormalization",
        [np.array(v, np.float32) for v in ([1, 2, 3], [0, 1, 0], [0.1, 0, 0.2], [1, 2, 0.5])],
        {"epsilon": 0.001},
    ),
    "global mean": ("GlobalAveragePool", [], {}),
    "another shape": ("Reshape", [np.array([1, -1])], {}),
    "flat": ("Flatten", [], {"axis": 1}),
    "without an axis": ("Squeeze", [np.array([0])], {}),
    "with more axes": ("Unsqueeze", [np.array([0, 5])], {}),
    "hard swish": ("HardSwish", [], {}),
    "hard sigmoid": ("HardSigmoid", [], {"alpha": 1 / 6, "beta": 0.5}),
    "error function": ("Erf", [], {}),
}


@pytest.mark.parametrize("name", CASES)
def test_an_operator_does_what_it_does_in_onnx(name: str) -> None:
    from pawlens.workflows.targets._torch_graph import CoreNetwork

    kind, constants, attributes = CASES[name]
    names = [f"c{number}" for number in range(len(constants))]
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", *names], ["y"], **attributes)],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 9, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(one, n) for one, n in zip(constants, names, strict=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    x = np.random.default_rng(0).normal(size=(1, 3, 9, 8)).astype(np.float32)
    found = CoreNetwork(model)(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(found, run(model, {"x": x}), atol=1e-5)


def test_an_operator_that_is_not_known_is_named() -> None:
    from pawlens.workflows.targets._torch_graph import CoreNetwork

    node = helper.make_node("Det", ["x"], ["y"])
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2])
    answer = helper.make_tensor_value_info("y", TensorProto.FLOAT, [])
    model = helper.make_model(helper.make_graph([node], "one", [value], [answer]))
    with pytest.raises(UsageError, match=r"operator Det .* --to onnx-core"):
        CoreNetwork(model)
