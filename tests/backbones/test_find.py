from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto

from pawlens.backbones import (
    Backbone,
    BackboneSpec,
    _source_bundled,
    _source_timm,
    find_backbone,
    known_backbones,
    random_backbone,
)
from pawlens.backbones._onnx import finish, parse_graph, run_graph, set_meta
from pawlens.base._hashing import sha256_of
from pawlens.errors import BackboneError

Draw = Callable[..., ModelProto]
TINY = "test_resnet"


def in_process(task: str, *arguments: Any) -> str:
    """What the child does, without the child."""
    from pawlens.backbones._convert import TASKS

    return TASKS[task](*arguments)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def paw(tmp_path: Path, draw: Draw, spec: BackboneSpec, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A drawn graph in the place of the bundled one."""
    model = finish(draw(head=None, softmax=False), 8, 4)
    set_meta(model, {"pawlens.backbone": spec.to_json()})
    file = tmp_path / "paw.onnx"
    file.write_bytes(model.SerializeToString())
    monkeypatch.setattr(_source_bundled, "PAW", file)
    return file


def test_paw_is_used_where_it_lies(paw: Path, cache: Path, spec: BackboneSpec) -> None:
    assert find_backbone("paw", cache_dir=cache) == Backbone(spec, paw, sha256_of(paw))
    assert find_backbone("paw@8", cache_dir=cache).spec == spec
    assert not cache.exists()
    with pytest.raises(BackboneError, match="8 pixels only, not 16"):
        find_backbone("paw@16", cache_dir=cache)


def test_the_table_begins_with_paw(paw: Path, spec: BackboneSpec) -> None:
    rows = known_backbones()
    assert (rows[0].spec, rows[0].parameters) == (spec, 4 * 27)
    assert len({(row.spec.name, row.tag) for row in rows}) == len(rows) > 10


class TestWithoutTorch:
    """Whatever fails before a network is built."""

    def test_a_folder_that_is_not_there(self, tmp_path: Path, cache: Path) -> None:
        with pytest.raises(BackboneError, match="gone is not a folder"):
            find_backbone("resnet50", weights_dir=tmp_path / "gone", cache_dir=cache)

    def test_a_folder_without_the_weights(self, tmp_path: Path, cache: Path) -> None:
        with pytest.raises(BackboneError, match="there is: no safetensors at all"):
            find_backbone("resnet50", weights_dir=tmp_path, cache_dir=cache)
        (tmp_path / "resnet34.a1_in1k.safetensors").touch()
        with pytest.raises(BackboneError, match=r"there is: resnet34\.a1_in1k\.safetensors"):
            find_backbone("resnet50", weights_dir=tmp_path, cache_dir=cache)

    def test_several_weights_of_one_network(self, tmp_path: Path, cache: Path) -> None:
        for tag in ("a1_in1k", "tv_in1k"):
            (tmp_path / f"resnet50.{tag}.safetensors").touch()
        with pytest.raises(BackboneError, match=r"name one: resnet50\.a1_in1k, resnet50\.tv_in1k"):
            find_backbone("resnet50", weights_dir=tmp_path, cache_dir=cache)

    def test_a_name_that_no_network_has(
        self, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_source_timm, "timm_names", list)
        with pytest.raises(BackboneError, match="unknown backbone 'resnet05'"):
            find_backbone("resnet05", weights_dir=tmp_path, cache_dir=cache)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Backbone]:
    """A folder of weights, a cache, and the tiny network converted with every socket closed."""
    torch = pytest.importorskip("torch")
    timm = pytest.importorskip("timm")
    save_file = pytest.importorskip("safetensors.torch").save_file
    root = tmp_path_factory.mktemp("converted")
    weights, cache = root / "weights", root / "cache"
    weights.mkdir()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        save_file(timm.create_model(TINY).state_dict(), weights / f"{TINY}.own.safetensors")

    def refuse(*_: Any) -> None:
        raise AssertionError("the network was asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr(_source_timm, "in_child", in_process)
        return weights, cache, find_backbone(f"{TINY}@64", weights_dir=weights, cache_dir=cache)


@pytest.mark.torch
class TestConversion:
    def test_the_backbone(self, converted: tuple[Path, Path, Backbone]) -> None:
        weights, cache, backbone = converted
        file = weights / f"{TINY}.own.safetensors"
        assert (backbone.weights, backbone.weights_hash) == (file, sha256_of(file))
        assert backbone.path.parent == cache / "onnx"
        assert backbone.path.name == f"{TINY}.own-64-{sha256_of(file)[:12]}.onnx"
        assert (backbone.spec.name, backbone.spec.input_size) == (TINY, 64)
        assert backbone.spec.feature_dim == 96

    def test_the_features_are_those_of_the_weights(
        self, converted: tuple[Path, Path, Backbone]
    ) -> None:
        torch = pytest.importorskip("torch")
        timm = pytest.importorskip("timm")
        load_file = pytest.importorskip("safetensors.torch").load_file
        weights, _, backbone = converted
        network = timm.create_model(TINY).eval()
        network.load_state_dict(load_file(weights / f"{TINY}.own.safetensors"))
        photos = np.random.default_rng(0).standard_normal((4, 3, 64, 64), np.float32)
        with torch.inference_mode():
            maps = network.forward_features(torch.from_numpy(photos)).numpy()
        features = run_graph(parse_graph(backbone.path), photos)
        np.testing.assert_allclose(features, maps.mean((2, 3)), rtol=1e-3, atol=1e-5)

    def test_openvino_reads_it(self, converted: tuple[Path, Path, Backbone]) -> None:
        openvino = pytest.importorskip("openvino")
        path = converted[2].path
        photos = np.random.default_rng(0).standard_normal((3, 3, 64, 64), np.float32)
        exact = {"INFERENCE_PRECISION_HINT": "f32"}
        features = openvino.Core().compile_model(path, "CPU", exact)(photos)[0]
        expected = run_graph(parse_graph(path), photos)
        np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-5)

    def test_the_second_call_needs_no_torch(self, converted: tuple[Path, Path, Backbone]) -> None:
        weights, cache, backbone = converted
        code = (
            "import sys; from pathlib import Path\n"
            "sys.modules['torch'] = sys.modules['timm'] = None\n"
            "from pawlens.backbones import find_backbone\n"
            "weights, cache = map(Path, sys.argv[1:])\n"
            f"found = find_backbone('{TINY}@64', weights_dir=weights, cache_dir=cache)\n"
            "print(found.path)"
        )
        command = [sys.executable, "-W", "error", "-c", code, str(weights), str(cache)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        assert done.stdout.strip() == str(backbone.path), done.stderr

    def test_a_corrupt_conversion_is_made_again(
        self,
        converted: tuple[Path, Path, Backbone],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        weights, cache, backbone = converted
        copy = tmp_path / "cache"
        shutil.copytree(cache, copy)
        broken = copy / "onnx" / backbone.path.name
        broken.write_bytes(broken.read_bytes()[:1000])

        def convert(task: str, name: str, *_: Any) -> str:
            assert (task, name) == ("convert", f"{TINY}.own")
            shutil.copy(backbone.path, broken)
            return backbone.spec.to_json()

        monkeypatch.setattr(_source_timm, "in_child", convert)
        again = find_backbone(f"{TINY}.own@64", weights_dir=weights, cache_dir=copy)
        assert again == replace(backbone, path=broken)
        monkeypatch.setattr(_source_timm, "in_child", None)
        assert find_backbone(f"{TINY}@64", weights_dir=weights, cache_dir=copy) == again

    def test_the_download_is_made_once(
        self,
        converted: tuple[Path, Path, Backbone],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        weights, cache, backbone = converted
        copy = tmp_path / "cache"
        shutil.copytree(cache, copy)
        asked = []

        def fetch(task: str, name: str, file: str) -> None:
            asked.append((task, name))
            Path(file).parent.mkdir(parents=True)
            shutil.copy(weights / f"{TINY}.own.safetensors", file)

        monkeypatch.setattr(_source_timm, "in_child", fetch)
        for _ in range(2):
            found = find_backbone(f"{TINY}.own@64", cache_dir=copy)
            assert found.weights_hash == backbone.weights_hash
        assert asked == [("download", f"{TINY}.own")]
        assert (copy / "weights" / f"{TINY}.own.safetensors").is_file()


@pytest.mark.slow
@pytest.mark.torch
def test_random_weights_come_from_a_child(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("timm")
    code = (
        "import sys; from pathlib import Path\n"
        "from pawlens.backbones import random_backbone\n"
        f"random_backbone('{TINY}@64', seed=3, cache_dir=Path(sys.argv[1]))\n"
        "print({'torch', 'timm'} & set(sys.modules))"
    )
    command = [sys.executable, "-W", "error", "-c", code, str(cache)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.strip() == "set()", done.stderr
    monkeypatch.setattr(_source_timm, "in_child", None)
    backbone = random_backbone(f"{TINY}@64", seed=3, cache_dir=cache)
    assert (backbone.spec.name, backbone.weights_hash) == (TINY, "random-3")
    assert backbone.spec.source == "random weights, seed 3"
    assert backbone.weights is None
    photos = np.zeros((3, 3, 64, 64), np.float32)
    assert run_graph(parse_graph(backbone.path), photos).shape == (3, 96)
