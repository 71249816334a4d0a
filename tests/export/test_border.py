"""The same box from the same pixels, in Python and in both runtimes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from pawlens.backbones import find_backbone
from pawlens.export import GraphFacts, check_parity, compose_graph
from pawlens.export._border import box_nodes, trim_nodes
from pawlens.export._resize import Nodes
from pawlens.heads import Head
from pawlens.models import ExportedModel
from pawlens.photos import BORDER_RULE, BorderRule, Photos, find_border

Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nodes = Nodes("preprocess")
    box = box_nodes(nodes, "image", BORDER_RULE)
    sides = [nodes.add("Unsqueeze", [side, nodes.integers(0)]) for side in box]
    nodes.add("Concat", sides, axis=0, output="box")
    graph = helper.make_graph(
        nodes.nodes,
        "box",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3])],
        [helper.make_tensor_value_info("box", TensorProto.INT32, [4])],
        nodes.constants,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(made, full_check=True)
    path = tmp_path_factory.mktemp("border") / "box.onnx"
    onnx.save(made, str(path))
    return path


def onnxruntime(path: Path) -> Callable[[Pixels], Any]:
    import onnxruntime as ort

    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return lambda pixels: session.run(None, {"image": pixels})[0]


def openvino(path: Path) -> Callable[[Pixels], Any]:
    import openvino as ov

    request = ov.Core().compile_model(str(path), "CPU").create_infer_request()
    return lambda pixels: request.infer({"image": pixels})[0]


def pictures() -> Iterator[Pixels]:
    """Bordered, unbordered, all plain, faded, speckled, tiny; of many sizes."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        height, width = rng.integers(20, 160, 2)
        inner = rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)
        inner = np.asarray(Image.fromarray(inner).resize((int(width), int(height))))
        left, top, right, bottom = rng.integers(0, 60, 4) * rng.integers(0, 2, 4)
        canvas = np.empty((top + height + bottom, left + width + right, 3), np.uint8)
        canvas[:] = rng.choice([0, 128, 255]) if rng.random() < 0.7 else rng.integers(0, 256, 3)
        canvas[top : top + height, left : left + width] = inner
        noise = rng.integers(-6, 7, canvas.shape) * (rng.random(canvas.shape) < rng.choice([0, 1]))
        yield np.clip(canvas + noise, 0, 255).astype(np.uint8)
    for shape in ((1, 1), (1, 40), (40, 1), (2, 3), (64, 64), (300, 7)):
        yield rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
        yield np.full((*shape, 3), rng.integers(0, 256), np.uint8)
    fading = np.linspace(0, 255, 300).astype(np.uint8)[:, None, None]
    yield np.broadcast_to(fading, (300, 200, 3)).copy()
    speck = np.full((300, 200, 3), 255, np.uint8)
    speck[100:103, 50:54] = 0
    yield speck


@pytest.mark.parametrize("runtime", [onnxruntime, openvino])
def test_the_box_is_that_of_python(
    model: Path, runtime: Callable[[Path], Callable[[Pixels], Any]]
) -> None:
    run, trimmed = runtime(model), 0
    for pixels in pictures():
        expected = find_border(pixels)
        assert tuple(run(pixels).tolist()) == expected
        trimmed += expected != (0, 0, pixels.shape[1], pixels.shape[0])
    assert trimmed > 15


def test_the_rule_is_inside_the_graph_as_constants(model: Path) -> None:
    constants = {
        int(onnx.numpy_helper.to_array(t))
        for t in onnx.load(str(model)).graph.initializer
        if t.data_type == TensorProto.INT32
    }
    assert constants == {0, 1, *BorderRule()}


def test_a_border_is_cut_off_on_every_side() -> None:
    nodes = Nodes("preprocess")
    trim_nodes(nodes, "image", BORDER_RULE)
    nodes.nodes[-1].output[:] = ["picture"]
    graph = helper.make_graph(
        nodes.nodes,
        "trim",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["H", "W", 3])],
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, ["h", "w", 3])],
        nodes.constants,
    )
    import onnxruntime as ort

    opset = [helper.make_opsetid("", 18)]
    trim = helper.make_model(graph, opset_imports=opset, ir_version=9)
    session = ort.InferenceSession(trim.SerializeToString(), providers=["CPUExecutionProvider"])
    cut = 0
    for pixels in pictures():
        left, top, right, bottom = find_border(pixels)
        found = session.run(None, {"image": pixels})[0]
        np.testing.assert_array_equal(found, pixels[top:bottom, left:right])
        cut += left > 0 and top > 0
    assert cut


def test_a_model_that_trims(tmp_path: Path) -> None:
    paw = find_backbone("paw", cache_dir=tmp_path)
    rng = np.random.default_rng(0)
    weights = rng.normal(0, 3, (paw.spec.feature_dim, 2)).astype(np.float32)
    head = Head.linear(weights, np.zeros(2, np.float32))
    facts = GraphFacts(("cat", "dog"), (paw.spec,), ("x",), 1.0, 0.0, "0", borders="trim")
    graph = compose_graph([paw], head, facts)
    assert GraphFacts.from_json(facts.to_json()) == facts

    inner = np.asarray(
        Image.fromarray(rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)).resize((420, 300))
    )
    framed = np.full((500, 420, 3), 255, np.uint8)
    framed[110:410] = inner
    assert find_border(framed) == (0, 110, 420, 410)
    for name, pixels in (("inner", inner), ("framed", framed)):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    photos = Photos.read([tmp_path / "inner.png", tmp_path / "framed.png"])
    proba = ExportedModel(graph, facts).answer(photos, precision="f32").proba
    np.testing.assert_allclose(proba[0], proba[1], atol=1e-6)

    path = tmp_path / "model.onnx"
    path.write_bytes(graph.SerializeToString())
    decoders = [lambda: inner, lambda: framed, lambda: np.full((90, 70, 3), 255, np.uint8)]
    found = check_parity(path, facts, head, [paw], decoders, np.full((3, 2), 0.5))
    assert found["onnxruntime"]["max_difference"] < 0.005
    assert found["openvino"]["max_difference"] < 0.005
