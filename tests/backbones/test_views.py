"""Backbones that look at a photo in several views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from PIL import Image

from pawlens.backbones import (
    PLACES,
    Backbone,
    BackboneSpec,
    find_pooling,
    keep_graph,
    parse_graph,
    with_views,
)
from pawlens.backbones._onnx import run_graph


@pytest.fixture
def pixels(paw: Backbone) -> Any:
    """Two smooth photos as the backbone takes them."""
    size = paw.spec.input_size
    small = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 3)).astype(np.uint8)
    photos = [Image.fromarray(one).resize((size, size), Image.Resampling.BICUBIC) for one in small]
    values = np.stack([np.asarray(one, np.float32) for one in photos])
    scaled = (values - np.array(paw.spec.mean)) / np.array(paw.spec.std)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32)


@pytest.fixture
def pooled_twice(tmp_path: Path) -> Backbone:
    """A backbone with a layer after its pooling, so that cells cannot be joined."""
    rng = np.random.default_rng(1)
    stored = [
        numpy_helper.from_array(rng.normal(size=shape).astype(np.float32), name)
        for name, shape in (("kernel", (5, 3, 3, 3)), ("layer", (5, 4)))
    ]
    nodes = [
        helper.make_node("Conv", ["x", "kernel"], ["maps"], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["maps"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["flat"]),
        helper.make_node("Relu", ["flat"], ["positive"]),
        helper.make_node("MatMul", ["positive", "layer"], ["y"]),
    ]
    ends = [
        helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["N", 3, 16, 16]),
        helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 4]),
    ]
    graph = helper.make_graph(nodes, "own", ends[:1], ends[1:], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    spec = BackboneSpec("own", 16, "bicubic", (0, 0, 0), (1, 1, 1), "rgb", 4, "mine", "here")
    return keep_graph(model, spec, tmp_path)


def features(backbone: Backbone, pixels: Any) -> Any:
    return run_graph(parse_graph(backbone.path), pixels)


def crops(pixels: Any) -> list[Any]:
    """The middle and the corners of photos, by Pillow."""
    size = pixels.shape[2]
    side = round(0.85 * size)
    looks = []
    for place in PLACES:
        y, x = (round(share * (size - side)) for share in place)
        part = pixels[:, :, y : y + side, x : x + side]
        planes = [
            [np.asarray(Image.fromarray(plane).resize((size, size), Image.Resampling.BICUBIC))]
            for plane in part.reshape(-1, side, side)
        ]
        looks.append(np.array(planes, np.float32).reshape(pixels.shape))
    return looks


def test_without_views_a_backbone_is_itself(paw: Backbone, tmp_path: Path) -> None:
    assert with_views(paw, [], cache_dir=tmp_path) is paw


def test_a_mirror_image_is_joined_where_features_are_a_mean(
    paw: Backbone, pixels: Any, tmp_path: Path
) -> None:
    made = with_views(paw, ["flip"], cache_dir=tmp_path)
    wanted = (features(paw, pixels) + features(paw, pixels[..., ::-1])) / 2
    np.testing.assert_allclose(features(made, pixels), wanted, atol=1e-4)
    assert np.abs(wanted - features(paw, pixels)).max() > 1e-2
    graph = parse_graph(made.path).graph
    assert find_pooling(graph, "features") is not None  # cells keep their places
    assert made.spec == paw.spec
    assert made.weights_hash != paw.weights_hash


def test_cells_of_the_mirror_image_are_turned_back(
    paw: Backbone, pixels: Any, tmp_path: Path
) -> None:
    model = parse_graph(with_views(paw, ["flip"], cache_dir=tmp_path).path)
    pooling = find_pooling(model.graph, "features")
    assert pooling is not None
    model.graph.output[0].name = pooling.cells
    model.graph.output[0].type.tensor_type.ClearField("shape")
    cells, mirrored = run_graph(model, pixels), run_graph(model, pixels[..., ::-1])
    turned = np.flip(mirrored, pooling.plane[1])
    np.testing.assert_allclose(cells, turned, atol=1e-3)


@pytest.mark.parametrize("views", [["crops"], ["flip", "crops"]])
def test_crops_are_those_of_pillow(
    paw: Backbone, pixels: Any, tmp_path: Path, views: list[str]
) -> None:
    made = with_views(paw, views, cache_dir=tmp_path)
    looks = [pixels, *([pixels[..., ::-1]] if "flip" in views else []), *crops(pixels)]
    wanted = np.mean([features(paw, look) for look in looks], axis=0)
    np.testing.assert_allclose(features(made, pixels), wanted, atol=2e-3)


@pytest.mark.parametrize("views", [["flip"], ["crops"]])
def test_where_more_follows_the_pooling_features_are_joined(
    pooled_twice: Backbone, tmp_path: Path, views: list[str]
) -> None:
    made = with_views(pooled_twice, views, cache_dir=tmp_path)
    pixels = np.random.default_rng(3).normal(size=(3, 3, 16, 16)).astype(np.float32)
    others = [pixels[..., ::-1]] if views == ["flip"] else crops(pixels)
    wanted = np.mean([features(pooled_twice, look) for look in (pixels, *others)], axis=0)
    np.testing.assert_allclose(features(made, pixels), wanted, atol=1e-4)


def test_graphs_are_made_once_and_differ_by_their_views(paw: Backbone, tmp_path: Path) -> None:
    first = with_views(paw, ["flip"], cache_dir=tmp_path)
    stamp = first.path.stat().st_mtime_ns
    again = with_views(paw, ["flip"], cache_dir=tmp_path)
    other = with_views(paw, ["flip", "crops"], cache_dir=tmp_path)
    assert again == first
    assert first.path.stat().st_mtime_ns == stamp
    assert len({paw.weights_hash, first.weights_hash, other.weights_hash}) == 3
