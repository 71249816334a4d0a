from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pawlens.backbones import BackboneSpec, _exporters
from pawlens.backbones._onnx import relative_gap, run_graph
from pawlens.errors import BackboneError

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

pytestmark = pytest.mark.torch
SPEC = BackboneSpec("small", 8, "bicubic", (0, 0, 0), (1, 1, 1), "rgb", 4, "mine", "here")


class Small(torch.nn.Module):  # type: ignore[misc, name-defined]
    """Four features of a photo; `twist` is called with the pooled ones."""

    def __init__(self, twist: Callable[[Any], Any] = lambda x: x) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.twist = twist

    def forward(self, x: Any) -> Any:
        return self.twist(self.layer(x).mean((2, 3)))


def asks_values(x: Any) -> Any:
    """Go one way or the other by the photo: `torch.export` refuses it, a trace takes one way."""
    return x * 2 if float(x.abs().sum()) > 0 else x


def counts_photos(x: Any) -> Any:
    """The same, and the features depend on the number of photos, which a trace makes a constant."""
    return asks_values(x) * int(x.shape[0])


def features(network: Any, photos: int) -> tuple[Any, Any]:
    pixels = np.random.default_rng(5).standard_normal((photos, 3, 8, 8), dtype=np.float32)
    with torch.inference_mode():
        return pixels, network.eval()(torch.from_numpy(pixels)).numpy()


def test_what_the_first_exporter_refuses_the_second_converts() -> None:
    network = Small(asks_values).eval()
    with pytest.raises(BackboneError, match="cannot be converted"):
        _exporters._compared(_exporters._by_export, network, SPEC, *features(network, 3))
    graph = _exporters.convert(network, SPEC)
    pixels, wanted = features(network, 5)
    assert relative_gap(run_graph(graph, pixels), wanted) < 1e-5


def test_the_second_exporter_is_compared_too(monkeypatch: pytest.MonkeyPatch) -> None:
    network = Small(counts_photos).eval()
    with pytest.raises(BackboneError) as caught:
        _exporters.convert(network, SPEC)
    first = str(caught.value)
    assert "off by" not in first  # the first exporter's reason is told
    with pytest.raises(BackboneError, match="other features as ONNX"):
        _exporters._compared(_exporters._by_script, network, SPEC, *features(network, 3))


def test_other_features_of_the_first_exporter_call_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, network = Small(lambda x: x * 1.001).eval(), Small().eval()
    real = _exporters._by_export
    monkeypatch.setattr(_exporters, "_by_export", lambda _, pixels: real(other, pixels))
    graph = _exporters.convert(network, SPEC)
    pixels, wanted = features(network, 4)
    assert relative_gap(run_graph(graph, pixels), wanted) < 1e-5


def test_a_slow_exporter_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(network: Any, pixels: Any) -> Any:
        end = time.process_time() + 60
        while time.process_time() < end:
            pass

    monkeypatch.setattr(_exporters, "_by_export", slow)
    monkeypatch.setattr(_exporters, "_PATIENCE", 0.3)
    network, start = Small().eval(), time.process_time()
    graph = _exporters.convert(network, SPEC)
    assert time.process_time() - start < 30
    pixels, wanted = features(network, 2)
    assert relative_gap(run_graph(graph, pixels), wanted) < 1e-5


def test_work_that_is_done_in_time_goes_on_undisturbed() -> None:
    with _exporters._time_limit(0.2):
        pass
    end = time.process_time() + 0.8
    while time.process_time() < end:  # nothing is raised here any more
        pass


def test_of_a_slow_and_a_failing_exporter_the_failure_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def too_slow(*_: Any) -> Any:
        raise _exporters._TooSlow

    def fails(*_: Any) -> Any:
        raise RuntimeError("no such operator\nand a page more")

    monkeypatch.setattr(_exporters, "_by_export", too_slow)
    monkeypatch.setattr(_exporters, "_by_script", fails)
    with pytest.raises(BackboneError, match=r"small at 8 pixels cannot be .*no such operator$"):
        _exporters.convert(Small().eval(), SPEC)
