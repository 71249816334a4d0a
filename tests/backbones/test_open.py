from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from onnx import ModelProto

from pawlens.backbones import Backbone, BackboneSpec, OpenVinoEngine, _open, open_engine
from pawlens.backbones._onnx import finish
from pawlens.base import sha256_of
from pawlens.errors import BackboneError, MissingExtra, UsageError

Draw = Callable[..., ModelProto]


@pytest.fixture
def backbone(tmp_path: Path, draw: Draw, spec: BackboneSpec) -> Backbone:
    path = tmp_path / "drawn.onnx"
    path.write_bytes(finish(draw(head=None, softmax=False), 8, 4).SerializeToString())
    weights = tmp_path / "drawn.tag.safetensors"
    weights.write_bytes(b"weights")
    return Backbone(spec, path, sha256_of(weights), weights=weights)


def pretend(monkeypatch: pytest.MonkeyPatch, *, driver: bool, gpu: bool) -> list[Any]:
    """Pretend a driver and a GPU; returns what is loaded and opened for the GPU."""
    opened: list[Any] = []
    torch = SimpleNamespace(cuda=SimpleNamespace(is_available=lambda: gpu))

    def load(*arguments: Any) -> str:
        opened.append(arguments)
        return "network"

    def gpu_engine(*arguments: Any, precision: str) -> str:
        opened.append((*arguments, precision))
        return "engine"

    monkeypatch.setattr(shutil, "which", lambda _: "nvidia-smi" if driver else None)
    monkeypatch.setattr(_open, "find_spec", lambda _: object())
    monkeypatch.setattr(_open, "require", lambda *_, **__: torch)
    monkeypatch.setattr(_open, "load_network", load)
    monkeypatch.setattr(_open, "TorchEngine", gpu_engine)
    return opened


@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_a_gpu_runs_the_weights(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch, device: Any
) -> None:
    opened = pretend(monkeypatch, driver=True, gpu=True)
    engine: Any = open_engine(backbone, device=device)
    assert engine == "engine"
    loaded = "drawn.tag", backbone.weights, backbone.spec.input_size
    assert opened == [loaded, ("network", backbone.spec, "auto")]


def test_weights_that_change_while_they_are_read_are_refused(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, driver=True, gpu=True)
    assert backbone.weights is not None
    backbone.weights.write_bytes(b"others")
    with pytest.raises(BackboneError, match="changed while it was read"):
        open_engine(backbone, device="cuda")


def test_what_has_no_weights_for_torch_stays_on_the_cpu(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = pretend(monkeypatch, driver=True, gpu=True)
    engine = open_engine(replace(backbone, weights=None), device="cuda")
    assert isinstance(engine, OpenVinoEngine)
    assert engine.device == "cpu"
    assert open_engine(backbone, device="cpu", precision="f32").precision == "f32"
    assert not opened


def test_auto_leaves_torch_alone_without_a_driver(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, driver=False, gpu=True)
    monkeypatch.setattr(_open, "require", None)
    assert open_engine(backbone).device == "cpu"
    pretend(monkeypatch, driver=True, gpu=False)
    assert open_engine(backbone).device == "cpu"


def test_a_gpu_that_is_not_there(backbone: Backbone, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, driver=True, gpu=False)
    with pytest.raises(UsageError, match="torch finds no GPU here: use --device cpu"):
        open_engine(backbone, device="cuda")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra, match=r"pawlens\[torch\]"):
        open_engine(backbone, device="cuda")
