"""The backbones that pawlens knows by name, as a table that needs neither torch nor network."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Literal

from ..base import require
from ..errors import BackboneError, UnknownBackbone
from ._spec import BackboneSpec

__all__ = [
    "KNOWN",
    "KnownBackbone",
    "Purpose",
    "Variant",
    "split_size",
    "timm_names",
    "unknown_name",
]

Purpose = Literal["tiny", "fast", "balanced", "best", ""]

_Triple = tuple[float, float, float]
_IMAGENET_MEAN, _IMAGENET_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
_HALF = (127.5, 127.5, 127.5)  # [-1, 1], as Inception and TensorFlow's MobileNets have it
_SMALLEST = 8  # smallest and largest side of the input, in pixels


@dataclass(frozen=True)
class Variant:
    """Weights of a known network that want another spec or another build than the default.

    Attributes
    ----------
    spec : BackboneSpec
    options : mapping
        Arguments of ``timm.create_model`` that the weights need.
    """

    spec: BackboneSpec
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownBackbone:
    """A row of the table.

    Attributes
    ----------
    spec : BackboneSpec
        Spec of the default weights; ``spec.name`` is timm's name of the architecture.
    parameters : int
        Trainable parameters with the 1000-way head (``paw`` has no head).
    tag : str
        timm's tag of the default weights; ``""`` for ``paw``.
    variants : mapping of str to Variant
        Other weights, by the tag in their file's name.
    unused : tuple of str
        Prefixes of keys that files of these weights may hold and features do not need.
    macs : int
        Multiply-adds of the features of one photo at the size of `spec`, as published tables count
        them.
    purpose : {"tiny", "fast", "balanced", "best", ""}
        What the network is the one to try for; empty for those that are known for the published
        systems alone.
    """

    spec: BackboneSpec
    parameters: int
    tag: str
    variants: Mapping[str, Variant] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    macs: int = 0
    purpose: Purpose = ""

    def variant(self, tag: str) -> Variant | None:
        """Return the known variant of a tag ("": the default); None when only timm knows it."""
        return Variant(self.spec) if tag in ("", self.tag) else self.variants.get(tag)


def _known(
    name: str,
    parameters: int,
    dim: int,
    tag: str,
    paper: str,
    *,
    macs: int,
    purpose: Purpose = "",
    size: int = 224,
    mean: _Triple = _IMAGENET_MEAN,
    std: _Triple = _IMAGENET_STD,
    interpolation: Literal["bicubic", "bilinear"] = "bicubic",
    licence: str = "Apache-2.0",
    unused: tuple[str, ...] = (),
) -> KnownBackbone:
    source = f"{paper}; timm {name}.{tag}"
    spec = BackboneSpec(name, size, interpolation, mean, std, "rgb", dim, licence, source)
    return KnownBackbone(spec, parameters, tag, unused=unused, macs=macs, purpose=purpose)


def _with_tf(
    known: KnownBackbone, source: str, *, options: Mapping[str, Any] | None = None, **changes: Any
) -> KnownBackbone:
    spec = replace(known.spec, source=source, **changes)
    return replace(known, variants={"tf_in1k": Variant(spec, options or {})})


_MOBILENET = "Sandler et al. 2018, arXiv:1801.04381"
_DENSENET = "Huang et al. 2017, arXiv:1608.06993"
_EFFICIENTNET = "Tan and Le 2019, arXiv:1905.11946"
_RESNET = "He et al. 2016, arXiv:1512.03385; Wightman et al. 2021, arXiv:2110.00476"

_HGNET = "PP-HGNetV2 of PaddlePaddle, distilled by SSLD: Cui et al. 2021, arXiv:2103.05959"
_DINO2 = "DINOv2: Oquab et al. 2023, arXiv:2304.07193"

# By purpose, networks that no other one beats in both accuracy and photos/s on a processor (timm's
# table of ImageNet and its table of speeds); then those of the published systems.
_ROWS = (
    _known(
        "mobilenetv4_conv_small",
        3_774_024,
        1280,
        "e2400_r224_in1k",
        "MobileNetV4: Qin et al. 2024, arXiv:2404.10518",
        macs=184_725_568,
        purpose="tiny",
    ),
    _known(
        "hgnetv2_b0",
        5_996_550,
        2048,
        "ssld_stage2_ft_in1k",
        _HGNET,
        macs=389_869_824,
        purpose="fast",
    ),
    _known(
        "hgnetv2_b2",
        11_221_356,
        2048,
        "ssld_stage2_ft_in1k",
        _HGNET,
        macs=1_486_436_096,
        purpose="fast",
    ),
    _known(
        "hgnetv2_b4",
        19_796_680,
        2048,
        "ssld_stage2_ft_in1k",
        _HGNET,
        macs=3_813_982_720,
        purpose="balanced",
    ),
    _known(
        "tiny_vit_21m_224",
        21_198_568,
        576,
        "dist_in22k",
        "TinyViT: Wu et al. 2022, arXiv:2207.10666",
        macs=4_249_753_536,
        purpose="balanced",
    ),
    _known(
        "vit_small_patch14_dinov2",
        22_441_192,
        384,
        "lvd142m",
        _DINO2,
        macs=6_123_561_984,
        purpose="balanced",
    ),
    _known(
        "vit_base_patch16_siglip_gap_224",
        86_566_120,
        768,
        "v2_webli",
        "SigLIP 2: Tschannen et al. 2025, arXiv:2502.14786",
        macs=17_470_881_792,
        purpose="best",
        mean=_HALF,
        std=_HALF,
    ),
    _known(
        "vit_base_patch14_dinov2",
        87_348_712,
        768,
        "lvd142m",
        _DINO2,
        macs=23_161_227_264,
        purpose="best",
    ),
    _known(
        "convnextv2_tiny",
        28_635_496,
        768,
        "fcmae_ft_in22k_in1k",
        "ConvNeXt V2: Woo et al. 2023, arXiv:2301.00808",
        macs=4_454_763_264,
        purpose="balanced",
        licence="CC-BY-NC-4.0",
    ),
    _known(
        "vit_small_patch16_dinov3",
        21_971_944,
        384,
        "lvd1689m",
        "DINOv3: Simeoni et al. 2025, arXiv:2508.10104",
        macs=12_415_076_352,
        purpose="best",
        size=256,
        licence="dinov3-license",
    ),
    _with_tf(
        _known("mobilenetv2_100", 3_504_872, 1280, "ra_in1k", _MOBILENET, macs=299_494_272),
        f"{_MOBILENET}; TensorFlow's weights",  # with TensorFlow's padding and 1001 classes
        options={"pad_type": "same"},
        mean=_HALF,
        std=_HALF,
    ),
    _with_tf(
        _known("densenet169", 14_149_480, 1664, "tv_in1k", _DENSENET, macs=3_358_179_328),
        f"{_DENSENET}; Keras's weights",
        licence="BSD-3-Clause",
    ),
    _with_tf(
        _known(
            "tf_efficientnet_b4",
            19_341_616,
            1792,
            "ns_jft_in1k",
            f"{_EFFICIENTNET}; Xie et al. 2020, arXiv:1911.04252",
            macs=2_266_660_944,
            size=260,  # not the native 380: half the time, and pets fill their photos
        ),
        f"{_EFFICIENTNET}; TensorFlow's weights",
    ),
    _known("resnet34", 21_797_672, 512, "a1_in1k", _RESNET, macs=3_663_249_408),
    _known("resnet50", 25_557_032, 2048, "a1_in1k", _RESNET, macs=4_087_136_256),
    _known(  # D: the last convolutions averaged, without the two hidden layers of its head
        "vgg16",
        138_357_544,
        512,
        "tv_in1k",
        "Simonyan and Zisserman 2015, arXiv:1409.1556",
        macs=15_346_630_656,
        interpolation="bilinear",
        licence="BSD-3-Clause",
    ),
    _known(
        "legacy_xception",
        22_855_952,
        2048,
        "tf_in1k",
        "Xception: Chollet 2017, arXiv:1610.02357",
        macs=8_355_355_496,
        size=299,
        mean=_HALF,
        std=_HALF,
    ),
    _known(  # parameters without the auxiliary branch, which is off
        "inception_v3",
        23_834_568,
        2048,
        "tv_in1k",
        "Szegedy et al. 2016, arXiv:1512.00567",
        macs=5_711_168_096,
        size=299,
        mean=_HALF,
        std=_HALF,
        unused=("AuxLogits.",),
    ),
    _known(
        "inception_resnet_v2",
        55_843_464,
        1536,
        "tf_in1k",
        "Szegedy et al. 2017, arXiv:1602.07261",
        macs=13_154_258_016,
        size=299,
        mean=_HALF,
        std=_HALF,
    ),
)

KNOWN: Mapping[str, KnownBackbone] = MappingProxyType({row.spec.name: row for row in _ROWS})
"""Every known network but the bundled ``paw``, by timm's name."""


