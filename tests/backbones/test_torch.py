from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx import ModelProto, numpy_helper

from pawlens.backbones import BackboneSpec, OpenVinoEngine, TorchEngine
from pawlens.backbones._engine import Engine
from pawlens.backbones._onnx import finish
from pawlens.errors import UsageError

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.torch
Draw = Callable[..., ModelProto]
PHOTOS = np.random.default_rng(0).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)


@pytest.fixture
def network(draw: Draw) -> Any:
    """The drawn graph in torch."""
    nn = torch.nn
    convolution = nn.Conv2d(3, 4, 3, padding=1, bias=False)
    kernel = numpy_helper.to_array(draw().graph.initializer[0])
    convolution.weight.data = torch.tensor(kernel)
    return nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def features(engine: Engine, batches: list[list[int]]) -> npt.NDArray[np.float32]:
    answers = list(engine.run((rows, [PHOTOS[rows]]) for rows in batches))
    assert [tag for tag, _ in answers] == batches
    return np.concatenate([answer for _, answer in answers])


ROWS = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_features_are_those_of_openvino(network: Any, draw: Draw, spec: BackboneSpec) -> None:
    graph = finish(draw(head=None, softmax=False), 8, 4).SerializeToString()
    expected = features(OpenVinoEngine(graph, [spec], precision="f32", batch_size=4), ROWS)
    engine = TorchEngine(network, spec, device="cpu", batch_size=4)
    assert (engine.precision, engine.device) == ("f32", "cpu")
    given = features(engine, ROWS)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, expected, rtol=1e-4, atol=1e-5)
    half = features(TorchEngine(network, spec, precision="bf16", device="cpu"), [[*range(10)]])
    assert half.dtype == np.float32
    assert 0 < np.abs(half - expected).max() < 0.02 * np.abs(expected).max()


def test_features_are_the_same_bits_wherever_a_photo_comes(
    network: Any, spec: BackboneSpec
) -> None:
    engine = TorchEngine(network, spec, device="cpu", batch_size=4)
    expected = features(engine, ROWS)
    np.testing.assert_array_equal(features(engine, [[9, 7, 5], [3]]), expected[[9, 7, 5, 3]])
    assert list(engine.run([])) == []


def test_two_batches_are_on_their_way_and_no_more(network: Any, spec: BackboneSpec) -> None:
    """Memory does not grow with the photos, and the next batch is asked for before an answer."""
    asked: list[int] = []

    def batches() -> Any:
        for number in range(6):
            asked.append(number)
            yield number, [PHOTOS[:4]]

    ahead = []
    for tag, _ in TorchEngine(network, spec, device="cpu", batch_size=4).run(batches()):
        ahead.append(len(asked) - 1 - tag)
    assert ahead == [2, 2, 2, 2, 1, 0]


def test_the_photos_can_be_changed_once_they_are_sent(network: Any, spec: BackboneSpec) -> None:
    engine = TorchEngine(network, spec, device="cpu", batch_size=4)
    expected = features(engine, ROWS)[:4]
    held = PHOTOS[:4].copy()

    def batches() -> Any:
        yield 0, [held]
        held[:] = 0

    ((_, given),) = engine.run(batches())
    np.testing.assert_array_equal(given, expected)
    given[:] = 0  # an answer is the caller's own


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_features_of_the_cpu(network: Any, spec: BackboneSpec) -> None:
    expected = features(TorchEngine(network, spec, device="cpu", batch_size=4), ROWS)
    engine = TorchEngine(network, spec, precision="f32", device="cuda", batch_size=4)
    for _ in range(3):
        np.testing.assert_allclose(features(engine, ROWS), expected, rtol=1e-4, atol=1e-5)


def test_settings_of_torch_are_left_as_they_were(network: Any, spec: BackboneSpec) -> None:
    cudnn = torch.backends.cudnn
    before = cudnn.deterministic, cudnn.allow_tf32, cudnn.enabled, cudnn.benchmark
    features(TorchEngine(network, spec, device="cpu"), ROWS)
    assert (cudnn.deterministic, cudnn.allow_tf32, cudnn.enabled, cudnn.benchmark) == before
    assert torch.is_grad_enabled()


def test_a_full_gpu_is_one_line(spec: BackboneSpec) -> None:
    def fail(*_: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    network = torch.nn.Identity()
    network.register_forward_hook(fail)
    engine = TorchEngine(network, spec, device="cpu")
    with pytest.raises(UsageError, match="no room for a batch of 64 photos: use --device cpu"):
        features(engine, ROWS)
