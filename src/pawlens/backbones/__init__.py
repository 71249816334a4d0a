"""Pretrained networks as feature extractors: known names, weights on disk, graphs, engines."""

from ._engine import PRECISIONS, Engine, Precision
from ._find import find_backbone, known_backbones, random_backbone
from ._int8 import CALIBRATION_PHOTOS, quantise
from ._open import Device, open_engine
from ._openvino import OpenVinoEngine, cpu_precision
from ._registry import KnownBackbone, Variant, unknown_name
from ._spec import Backbone, BackboneSpec
from ._timm import build_network, count_parameters, keep_network, load_network
from ._torch import TorchEngine

__all__ = [
    "CALIBRATION_PHOTOS",
    "PRECISIONS",
    "Backbone",
    "BackboneSpec",
    "Device",
    "Engine",
    "KnownBackbone",
    "OpenVinoEngine",
    "Precision",
    "TorchEngine",
    "Variant",
    "build_network",
    "count_parameters",
    "cpu_precision",
    "find_backbone",
    "keep_network",
    "known_backbones",
    "load_network",
    "open_engine",
    "quantise",
    "random_backbone",
    "unknown_name",
]
