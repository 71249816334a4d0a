from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from pawlens.backbones import _onnx
from pawlens.errors import BackboneError

Draw = Callable[..., ModelProto]
PHOTOS = np.random.default_rng(0).standard_normal((3, 3, 8, 8)).astype(np.float32)


def features_by_hand(model: ModelProto) -> npt.NDArray[np.float32]:
    """Pooled features of the drawn graph, in NumPy."""
    kernel = next(t for t in model.graph.initializer if t.name == "kernel")
    padded = np.pad(PHOTOS, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    maps = np.einsum("nchwyx,ocyx->nohw", windows, numpy_helper.to_array(kernel))
    pooled: npt.NDArray[np.float32] = np.maximum(maps, 0).mean((2, 3))
    return pooled


@pytest.mark.parametrize("head", ["Gemm", "MatMul"])
@pytest.mark.parametrize("flatten", ["Flatten", "Reshape"])
@pytest.mark.parametrize("softmax", [True, False])
def test_a_classifier_is_cut_at_its_pooled_features(
    draw: Draw, head: str, flatten: str, softmax: bool
) -> None:
    model = draw(head=head, flatten=flatten, softmax=softmax)
    expected = features_by_hand(model)
    assert _onnx.cut_at_features(model)
    assert [node.op_type for node in model.graph.node][-1] == flatten
    assert not {"weight", "bias", "unread"} & {tensor.name for tensor in model.graph.initializer}
    np.testing.assert_allclose(_onnx.run_graph(model, PHOTOS), expected, rtol=1e-4, atol=1e-5)


def test_weights_that_a_transpose_reads_are_still_weights(draw: Draw) -> None:
    model = draw(head="MatMul", softmax=False)
    product = next(node for node in model.graph.node if node.op_type == "MatMul")
    stored = next(tensor for tensor in model.graph.initializer if tensor.name == "weight")
    turned = numpy_helper.from_array(numpy_helper.to_array(stored).T.copy(), "weight")
    stored.CopyFrom(turned)
    product.input[1] = "turned"
    model.graph.node.insert(0, helper.make_node("Transpose", ["weight"], ["turned"], perm=[1, 0]))
    assert _onnx.cut_at_features(model)
    assert "Transpose" not in {node.op_type for node in model.graph.node}


def test_an_extractor_is_left_as_it_is(draw: Draw) -> None:
    model = draw(head=None, softmax=False)
    before = model.SerializeToString()
    assert not _onnx.cut_at_features(model)
    assert model.SerializeToString() == before


def test_probabilities_without_a_product_cannot_be_cut(draw: Draw) -> None:
    with pytest.raises(BackboneError, match="Softmax"):
        _onnx.cut_at_features(draw(head=None))


def test_a_product_of_two_computed_matrices_is_no_classifier(draw: Draw) -> None:
    model = draw(head=None, softmax=False)
    model.graph.node[-1].output[0] = "flat_features"
    model.graph.node.append(helper.make_node("Transpose", ["flat_features"], ["t"], perm=[1, 0]))
    model.graph.node.append(helper.make_node("MatMul", ["flat_features", "t"], ["answer"]))
    assert not _onnx.cut_at_features(model)


def test_a_fixed_batch_becomes_dynamic(draw: Draw) -> None:
    model = draw(batch=1, flatten="Reshape", head=None, softmax=False)
    single = _onnx.run_graph(model, PHOTOS, batch=1)
    with pytest.raises(BackboneError, match="ONNX Runtime cannot run"):
        _onnx.run_graph(model, PHOTOS)
    _onnx.free_batch(model)
    assert _onnx.shape_of(_onnx.graph_input(model)) == (None, 3, 8, 8)
    np.testing.assert_array_equal(_onnx.run_graph(model, PHOTOS), single)


def test_a_reshape_that_counts_another_side_copies_the_batch(draw: Draw) -> None:
    model = draw(batch=1, flatten="Reshape", head=None, softmax=False)
    shape = next(tensor for tensor in model.graph.initializer if tensor.name == "flat")
    shape.CopyFrom(numpy_helper.from_array(np.array([1, -1]), "flat"))
    _onnx.free_batch(model)
    assert _onnx.run_graph(model, PHOTOS).shape == (3, 4)


def test_finish_names_the_ends_even_where_the_names_are_taken(draw: Draw) -> None:
    model = draw(head=None, softmax=False, names=("features", "pixels"))
    expected = _onnx.run_graph(model, PHOTOS)
    model.graph.node[0].doc_string = "C:/somebody/model.py"
    model.graph.node[0].metadata_props.add(key="stack", value="C:/somebody/model.py")
    done = _onnx.finish(model, 8, 4)
    assert [value.name for value in done.graph.input] == ["pixels"]
    assert [value.name for value in done.graph.output] == ["features"]
    assert _onnx.shape_of(done.graph.input[0]) == (None, 3, 8, 8)
    assert _onnx.shape_of(done.graph.output[0]) == (None, 4)
    assert b"somebody" not in done.SerializeToString()
    np.testing.assert_array_equal(_onnx.run_graph(done, PHOTOS), expected)


def test_finish_refuses_a_graph_that_gives_other_shapes(draw: Draw) -> None:
    with pytest.raises(BackboneError, match="not valid ONNX"):
        _onnx.finish(draw(head=None, softmax=False), 8, 77)


@pytest.mark.parametrize(("chosen", "factor"), [(True, 2), (False, 3)])
def test_names_inside_a_branch_are_renamed_and_its_weights_kept(
    draw: Draw, chosen: bool, factor: int
) -> None:
    """Both branches read a tensor whose name the output of the graph is to have."""
    model = draw(head=None, softmax=False)
    model.graph.node[-1].output[0] = "features"
    info = helper.make_tensor_value_info("chosen", TensorProto.FLOAT, None)
    branches = {
        name: helper.make_graph(
            [helper.make_node("Mul", ["features", constant], ["chosen"])], name, [], [info]
        )
        for name, constant in (("then_branch", "two"), ("else_branch", "three"))
    }
    stored = {"two": np.float32(2), "three": np.float32(3), "yes": np.array(chosen)}
    for name, value in stored.items():
        model.graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
    model.graph.node.append(helper.make_node("If", ["yes"], ["answer"], **branches))
    _onnx.free_batch(model)
    done = _onnx.finish(model, 8, 4)
    np.testing.assert_allclose(
        _onnx.run_graph(done, PHOTOS), factor * features_by_hand(draw()), rtol=1e-4, atol=1e-5
    )


def test_metadata_is_replaced_whole(draw: Draw) -> None:
    model = draw()
    model.metadata_props.add(key="author", value="somebody")
    _onnx.set_meta(model, {"a": "1", "b": "2"})
    assert [_onnx.get_meta(model, key) for key in ("a", "b", "author")] == ["1", "2", None]


def test_count_weights_counts_floats_alone(draw: Draw) -> None:
    assert _onnx.count_weights(draw()) == 4 * 27 + 4 * 5 + 5 + 3


def test_relative_gap() -> None:
    one = np.array([[1.0, -4.0]], np.float32)
    assert _onnx.relative_gap(one, one) == 0
    assert _onnx.relative_gap(one + np.float32(0.4), one) == pytest.approx(0.1, rel=1e-5)
    assert _onnx.relative_gap(one[0], one) == np.inf
    assert not _onnx.relative_gap(one * np.float32(np.nan), one) <= 1


@pytest.mark.parametrize("content", [b"", b"not a graph", None])
def test_what_is_not_onnx_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "broken.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BackboneError, match=r"broken\.onnx cannot be read as ONNX") as caught:
        _onnx.parse_graph(file)
    assert "\n" not in str(caught.value)


def test_two_inputs_are_refused(draw: Draw) -> None:
    model = draw()
    model.graph.input.append(helper.make_tensor_value_info("second", TensorProto.FLOAT, [1]))
    with pytest.raises(BackboneError, match=r"has one input, this graph has 2$"):
        _onnx.graph_input(model)


def test_weights_listed_as_inputs_do_not_count(draw: Draw) -> None:
    model = draw()
    kernel = model.graph.initializer[0]
    model.graph.input.append(
        helper.make_tensor_value_info(kernel.name, TensorProto.FLOAT, list(kernel.dims))
    )
    assert _onnx.graph_input(model).name == "image"
