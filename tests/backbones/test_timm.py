from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pawlens.backbones import BackboneSpec, _exporters, _timm, build_network, count_parameters
from pawlens.backbones._exporters import convert
from pawlens.backbones._onnx import count_weights, run_graph, shape_of
from pawlens.backbones._registry import KNOWN
from pawlens.backbones._timm_sizes import default_size
from pawlens.errors import BackboneError, MissingExtra

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")
safetensors = pytest.importorskip("safetensors.torch")
hub = pytest.importorskip("huggingface_hub")

pytestmark = pytest.mark.torch
TINY = "test_resnet"  # timm's own for tests: 160 pixels, 96 features


def save(state: dict[str, Any], file: Path) -> Path:
    safetensors.save_file(state, file)
    return file


@pytest.fixture(scope="module")
def state() -> dict[str, Any]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        built: dict[str, Any] = timm.create_model(TINY, num_classes=11).state_dict()
    return built


@pytest.mark.parametrize("name", list(KNOWN))
def test_every_known_network_has_the_parameters_of_its_row(name: str) -> None:
    assert count_parameters(name) == KNOWN[name].parameters


@pytest.mark.parametrize("name", list(KNOWN))
def test_every_known_network_pools_to_its_features(name: str) -> None:
    with torch.device("meta"):
        size = KNOWN[name].spec.input_size
        network = _timm.headless(build_network(name, num_classes=0, size=size))
        assert network(torch.zeros(2, 3, size, size)).shape == (2, KNOWN[name].spec.feature_dim)


def test_an_unknown_network_is_named() -> None:
    with pytest.raises(BackboneError, match="unknown backbone 'resnet05'"):
        build_network("resnet05")
    with pytest.raises(BackboneError, match="unknown backbone"):
        build_network("hf_hub:someone/something")


def test_without_timm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtra, match=r"pawlens\[torch\]"):
        build_network("resnet50")


