from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto

from pawlens.backbones import BackboneSpec, OpenVinoEngine, _openvino, cpu_precision
from pawlens.backbones._onnx import finish, run_graph
from pawlens.errors import UsageError

Draw = Callable[..., ModelProto]
Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

PHOTOS: Pixels = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def spec() -> BackboneSpec:
    mean, std = (120.0, 110.0, 100.0), (64.0, 60.0, 58.0)
    return BackboneSpec("drawn", 8, "bilinear", mean, std, "bgr", 4, "MIT", "drawn by hand")


@pytest.fixture(scope="module")
def graph(draw: Draw) -> ModelProto:
    return finish(draw(head=None, softmax=False), 8, 4)


@pytest.fixture(scope="module")
def engine(graph: ModelProto, spec: BackboneSpec) -> OpenVinoEngine:
    data = graph.SerializeToString()
    return OpenVinoEngine(data, [spec], precision="f32", batch_size=4, threads=2)


@pytest.fixture(scope="module")
def alone(engine: OpenVinoEngine) -> Floats:
    """Features of every photo in a batch of its own."""
    return np.concatenate([f for _, f in engine.run((i, [PHOTOS[i : i + 1]]) for i in range(40))])


def test_pixels_are_normalised_as_the_spec_says(
    graph: ModelProto, spec: BackboneSpec, alone: Floats
) -> None:
    scaled = (PHOTOS[..., ::-1].astype(np.float32) - spec.mean) / spec.std
    expected = run_graph(graph, scaled.transpose(0, 3, 1, 2).astype(np.float32))
    np.testing.assert_allclose(alone, expected, rtol=1e-4, atol=1e-5)


@settings(max_examples=40)
@given(rows=st.lists(st.lists(st.integers(0, 39), min_size=1, max_size=4), max_size=12))
def test_features_are_the_same_bits_wherever_a_photo_comes(
    engine: OpenVinoEngine, alone: Floats, rows: list[list[int]]
) -> None:
    answers = list(engine.run((batch, [PHOTOS[batch]]) for batch in rows))
    assert [tag for tag, _ in answers] == rows
    for batch, features in answers:
        assert features.dtype == np.float32
        np.testing.assert_array_equal(features, alone[batch])


def test_answers_stream(engine: OpenVinoEngine) -> None:
    pulled = 0

    def batches() -> Iterator[tuple[int, list[Pixels]]]:
        nonlocal pulled
        for pulled in range(500):
            yield pulled, [PHOTOS[:4]]

    answers = engine.run(batches())
    for wanted in range(100):
        assert next(answers)[0] == wanted
    assert pulled < 200
    answers.close()  # type: ignore[attr-defined]


def test_an_error_in_the_photos_passes_through(engine: OpenVinoEngine) -> None:
    def batches() -> Iterator[tuple[int, list[Pixels]]]:
        yield 0, [PHOTOS[:4]]
        raise OSError("unplugged")

    with pytest.raises(OSError, match="unplugged"):
        list(engine.run(batches()))


def test_auto_is_the_precision_of_this_cpu(
    graph: ModelProto, spec: BackboneSpec, alone: Floats
) -> None:
    engine = OpenVinoEngine(graph.SerializeToString(), [spec])
    assert (engine.precision, engine.device) == (cpu_precision(), "cpu")
    step = engine.batch_size
    pairs = engine.run((i, [PHOTOS[i : i + step]]) for i in range(0, 40, step))
    features = np.concatenate([answer for _, answer in pairs])
    np.testing.assert_allclose(features, alone, rtol=0.05, atol=0.05)


def test_a_precision_that_is_not_there_is_refused(
    graph: ModelProto, spec: BackboneSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "drawn.onnx"
    path.write_bytes(graph.SerializeToString())
    with pytest.raises(UsageError, match="int8 wants a quantised graph"):
        OpenVinoEngine(path, [spec], precision="int8")
    monkeypatch.setattr(_openvino, "cpu_precision", lambda: "f32")
    assert OpenVinoEngine(path, [spec]).precision == "f32"
    with pytest.raises(UsageError, match="no bf16 instructions"):
        OpenVinoEngine(path, [spec], precision="bf16")


def test_the_environment_holds_auto_to_f32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWLENS_PRECISION", "f32")
    assert cpu_precision() == "f32"
    monkeypatch.setenv("PAWLENS_PRECISION", "fast")
    with pytest.raises(UsageError, match="PAWLENS_PRECISION=fast: set it to auto or f32"):
        cpu_precision()
    capable = type("Core", (), {"get_property": lambda self, device, name: ["FP32", "BF16"]})
    monkeypatch.setattr("openvino.Core", capable)
    monkeypatch.setenv("PAWLENS_PRECISION", "auto")
    assert cpu_precision() == "bf16"
    monkeypatch.setenv("PAWLENS_PRECISION", "f32")
    assert cpu_precision() == "f32"


_LET_GO_ELSEWHERE = """
import signal, sys, threading
from pathlib import Path
from pawlens.backbones import BackboneSpec, OpenVinoEngine
spec = BackboneSpec("drawn", 8, "bilinear", (0, 0, 0), (1, 1, 1), "rgb", 4, "MIT", "drawn by hand")
engines = [OpenVinoEngine(Path(sys.argv[1]), [spec], precision="f32")]
thread = threading.Thread(target=engines.clear)
thread.start()
thread.join()
signal.signal(signal.SIGTERM, lambda number, frame: print("heard"))
signal.raise_signal(signal.SIGTERM)
"""


def test_a_signal_is_heard_when_another_thread_has_let_the_engine_go(
    graph: ModelProto, tmp_path: Path
) -> None:
    file = tmp_path / "graph.onnx"
    file.write_bytes(graph.SerializeToString())
    command = [sys.executable, "-c", _LET_GO_ELSEWHERE, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr
