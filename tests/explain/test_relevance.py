"""What a photo's places gave to features: sums that hold, and autograd's numbers where exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pawlens.explain._ends import End, read_ends

RNG = np.random.default_rng(0)
Floats32 = npt.NDArray[np.float32]


def weights(*shape: int) -> Floats32:
    return RNG.normal(size=shape).astype(np.float32)


def opened(nodes: list[onnx.NodeProto], constants: dict[str, Any]) -> tuple[onnx.ModelProto, End]:
    """A graph from a photo (H, W, 3), resized to 6 x 6 cells, to ``features``, and its end."""
    sizes = np.array([1, 3, 6, 6])
    before = [
        helper.make_node("Cast", ["image"], ["floats"], to=1),
        helper.make_node("Transpose", ["floats"], ["planes"], perm=[2, 0, 1]),
        helper.make_node("Unsqueeze", ["planes", "axis0"], ["batch"]),
        helper.make_node("Resize", ["batch", "", "", "sizes"], ["small"]),
        helper.make_node("Conv", ["small", "kernel"], ["cells"]),
    ]
    kernel = weights(5, 3, 1, 1) / 100
    constants = {"sizes": sizes, "axis0": np.array([0]), "kernel": kernel} | constants
    graph = helper.make_graph(
        [*before, *nodes],
        "drawn",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    (end,) = read_ends(model, ["features"])
    assert end is not None
    return model, end


def run(model: onnx.ModelProto, names: list[str], seed: int = 5) -> dict[str, npt.NDArray[Any]]:
    from pawlens.explain._session import open_session

    photo = np.random.default_rng(seed).integers(0, 256, (40, 30, 3), np.uint8)
    session = open_session(model, names)
    return dict(zip(names, session.run(names, {"image": photo}), strict=True))


NORM = [
    helper.make_node("GlobalAveragePool", ["cells"], ["mean"]),
    helper.make_node("Flatten", ["mean"], ["flat"]),
]
ENDINGS: dict[str, tuple[list[onnx.NodeProto], dict[str, Any]]] = {
    "layer norm": (
        [helper.make_node("LayerNormalization", ["flat", "scale"], ["features"])],
        {"scale": weights(5)},
    ),
    "batch norm and layer": (
        [
            helper.make_node(
                "BatchNormalization", ["mean", "scale", "zeros", "zeros", "ones"], ["normed"]
            ),
            helper.make_node("Conv", ["normed", "layer"], ["wide"]),
            helper.make_node("Relu", ["wide"], ["open"]),
            helper.make_node("Squeeze", ["open", "plane"], ["features"]),
        ],
        {
            "scale": weights(5),
            "zeros": np.zeros(5, np.float32),
            "ones": np.full(5, 2, np.float32),
            "layer": weights(7, 5, 1, 1),
            "plane": np.array([2, 3]),
        },
    ),
    "norm by parts": (
        [
            helper.make_node("ReduceMean", ["flat", "one"], ["level"], keepdims=1),
            helper.make_node("Sub", ["flat", "level"], ["centred"]),
            helper.make_node("Pow", ["centred", "two"], ["squares"]),
            helper.make_node("ReduceMean", ["squares", "one"], ["spread"], keepdims=1),
            helper.make_node("Sqrt", ["spread"], ["scale"]),
            helper.make_node("Div", ["centred", "scale"], ["features"]),
        ],
        {"one": np.array([1]), "two": np.float32(2)},
    ),
    "gemm and hard swish": (
        [
            helper.make_node("Gemm", ["flat", "layer"], ["wide"], transB=1),
            helper.make_node("HardSwish", ["wide"], ["features"]),
        ],
        {"layer": weights(7, 5)},
    ),
    "split and joined": (
        [
            helper.make_node("Split", ["flat", "parts"], ["left", "right"], axis=1),
            helper.make_node("Sub", ["left", "right"], ["less"]),
            helper.make_node("Gather", ["flat", "picked"], ["some"], axis=1),
            helper.make_node("Slice", ["flat", "zero", "last", "one"], ["most"]),
            helper.make_node("Neg", ["most"], ["turned"]),
            helper.make_node("Concat", ["less", "some", "turned"], ["features"], axis=1),
        ],
        {
            "parts": np.array([1, 4]),
            "picked": np.array([3, 1, 3]),
            "zero": np.array([0]),
            "last": np.array([4]),
            "one": np.array([1]),
        },
    ),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_shares_add_up_to_the_features(name: str) -> None:
    """Without biases nothing else gives to a feature, so the cells give all of it."""
    nodes, constants = ENDINGS[name]
    model, end = opened(NORM + nodes, constants)
    assert end.method == "cam"
    values = run(model, [*end.needed, "features", "cells"])
    wanted = weights(*values["features"].shape[1:])
    shares = end.shares(values, wanted)
    assert shares.shape == (6, 6)
    assert shares.std() > 0
    assert shares.sum() == pytest.approx(float((values["features"][0] * wanted).sum()), rel=1e-3)


def test_a_cell_gives_what_its_channels_are_worth() -> None:
    """By hand: a layer after the mean turns each cell's channels before they are weighed."""
    nodes, constants = ENDINGS["gemm and hard swish"]
    model, end = opened(NORM + nodes, constants)
    values = run(model, [*end.needed, "wide", "features", "cells"])
    wanted = weights(7)
    gate = values["features"][0] / values["wide"][0]
    expected = np.einsum("chw,oc,o->hw", values["cells"][0], constants["layer"], gate * wanted) / 36
    np.testing.assert_allclose(end.shares(values, wanted), expected, rtol=1e-3, atol=1e-5)