def split_size(name: str) -> tuple[str, int | None]:
    """Split ``"tf_efficientnet_b4@300"`` into the name and its input size, None without one.

    Raises
    ------
    BackboneError
        The text after the @ is not a valid size.
    """
    stem, at, size = name.rpartition("@")
    if not at or name.endswith(".onnx"):
        return name, None
    if not size.isdecimal() or int(size) < _SMALLEST:
        raise BackboneError(f"{name}: write the pixels after @ as a number from {_SMALLEST} on")
    return stem, int(size)


def timm_names() -> list[str]:
    """Return every architecture of timm, or none where timm is not installed."""
    if find_spec("timm") is None:
        return []
    names: list[str] = require("timm", extra="torch").list_models()
    return names


def unknown_name(name: str) -> UnknownBackbone:
    """Return the error for a name that no network has, with the nearest ones that exist."""
    others = timm_names()
    near = [
        match
        for names in (["paw", *KNOWN], others)
        for match in difflib.get_close_matches(name, names, n=3)
    ]
    nearest = ", ".join(dict.fromkeys(near[:3])) or "none; known are paw, " + ", ".join(KNOWN)
    hint = "" if others else " (timm's other networks: pip install 'pawlens[torch]')"
    return UnknownBackbone(f"unknown backbone {name!r}, nearest: {nearest}{hint}")
