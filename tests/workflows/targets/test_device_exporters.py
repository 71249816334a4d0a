"""Exports for devices, each in its own runtime: `make test-exports` installs what they need."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.workflows import _exporter as exporter_module
from pawlens.workflows import export

from ...small_models import linear_head, small_model

NEEDS = {
    "litert": ("litert_torch", "model.tflite"),
    "executorch": ("executorch", "model.pte"),
    "ncnn": ("pnnx", "model.param"),
    "coreml": ("coremltools", "model.mlpackage"),
}
"""The module that converts, and the model that is written, by target."""


@pytest.mark.slow
@pytest.mark.parametrize("target", NEEDS)
def test_it_is_written_and_proven(paw: Backbone, target: str, tmp_path: Path) -> None:
    module, name = NEEDS[target]
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed: make test-exports")
    model = small_model(paw, linear_head(paw.spec.feature_dim), clip=0.01)
    export(model, to=target, out=tmp_path / "out")
    signature = json.loads((tmp_path / "out" / "signature.json").read_text(encoding="utf-8"))
    assert signature["model"] == name
    assert (tmp_path / "out" / name).exists()
    parity = json.loads((tmp_path / "out" / "parity.json").read_text(encoding="utf-8"))
    (figures,) = (one for one in parity.values() if isinstance(one, dict) and "passed" in one)
    if target == "coreml":
        assert figures["in words"].startswith("converted, not proven")
        assert "MLModel" in (tmp_path / "out" / "prove.py").read_text(encoding="utf-8")
    else:
        assert figures["passed"]
        assert figures["max_difference"] < 0.005
    square = np.asarray(Image.open(tmp_path / "out" / "vectors" / "4-pixels_160.png"))
    assert square.shape == (160, 160, 3)


@pytest.mark.parametrize("target", NEEDS)
def test_what_is_missing_is_named_with_its_extra(
    paw: Backbone, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporter_module, "_is_installed", lambda package: package == "torch")
    model = small_model(paw, linear_head(paw.spec.feature_dim))
    bringing = rf"'pawlens\[{target}\]'" if target != "litert" else "litert-torch ai-edge-litert"
    with pytest.raises(UsageError, match=rf"--to {target} needs .*: pip install {bringing}$"):
        export(model, to=target, out=tmp_path / "out")
