from __future__ import annotations

import subprocess
import sys

import pytest

from pawlens.backbones import (
    KnownBackbone,
    _registry,
    count_network,
    licence_terms,
    total_macs,
)
from pawlens.backbones._registry import KNOWN, split_size, unknown_name
from pawlens.backbones._timm_sizes import default_size
from pawlens.errors import BackboneError

SYSTEM_B = ("vgg16", "resnet50", "legacy_xception", "inception_v3", "inception_resnet_v2")


def test_the_networks_of_the_published_systems_are_known() -> None:
    assert {*SYSTEM_B, "resnet34"} <= set(KNOWN)
    assert KNOWN["resnet50"].parameters == 25_557_032
    assert all(name == row.spec.name for name, row in KNOWN.items())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet50", ("resnet50", None)),
        ("tf_efficientnet_b4@300", ("tf_efficientnet_b4", 300)),
        ("a@b/own.onnx@16", ("a@b/own.onnx", 16)),
        ("a@b/own.onnx", ("a@b/own.onnx", None)),
    ],
)
def test_split_size(name: str, expected: tuple[str, int | None]) -> None:
    assert split_size(name) == expected


@pytest.mark.parametrize("size", ["", "0", "7", "9x", "-64", "²", "224.5"])
def test_what_follows_the_at_is_a_number_of_pixels(size: str) -> None:
    with pytest.raises(BackboneError, match=f"^resnet50@{size}: write the pixels after @"):
        split_size(f"resnet50@{size}")


def test_local_weights_of_tensorflow_have_their_own_spec() -> None:
    row = KNOWN["mobilenetv2_100"]
    variant = row.variant("tf_in1k")
    assert variant is not None
    assert variant.options == {"pad_type": "same"}
    assert variant.spec.mean == variant.spec.std == (127.5, 127.5, 127.5)
    assert row.spec.mean == (123.675, 116.28, 103.53)
    assert row.variant("") == row.variant("ra_in1k")
    assert row.variant("something_else") is None
    assert KNOWN["tf_efficientnet_b4"].spec.input_size == 260


def test_an_unknown_name_gets_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "timm_names", list)
    message = str(unknown_name("resnet05"))
    assert "'resnet05'" in message
    assert "resnet50" in message
    assert "pawlens[torch]" in message
    assert "known are paw, mobilenetv4_conv_small" in str(unknown_name("zzzz"))


def test_timm_names_are_suggested_where_timm_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_registry, "timm_names", lambda: ["resnet152", "convnext_tiny"])
    message = str(unknown_name("convnet_tiny"))
    assert "convnext_tiny" in message
    assert "pip" not in message


def test_the_table_needs_no_heavy_library() -> None:
    code = (
        "import sys, pawlens.backbones;"
        "print(*{'torch', 'timm', 'onnx', 'onnxruntime', 'openvino'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == ""


@pytest.mark.torch
@pytest.mark.parametrize("row", KNOWN.values(), ids=list(KNOWN))
def test_the_table_is_what_timm_says(row: KnownBackbone) -> None:
    pytest.importorskip("torch")
    timm = pytest.importorskip("timm")
    record = timm.get_pretrained_cfg(f"{row.spec.name}.{row.tag}")
    assert row.spec.mean == pytest.approx([255 * value for value in record.mean])
    assert row.spec.std == pytest.approx([255 * value for value in record.std])
    assert row.spec.interpolation == record.interpolation
    assert row.spec.licence.lower() == record.license
    if row.spec.name != "tf_efficientnet_b4":
        assert row.spec.input_size == default_size(row.spec.name)
    assert row.macs == total_macs(count_network(row.spec.name, row.spec.input_size))


def test_the_table_has_a_network_for_each_purpose_and_marks_what_may_not_be_sold() -> None:
    purposes = [row.purpose for row in KNOWN.values() if row.purpose]
    assert set(purposes) == {"tiny", "fast", "balanced", "best"}
    marked = {name: licence_terms(row.spec.licence) for name, row in KNOWN.items()}
    assert {name: terms for name, terms in marked.items() if terms} == {
        "convnextv2_tiny": "non-commercial",
        "vit_small_patch16_dinov3": "terms of its own",
    }
    assert not any(KNOWN[name].purpose for name in (*SYSTEM_B, "resnet34"))