def test_random_networks_depend_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first, again, other = (_timm.random_network(TINY, seed) for seed in (5, 5, 6))
    assert torch.equal(torch.random.get_rng_state(), before)
    weights = [network.state_dict()["layer1.0.conv1.weight"] for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


@pytest.mark.parametrize("head", [True, False])
def test_half_precision_weights_load_with_any_head(
    tmp_path: Path, state: dict[str, Any], head: bool
) -> None:
    given = {
        key: value.half() if value.ndim == 4 else value
        for key, value in state.items()
        if head or not key.startswith("fc.")
    }
    network = _timm.load_network(TINY, save(given, tmp_path / f"{TINY}.safetensors"))
    assert not network.training
    loaded = network.state_dict()
    assert loaded.keys() == {key for key in state if not key.startswith("fc.")}
    assert {value.dtype for value in loaded.values()} == {torch.float32, torch.int64}
    assert torch.equal(loaded["conv1.0.weight"], state["conv1.0.weight"].half().float())


def test_counters_of_old_files_may_be_missing(tmp_path: Path, state: dict[str, Any]) -> None:
    given = {key: value for key, value in state.items() if not key.endswith("batches_tracked")}
    assert len(given) < len(state)
    network = _timm.load_network(TINY, save(given, tmp_path / f"{TINY}.safetensors"))
    loaded = network.state_dict()
    assert loaded.keys() == {key for key in state if not key.startswith("fc.")}
    assert all(torch.equal(value, given[key]) for key, value in loaded.items() if key in given)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"layer2.0.conv1.weight": None}, r"lacks 'layer2\.0\.conv1\.weight'"),
        ({"stem.weight": torch.zeros(2)}, r"has 'stem\.weight', which test_resnet has not"),
        ({"bn1.weight": torch.zeros(3, 2)}, r"has 'bn1\.weight' as 3x2, test_resnet has it as 32"),
        ({"fc.bias": None}, r"lacks 'fc\.bias'"),
    ],
)
def test_weights_of_another_network_are_refused_by_their_first_key(
    tmp_path: Path, state: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    given = {key: value for key, value in (state | change).items() if value is not None}
    file = save(given, tmp_path / "mine.safetensors")
    with pytest.raises(BackboneError, match=words) as caught:
        _timm.load_network(TINY, file)
    assert str(caught.value).startswith(f"weights of the wrong network: {file}")


def test_a_truncated_file_is_one_line(tmp_path: Path, state: dict[str, Any]) -> None:
    file = save(state, tmp_path / "mine.safetensors")
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(BackboneError, match=r"mine\.safetensors cannot be read") as caught:
        _timm.load_network(TINY, file)
    assert "\n" not in str(caught.value)


def test_an_auxiliary_branch_is_left_out(
    tmp_path: Path, state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with torch.device("meta"):
        whole = set(timm.create_model("inception_v3", aux_logits=True).state_dict())
        plain = set(build_network("inception_v3").state_dict())
    assert all(key.startswith(KNOWN["inception_v3"].unused) for key in whole - plain)
    assert whole > plain
    file = save(state | {"AuxLogits.fc.bias": torch.zeros(3)}, tmp_path / "mine.safetensors")
    monkeypatch.setattr(_timm, "KNOWN", {TINY: KNOWN["inception_v3"]})
    _timm.load_network(f"{TINY}.tv_in1k", file)


def test_the_graph_gives_what_torch_gives_for_any_batch() -> None:
    network = _timm.random_network(TINY, 0)
    spec = _timm.spec_of(network, TINY, 64)
    assert (spec.name, spec.input_size, spec.feature_dim) == (TINY, 64, 96)
    model = convert(network, spec)
    assert shape_of(model.graph.input[0]) == (None, 3, 64, 64)
    assert {entry.version for entry in model.opset_import} == {18}
    assert count_weights(model) <= sum(value.numel() for value in network.parameters())
    assert str(Path(torch.__file__).parents[1]).encode() not in model.SerializeToString()
    for batch in (1, 2, 5):
        photos = np.random.default_rng(batch).standard_normal((batch, 3, 64, 64), np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(photos)).numpy()
        np.testing.assert_allclose(run_graph(model, photos), expected, rtol=1e-3, atol=1e-5)


@pytest.fixture
def plain() -> Any:
    """One convolution of 7 x 7 and a mean."""
    nn = torch.nn
    with torch.random.fork_rng(devices=[]):
        return nn.Sequential(nn.Conv2d(3, 4, 7), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()


def test_a_graph_that_differs_is_refused(
    plain: Any, spec: BackboneSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_exporters, "run_graph", lambda _, photos: np.ones((len(photos), 4)))
    with pytest.raises(BackboneError, match="drawn gives other features"):
        convert(plain, spec)


def test_a_size_that_does_not_work_is_one_line(plain: Any, spec: BackboneSpec) -> None:
    with pytest.raises(BackboneError, match="drawn at 4 pixels cannot be converted") as caught:
        convert(plain, spec.with_size(4))
    assert "\n" not in str(caught.value)


def test_a_transformer_is_built_for_the_size_that_is_asked_for(tmp_path: Path) -> None:
    name = "vit_tiny_patch16_224"
    given = build_network(name, num_classes=3).state_dict()
    file = save(given, tmp_path / f"{name}.safetensors")
    native, small = _timm.load_network(name, file), _timm.load_network(name, file, 96)
    assert torch.equal(native.state_dict()["pos_embed"], given["pos_embed"])
    resampled = timm.layers.resample_abs_pos_embed(given["pos_embed"], (6, 6))
    assert torch.allclose(small.state_dict()["pos_embed"], resampled, atol=1e-6)
    assert torch.equal(
        small.state_dict()["blocks.0.attn.qkv.weight"], given["blocks.0.attn.qkv.weight"]
    )
    assert _timm.spec_of(small, name, 96).input_size == 96
    graph = convert(small, _timm.spec_of(small, name, 96))
    photos = np.random.default_rng(0).standard_normal((2, 3, 96, 96), np.float32)
    with torch.inference_mode():
        expected = small(torch.from_numpy(photos)).numpy()
    np.testing.assert_allclose(run_graph(graph, photos), expected, rtol=1e-3, atol=1e-4)


def test_a_size_that_a_transformer_cannot_take_is_told_with_those_that_it_can() -> None:
    words = "vit_tiny_patch16_224 cannot take 100 pixels; it takes 96 or 112 or 224"
    with pytest.raises(BackboneError, match=words):
        build_network("vit_tiny_patch16_224", size=100)


def test_a_transformer_of_a_large_native_size_gets_a_smaller_one() -> None:
    assert timm.get_pretrained_cfg("vit_small_patch14_dinov2").input_size[-1] == 518
    assert default_size("vit_small_patch14_dinov2") == 224
    assert default_size("vit_tiny_patch16_224") == 224
    assert default_size("resnet34.my_own") == 224
    with torch.device("meta"):
        network = build_network("vit_small_patch14_dinov2", size=224, num_classes=0)
        assert network(torch.zeros(1, 3, 224, 224)).shape == (1, 384)


def test_the_record_of_a_tag_gives_the_spec(plain: Any) -> None:
    spec = _timm.spec_of(plain, "resnet34.tv_in1k", None)
    assert (spec.name, spec.interpolation, spec.licence) == ("resnet34", "bilinear", "bsd-3-clause")
    assert spec.mean == (123.675, 116.28, 103.53)
    assert spec.feature_dim == 4
    assert _timm.spec_of(plain, "resnet34.my_own", None).input_size == 224


def test_an_interpolation_that_photos_are_not_resized_by_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another filter in its place would give worse features without a word."""
    record = replace(timm.get_pretrained_cfg("resnet34.tv_in1k"), interpolation="lanczos")
    monkeypatch.setattr(timm, "get_pretrained_cfg", lambda name: record)
    with pytest.raises(BackboneError, match="resnet34: its weights expect 'lanczos' interpolation"):
        _timm.spec_of(torch.nn.Identity(), "resnet34.tv_in1k", None)


def test_downloads_are_kept_as_safetensors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create = timm.create_model
    asked: list[Any] = []

    def pretend(name: str, pretrained: bool) -> Any:
        asked.append((name, pretrained))
        return create(TINY)

    monkeypatch.setattr(timm, "create_model", pretend)
    monkeypatch.setattr(_timm, "_ask_the_hub", asked.append)
    file = tmp_path / "weights" / f"{TINY}.r160_in1k.safetensors"
    _timm.download_weights(f"{TINY}.r160_in1k", file)
    assert asked == [f"timm/{TINY}.r160_in1k", (f"{TINY}.r160_in1k", True)]
    monkeypatch.undo()
    _timm.load_network(f"{TINY}.r160_in1k", file)


@pytest.mark.parametrize("asked", ["model_info", "create_model"])
def test_a_failed_download_tells_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no route\nto host")

    if asked == "model_info":
        monkeypatch.setattr(hub, "model_info", fail)
        monkeypatch.setattr(timm, "create_model", None)  # it would try again for a minute
    else:
        monkeypatch.setattr(_timm, "_ask_the_hub", lambda _: None)
        monkeypatch.setattr(timm, "create_model", fail)
    with pytest.raises(BackboneError, match=r"no route\).*--weights-dir") as caught:
        _timm.download_weights(TINY, tmp_path / f"{TINY}.safetensors")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_what_the_hub_gave_before_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[tuple[str, str]] = []
    asked: list[str] = []
    at_hand = {"timm/at-hand": "model.safetensors"}

    def look(repository: str, file: str) -> str | None:
        looked.append((repository, file))
        return at_hand.get(repository)

    monkeypatch.setattr(hub, "try_to_load_from_cache", look)
    monkeypatch.setattr(hub, "model_info", lambda repository, timeout: asked.append(repository))
    for repository in ("timm/at-hand", "timm/elsewhere", None):
        _timm._ask_the_hub(repository)
    assert looked == [(name, "model.safetensors") for name in ("timm/at-hand", "timm/elsewhere")]
    assert asked == ["timm/elsewhere"]


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("deit3_small_patch16_224", 96),
        ("eva02_tiny_patch14_224", 98),
        ("swin_tiny_patch4_window7_224", 112),
        ("swinv2_tiny_window8_256", 128),
        ("maxvit_pico_rw_256", 128),
        ("coatnet_pico_rw_224", 128),
    ],
)
def test_positions_and_windows_are_built_for_a_size(name: str, size: int) -> None:
    with torch.device("meta"), torch.inference_mode():
        network = build_network(name, size=size, num_classes=0).eval()
        assert network(torch.zeros(1, 3, size, size)).shape == (1, network.num_features)


def test_positions_that_timm_does_not_resample_are_refused(tmp_path: Path) -> None:
    name = "convit_tiny"
    file = save(build_network(name).state_dict(), tmp_path / f"{name}.safetensors")
    with pytest.raises(BackboneError, match=r"convit_tiny cannot take 192 pixels.*it takes 224"):
        _timm.load_network(name, file, 192)