TOKENS = [
    helper.make_node("Reshape", ["cells", "flat"], ["rows"]),
    helper.make_node("Transpose", ["rows"], ["patches"], perm=[0, 2, 1]),
    helper.make_node("Concat", ["class", "patches"], ["tokens"], axis=1),
]


def block(number: int, tokens: str) -> tuple[list[onnx.NodeProto], dict[str, Any]]:
    """Attention of all tokens over all tokens, added to them."""
    names = {kind: f"{kind}{number}" for kind in ("q", "k", "kt", "v", "p", "a", "got", "out")}
    nodes = [
        helper.make_node("MatMul", [tokens, f"wq{number}"], [names["q"]]),
        helper.make_node("MatMul", [tokens, f"wk{number}"], [names["k"]]),
        helper.make_node("MatMul", [tokens, f"wv{number}"], [names["v"]]),
        helper.make_node("Transpose", [names["k"]], [names["kt"]], perm=[0, 2, 1]),
        helper.make_node("MatMul", [names["q"], names["kt"]], [names["p"]]),
        helper.make_node("Softmax", [names["p"]], [names["a"]], axis=-1),
        helper.make_node("MatMul", [names["a"], names["v"]], [names["got"]]),
        helper.make_node("Add", [tokens, names["got"]], [names["out"]]),
    ]
    return nodes, {f"w{kind}{number}": weights(5, 5) for kind in "qkv"}


def test_a_class_token_is_followed_through_the_blocks_to_the_patches() -> None:
    """By hand, two blocks: attention's weights are numbers, so each block is a matrix."""
    one, two = block(1, "tokens"), block(2, "out1")
    end_nodes = [helper.make_node("Gather", ["out2", "first"], ["features"], axis=1)]
    constants = {
        "flat": np.array([1, 5, 36]),
        "class": weights(1, 1, 5),
        "first": np.array(0),
    }
    model, end = opened([*TOKENS, *one[0], *two[0], *end_nodes], constants | one[1] | two[1])
    assert end.method == "relevance"
    values = run(model, [*end.needed, "features", "a1", "a2", "tokens"])
    wanted = weights(5)
    back = np.zeros((37, 5), np.float32)
    back[0] = wanted
    for attention, value in ((values["a2"], two[1]["wv2"]), (values["a1"], one[1]["wv1"])):
        back = back + attention[0].T @ back @ value.T
    expected = (values["tokens"][0] * back).sum(1)
    found = end.shares(values, wanted)
    np.testing.assert_allclose(found, expected[1:].reshape(6, 6), rtol=1e-3, atol=1e-4)
    assert expected.sum() == pytest.approx(float(values["features"][0] @ wanted), rel=1e-3)
    assert read_ends(model, ["features"], exact=True) == [None]


def test_pooled_tokens_are_read_at_their_mean_or_followed() -> None:
    nodes, constants = block(1, "patches")
    end_nodes = [helper.make_node("ReduceMean", ["out1", "one"], ["features"], keepdims=0)]
    constants |= {"flat": np.array([1, 5, 36]), "class": weights(1, 1, 5), "one": np.array([1])}
    model, end = opened([*TOKENS[:2], *nodes, *end_nodes], constants)
    assert end.method == "relevance"
    (exact,) = read_ends(model, ["features"], exact=True)
    assert exact is not None
    assert exact.method == "cam"
    values = run(model, [*end.needed, *exact.needed, "features"])
    wanted = weights(5)
    expected = (values["out1"][0] @ wanted).reshape(6, 6) / 36
    np.testing.assert_allclose(exact.shares(values, wanted), expected, rtol=1e-3, atol=1e-4)
    total = float(values["features"][0] @ wanted)
    assert end.shares(values, wanted).sum() == pytest.approx(total, rel=1e-3)


