"""What authors of parts build on and test with."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import pawlens.plugins
from pawlens.plugins import Backbone, BackboneSource, BackboneSpec, Exporter, Model, keep_graph
from pawlens.testing import check_backbone_source, check_exporter


def test_all_names_are_there_and_sorted() -> None:
    assert list(pawlens.plugins.__all__) == sorted(pawlens.plugins.__all__)
    assert dir(pawlens.plugins) == pawlens.plugins.__all__
    for name in pawlens.plugins.__all__:
        assert getattr(pawlens.plugins, name).__doc__


def test_a_backbone_source_does_not_load_what_exporters_need() -> None:
    code = (
        "import sys; from pawlens.plugins import BackboneSource;"
        "print(*{'pawlens.workflows', 'pawlens.pages', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == ""


class Means(BackboneSource):
    """A sound source: means of colours, a convolution of one by one."""

    title = "means"

    def names(self) -> list[str]:
        return ["means"]

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        return keep_graph(self.graph(), self.spec(name), cache_dir)

    def spec(self, name: str) -> BackboneSpec:
        return BackboneSpec(
            name, 16, "bilinear", (0, 0, 0), (255, 255, 255), "rgb", 4, "MIT", "drawn"
        )

    def weights(self) -> Any:
        return np.random.default_rng(0).standard_normal((4, 3, 1, 1)).astype(np.float32)

    def bias(self) -> Any:
        return np.zeros(4, np.float32)

    def graph(self) -> onnx.ModelProto:
        nodes = [
            helper.make_node("Conv", ["pixels", "weights", "bias"], ["mixed"]),
            helper.make_node("GlobalAveragePool", ["mixed"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["features"]),
        ]
        pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", 3, 16, 16])
        features = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", 4])
        stored = [
            numpy_helper.from_array(self.weights(), "weights"),
            numpy_helper.from_array(self.bias(), "bias"),
        ]
        graph = helper.make_graph(nodes, "means", [pixels], [features], stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


class NoNames(Means):
    def names(self) -> list[str]:
        return []


class StrangeName(Means):
    def names(self) -> list[str]:
        return ["means@16"]


class ClaimsAll(Means):
    def claims(self, name: str) -> bool:
        return True


class Changing(Means):
    """Other weights at every call: features of the cache would be those of another graph."""

    calls = 0

    def weights(self) -> Any:
        self.calls += 1
        return super().weights() + self.calls


class Blind(Means):
    """The same features for every photo: those of a bias."""

    def weights(self) -> Any:
        return super().weights() * 0

    def bias(self) -> Any:
        return np.ones(4, np.float32)


class Wider(Means):
    def spec(self, name: str) -> BackboneSpec:
        return replace(super().spec(name), feature_dim=5)


class SlashedSpec(Means):
    def spec(self, name: str) -> BackboneSpec:
        return replace(super().spec(name), name="a/b")

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        (cache_dir / "onnx" / "a").mkdir(parents=True, exist_ok=True)
        return super().find(name, size, weights_dir=weights_dir, cache_dir=cache_dir)


class ForTorch(Means):
    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        sound = super().find(name, size, weights_dir=weights_dir, cache_dir=cache_dir)
        return Backbone(sound.spec, sound.path, sound.weights_hash, weights=sound.path)


class NoBackbone(Means):
    def find(self, *_: Any, **__: Any) -> Any:
        return "means"


class NoFile(Means):
    def weights_at_hand(self, name: str, **_: Any) -> Path:
        return Path("nowhere")


class Untitled(BackboneSource):
    def names(self) -> list[str]:
        return ["means"]

    def find(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError


def test_a_sound_source_passes_as_class_and_as_object() -> None:
    check_backbone_source(Means)
    check_backbone_source(Means(), names=["means"])


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (object(), r"the source is no pawlens\.plugins\.BackboneSource"),
        (Untitled, "has no title"),
        (NoNames, r"names\(\) gives no name\."),
        (StrangeName, "'means@16', which is no text without : and @"),
        (ClaimsAll, "claims.'no backbone has this name'. is true"),
        (NoBackbone, r"find.'means'. gives no Backbone, but 'means'"),
        (Changing(), r"find.'means'. gives another backbone the second time"),
        (SlashedSpec, "'a/b' cannot be a part of a file's name"),
        (ForTorch, "weights are for networks of timm"),
        (NoFile, r"weights_at_hand.'means'. names nowhere, which is no file"),
        (Blind, "all photos have the same features"),
        (Wider, r"find.'means'. fails: means: its spec says feature_dim 5, its graph gives 4"),
    ],
)
def test_what_is_wrong_with_a_source_is_told(source: object, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_backbone_source(source)


class Classes(Exporter):
    """A sound exporter: the classes, one a line."""

    title = "classes"

    def write(self, model: Model, folder: Path) -> list[Path]:
        path = folder / "classes.txt"
        path.write_text("\n".join(model.classes_), encoding="utf-8")
        return [path]


class Silent(Classes):
    def write(self, model: Model, folder: Path) -> list[Path]:
        (folder / "more.txt").write_text("more")
        return super().write(model, folder)


class Empty(Classes):
    def write(self, model: Model, folder: Path) -> list[Path]:
        (path := folder / "nothing.txt").touch()
        return [path]


class Nothing(Classes):
    def write(self, model: Model, folder: Path) -> list[Path]:
        return []


class Meddling(Classes):
    def write(self, model: Model, folder: Path) -> list[Path]:
        exported: Any = model
        del exported.graph.node[-1]
        return super().write(model, folder)


class OneLabelOnly(Classes):
    def write(self, model: Model, folder: Path) -> list[Path]:
        if model.facts.labels is not None:
            raise RuntimeError("several labels")
        return super().write(model, folder)


def test_a_sound_exporter_passes_as_class_and_as_object() -> None:
    check_exporter(Classes)
    check_exporter(Classes())


@pytest.mark.parametrize(
    ("exporter", "sentence"),
    [
        ("words", r"mine is no pawlens\.plugins\.Exporter"),
        (Silent, r"does not tell of more\.txt"),
        (Empty, r"leaves nothing\.txt empty"),
        (Nothing, "returned no file"),
        (Meddling, "changes the model"),
    ],
)
def test_what_is_wrong_with_an_exporter_is_told(exporter: object, sentence: str) -> None:
    with pytest.raises(AssertionError, match=f"mine.*{sentence}|{sentence}"):
        check_exporter(exporter, name="mine")


def test_an_exporter_is_tried_with_several_labels_too() -> None:
    with pytest.raises(RuntimeError, match="several labels"):
        check_exporter(OneLabelOnly)
