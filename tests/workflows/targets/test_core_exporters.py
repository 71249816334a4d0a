"""Exporters of the core graph: what each writes is enough to get the model's answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import pytest
from PIL import Image

from pawlens.backbones import Backbone
from pawlens.errors import ParityError, UsageError
from pawlens.metrics import LabelRules
from pawlens.models import ExportedModel
from pawlens.testing import check_exporter
from pawlens.workflows import export
from pawlens.workflows.targets import OnnxCoreExporter, OpenVinoExporter, OrtExporter

from ...small_models import linear_head, small_model

TARGETS = ["onnx-core", "ort", "openvino"]
Pixels = npt.NDArray[np.uint8]


@pytest.fixture(scope="module")
def model(paw: Backbone) -> ExportedModel:
    return small_model(paw, linear_head(2 * paw.spec.feature_dim), count=2, clip=0.01)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def run_ort(file: Path) -> Callable[[dict[str, Pixels]], Any]:
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return lambda squares: session.run(["probabilities"], squares)[0]


def run_openvino(file: Path) -> Callable[[dict[str, Pixels]], Any]:
    import openvino as ov

    compiled = ov.Core().compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return lambda squares: compiled(squares)["probabilities"]


@pytest.mark.parametrize("target", TARGETS)
def test_the_vectors_are_met_by_what_was_written(
    model: ExportedModel, target: str, tmp_path: Path
) -> None:
    written = export(model, to=target, out=tmp_path / "out")
    folder, first = tmp_path / "out", written[0]
    run = (run_openvino if target == "openvino" else run_ort)(first)
    vectors = read(folder / "vectors" / "vectors.json")
    assert len(vectors["photos"]) == 6
    for one in vectors["photos"]:
        squares = {
            name: np.asarray(Image.open(folder / "vectors" / file))[None]
            for name, file in one["squares"].items()
        }
        gap = np.abs(run(squares).reshape(-1) - np.array(one["probabilities"]))
        assert gap.max() <= vectors["limits"]["max_difference"]
    parity = read(folder / "parity.json")
    (figures,) = (one for one in parity.values() if isinstance(one, dict) and "passed" in one)
    assert figures["passed"]
    assert figures["photos"] == 24
    assert 0 < figures["milliseconds_a_photo"] < 10_000


@pytest.mark.parametrize("target", TARGETS)
def test_the_signature_says_what_is_there(
    model: ExportedModel, target: str, tmp_path: Path
) -> None:
    written = export(model, to=target, out=tmp_path / "out")
    folder = tmp_path / "out"
    said = read(folder / "signature.json")
    for name, file in said["files"].items():
        content = (folder / name).read_bytes()
        assert file == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert next(iter(said["files"])) == written[0].name
    (given,) = said["inputs"]
    assert (given["name"], given["size"], given["filter"]) == ("pixels_160", 160, "bicubic")
    assert (given["dtype"], given["shape"]) == ("uint8", [1, 160, 160, 3])
    assert said["classes"] == model.classes_
    assert (folder / "labels.txt").read_text(encoding="utf-8").split() == model.classes_
    assert said["calibration"] == {"inside": True, "temperature": 1.5, "clip": 0.01}
    assert said["licences"] == [model.facts.backbones[0].licence]
    assert len(said["backbones"]) == 2
    assert "onnx" in said["made_with"]
    ports = {path.name for path in (folder / "resize").iterdir()}
    assert ports == {
        "pawlens_resize.js",
        "pawlens_resize.h",
        "PawlensResize.java",
        "PawlensResize.swift",
    }


@pytest.mark.parametrize("exporter", [OnnxCoreExporter, OrtExporter, OpenVinoExporter])
def test_each_is_an_exporter_as_others_must_be(exporter: type) -> None:
    check_exporter(exporter)


def test_thresholds_of_several_labels_are_told(paw: Backbone, tmp_path: Path) -> None:
    rules = LabelRules((1.0, 2.0, 1.5), (0.01,) * 3, (0.5, 0.25, 0.75))
    model = small_model(paw, linear_head(paw.spec.feature_dim), labels=rules)
    export(model, to="onnx-core", out=tmp_path / "out")
    said = read(tmp_path / "out" / "signature.json")
    assert said["thresholds"] == {"cat": 0.5, "dog": 0.25, "owl": 0.75}
    assert said["calibration"]["temperature"] == {"cat": 1.0, "dog": 2.0, "owl": 1.5}


@pytest.mark.parametrize("target", TARGETS)
def test_a_model_that_trims_borders_is_refused(
    model: ExportedModel, target: str, tmp_path: Path
) -> None:
    trimming = ExportedModel(model.to_onnx(), replace(model.facts, borders="trim"))
    with pytest.raises(UsageError, match="plain borders off before it resizes"):
        export(trimming, to=target, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_answers_beyond_the_limits_are_not_written(
    model: ExportedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(self: OnnxCoreExporter, file: Path, inputs: object) -> Any:
        run = run_ort(file)
        return lambda squares: run(squares)[:, ::-1]

    monkeypatch.setattr(OnnxCoreExporter, "open", off)
    with pytest.raises(ParityError, match=r"in onnxruntime differs .*nothing was written"):
        export(model, to="onnx-core", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