def test_the_way_ends_at_tokens_where_it_is_not_linear() -> None:
    """Behind a sine only its own values are known; what the class token gives is in no cell."""
    nodes = [
        *TOKENS,
        helper.make_node("Sin", ["tokens"], ["waves"]),
        helper.make_node("Slice", ["waves", "start", "stop", "one"], ["photo"]),
        helper.make_node("ReduceMean", ["photo", "one"], ["mean"], keepdims=1),
        helper.make_node("MatMul", ["mean", "layer"], ["wide"]),
        helper.make_node("MatMul", ["weigh", "wide"], ["features"]),
    ]
    constants = {
        "flat": np.array([1, 5, 36]),
        "class": weights(1, 1, 5),
        "start": np.array([1]),
        "stop": np.array([99]),
        "one": np.array([1]),
        "layer": weights(5, 7),
        "weigh": np.ones((1, 1, 1), np.float32),
    }
    model, end = opened(nodes, constants)
    assert end.method == "relevance"
    values = run(model, [*end.needed, "waves"])
    wanted = weights(7)
    expected = values["waves"][0, 1:] @ constants["layer"] @ wanted / 36
    np.testing.assert_allclose(end.shares(values, wanted), expected.reshape(6, 6), rtol=1e-3)
    nodes[-4] = helper.make_node("Identity", ["waves"], ["photo"])
    broken = helper.make_graph(
        [*model.graph.node][:5] + nodes,
        "drawn",
        model.graph.input,
        model.graph.output,
        model.graph.initializer,
    )
    whole = helper.make_model(broken, opset_imports=model.opset_import, ir_version=9)
    assert read_ends(whole, ["features"]) == [None]  # the class token's share would be lost


def test_maps_are_autograds_where_they_are_exact(tmp_path: Path) -> None:
    """Gradient times cells, of torch's network with the scale of its norm held, is the map."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    network = _network(torch)
    network.eval()
    pixels = torch.rand(1, 3, 24, 24)
    program = torch.onnx.export(network, (pixels,), dynamo=True, opset_version=18, verbose=False)
    model = program.model_proto
    body = model.graph
    image, features = body.input[0].name, body.output[0].name
    (end,) = read_ends(_of_photos(model, image), [features])
    assert end is not None
    from pawlens.explain._session import open_session

    names = list(dict.fromkeys([*end.needed, features]))
    values = dict(
        zip(names, open_session(model, names).run(names, {image: pixels.numpy()}), strict=True)
    )
    wanted = torch.randn(8)
    cells = network.cells(pixels).detach().requires_grad_()
    (network.end(cells)[0] @ wanted).backward()
    expected = (cells.grad * cells).sum(1)[0].detach().numpy()
    np.testing.assert_allclose(end.shares(values, wanted.numpy()), expected, rtol=1e-3, atol=1e-5)


def _network(torch: Any) -> Any:
    class Network(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.body = torch.nn.Conv2d(3, 6, 4, 4)
            self.norm = torch.nn.LayerNorm(6)
            self.layer = torch.nn.Linear(6, 8)
            self.batch = torch.nn.BatchNorm1d(8)

        def cells(self, x: Any) -> Any:
            return torch.relu(self.body(x))

        def end(self, cells: Any) -> Any:
            x = cells.mean((2, 3))
            spread = x.var(-1, unbiased=False, keepdim=True).detach()
            x = (x - x.mean(-1, keepdim=True)) / (spread + self.norm.eps).sqrt()
            return torch.relu(self.batch(self.layer(x * self.norm.weight + self.norm.bias)))

        def forward(self, x: Any) -> Any:
            x = self.norm(self.cells(x).mean((2, 3)))
            return torch.relu(self.batch(self.layer(x)))

    return Network()


def _of_photos(model: onnx.ModelProto, image: str) -> onnx.ModelProto:
    """The same graph behind one that takes a photo, as maps are read from."""
    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    del whole.graph.node[:], whole.graph.input[:]
    whole.graph.input.append(
        helper.make_tensor_value_info("photo", TensorProto.UINT8, ["H", "W", 3])
    )
    whole.graph.initializer.extend(
        [
            numpy_helper.from_array(np.array([1, 3, 24, 24]), "to sizes"),
            numpy_helper.from_array(np.array([0]), "to axis"),
        ]
    )
    whole.graph.node.extend(
        [
            helper.make_node("Cast", ["photo"], ["to floats"], to=1),
            helper.make_node("Transpose", ["to floats"], ["to planes"], perm=[2, 0, 1]),
            helper.make_node("Unsqueeze", ["to planes", "to axis"], ["to batch"]),
            helper.make_node("Resize", ["to batch", "", "", "to sizes"], [image]),
            *model.graph.node,
        ]
    )
    return whole
