"""Backbone sources: those of packages stand beside the built-in ones and take no name of theirs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto

from pawlens.backbones import (
    BackboneSpec,
    OpenVinoEngine,
    _registry,
    _source_timm,
    _sources,
    backbone_structure,
    find_backbone,
    keep_graph,
    known_backbones,
    offered_backbones,
    open_engine,
    random_backbone,
    weights_at_hand,
)
from pawlens.backbones._onnx import parse_graph, run_graph
from pawlens.backbones._sources import accept_source
from pawlens.errors import BackboneError, PluginError, UnknownBackbone

Draw = Callable[..., ModelProto]

# A package whose one source gives the drawn graph beside it at the size that its spec says.
CODE = """
from pathlib import Path

import onnx

from pawlens.backbones import BackboneSource, BackboneSpec, keep_graph

ASKED = []


class Drawings(BackboneSource):
    title = "drawings"

    def names(self):
        return ["drawn", "paw"]

    def find(self, name, size, *, weights_dir, cache_dir):
        ASKED.append((name, size, weights_dir, cache_dir))
        model = onnx.load(Path(__file__).with_name("drawn.onnx"))
        spec = BackboneSpec.from_json(model.metadata_props[0].value)
        return keep_graph(model, spec.with_size(size or 8), cache_dir)


class Plain:
    title = "not a source"
"""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def package(
    tmp_path: Path, draw: Draw, spec: BackboneSpec, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """Installs the package with these entry points, as pip lays it out."""

    def install(entries: str) -> None:
        site = tmp_path / "site"
        info = site / "drawings_package-3.1.dist-info"
        info.mkdir(parents=True)
        graph = draw(size="S", head=None, softmax=False, spec=spec)
        (site / "drawn.onnx").write_bytes(graph.SerializeToString())
        (site / "drawings_package.py").write_text(CODE, encoding="utf-8")
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: drawings-package\nVersion: 3.1\n"
        )
        (info / "entry_points.txt").write_text(f"[pawlens.backbones]\n{entries}\n")
        monkeypatch.syspath_prepend(site)
        monkeypatch.delitem(sys.modules, "drawings_package", raising=False)
        monkeypatch.setattr(_sources._SOURCES, "_loaded", {})  # by other tests

    return install


@pytest.fixture
def drawings(package: Callable[[str], None]) -> None:
    package("drawings = drawings_package:Drawings")


@pytest.mark.usefixtures("drawings")
class TestOfAPackage:
    def test_it_is_found_and_run_by_the_usual_engine(self, cache: Path, spec: BackboneSpec) -> None:
        backbone = find_backbone("drawings:drawn", cache_dir=cache)
        assert (backbone.spec, backbone.weights) == (spec, None)
        assert backbone.path.parent == cache / "onnx"
        photos = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)
        engine = open_engine(backbone, precision="f32")
        assert isinstance(engine, OpenVinoEngine)
        ((_, features),) = engine.run([(0, [photos])])
        planes = (photos[..., ::-1].transpose(0, 3, 1, 2) - np.float32(127.5)) / np.float32(64)
        expected = run_graph(parse_graph(backbone.path), planes)
        np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)

    def test_size_and_folders_are_handed_on(self, cache: Path, tmp_path: Path) -> None:
        backbone = find_backbone("drawings:drawn@16", weights_dir=tmp_path, cache_dir=cache)
        assert backbone.spec.input_size == 16
        asked = sys.modules["drawings_package"].ASKED
        assert asked == [("drawn", 16, tmp_path, cache)]

    def test_it_has_weights_at_hand_and_a_structure(self, cache: Path) -> None:
        backbone = find_backbone("drawings:drawn", cache_dir=cache)
        assert weights_at_hand("drawings:drawn", cache_dir=cache) == backbone.path
        structure = backbone_structure("drawings:drawn", backbone)
        assert (structure.name, structure.size) == ("drawn", 8)
        assert [layer.macs for layer in structure.layers] == [8 * 8 * 4 * 27]
        with pytest.raises(BackboneError, match=r"^drawn: its weights are not here"):
            backbone_structure("drawings:drawn", None)
        with pytest.raises(BackboneError, match=r"^drawn: drawings come with their weights only"):
            random_backbone("drawings:drawn", seed=0, cache_dir=cache)

    def test_the_list_names_the_package(self) -> None:
        assert offered_backbones() == [
            ("drawings:drawn", "drawings-package 3.1"),
            ("drawings:paw", "drawings-package 3.1"),
        ]

    def test_a_built_in_name_stays_built_in_and_imports_no_package(self, cache: Path) -> None:
        assert find_backbone("paw", cache_dir=cache).spec == known_backbones()[0].spec
        assert "drawings_package" not in sys.modules
        assert find_backbone("drawings:paw", cache_dir=cache).spec.name == "drawn"

    def test_a_file_is_a_file_though_its_name_begins_like_a_source(self, cache: Path) -> None:
        with pytest.raises(BackboneError, match=r"drawings:drawn\.onnx cannot be read as ONNX"):
            find_backbone("drawings:drawn.onnx", cache_dir=cache)
        name = "drawings:drawn.onnx@8"
        assert weights_at_hand(name, cache_dir=cache) == Path("drawings:drawn.onnx")

    def test_an_unknown_name_of_the_source(self, cache: Path) -> None:
        words = (
            r"^unknown backbone 'drawings:cat', drawings \(drawings-package 3\.1\) are: "
            "drawings:drawn, drawings:paw$"
        )
        with pytest.raises(UnknownBackbone, match=words):
            find_backbone("drawings:cat", cache_dir=cache)

    def test_an_unknown_name_tells_where_was_looked(
        self, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_source_timm, "timm_names", list)
        monkeypatch.setattr(_registry, "timm_names", list)
        with pytest.raises(UnknownBackbone) as caught:
            find_backbone("darwings:drawn", weights_dir=tmp_path, cache_dir=cache)
        for words in (
            "unknown backbone 'darwings:drawn'",
            "looked in the bundled paw, ONNX files",
            "timm's networks, drawings: (drawings-package 3.1)",
        ):
            assert words in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("source", ["bundled", "onnx", "timm"])
def test_no_package_takes_the_name_of_a_built_in_source(
    package: Callable[[str], None], cache: Path, source: str
) -> None:
    package(f"{source} = drawings_package:Drawings")
    with pytest.raises(PluginError, match=rf"drawings-package 3\.1 offers .*'{source}'.* pawlens"):
        find_backbone(f"{source}:drawn", cache_dir=cache)
    assert find_backbone("paw", cache_dir=cache)


def test_what_is_no_source_is_refused(package: Callable[[str], None], cache: Path) -> None:
    package("plain = drawings_package:Plain")
    with pytest.raises(PluginError, match=r"drawings-package 3\.1: .*no pawlens\.plugins"):
        find_backbone("plain:drawn", cache_dir=cache)
    with pytest.raises(TypeError, match=r"plain is no pawlens\.plugins\.BackboneSource"):
        accept_source("plain", object())


def test_a_built_in_source_can_be_named_too(cache: Path) -> None:
    assert find_backbone("bundled:paw", cache_dir=cache) == find_backbone("paw", cache_dir=cache)
    with pytest.raises(
        UnknownBackbone, match=r"'bundled:resnet50', the bundled paw .* bundled:paw"
    ):
        find_backbone("bundled:resnet50", cache_dir=cache)


class TestKeptGraph:
    def test_equal_graphs_are_made_once(self, draw: Draw, spec: BackboneSpec, cache: Path) -> None:
        first = keep_graph(draw(head=None, softmax=False), spec, cache)
        written = first.path.stat().st_mtime_ns
        assert keep_graph(draw(head=None, softmax=False), spec, cache) == first
        assert first.path.stat().st_mtime_ns == written
        moved = replace(spec, mean=(0.0, 0.0, 0.0))
        assert keep_graph(draw(head=None, softmax=False), moved, cache).spec == moved
        assert keep_graph(draw(head=None, softmax=False), spec, cache).spec == spec
        other = keep_graph(draw(head=None, softmax=False, size="S"), spec.with_size(16), cache)
        assert other.weights_hash != first.weights_hash
        assert other.spec.input_size == 16

    def test_the_graph_must_be_what_the_spec_says(
        self, draw: Draw, spec: BackboneSpec, cache: Path
    ) -> None:
        with pytest.raises(BackboneError, match=r"^drawn: its graph takes 8 pixels, not 16"):
            keep_graph(draw(head=None, softmax=False), spec.with_size(16), cache)
        wider = replace(spec, feature_dim=7)
        with pytest.raises(BackboneError, match=r"^drawn: its spec says feature_dim 7, .* gives 4"):
            keep_graph(draw(head=None, softmax=False), wider, cache)
