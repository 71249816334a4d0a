"""Pretrained networks as feature extractors: known names, weights on disk, graphs, engines."""

from ._count_graph import count_graph
from ._count_network import count_network
from ._engine import Engine, Precision
from ._find import find_backbone, find_weights, known_backbones, random_backbone, weights_at_hand
from ._int8 import CALIBRATION_PHOTOS, quantise
from ._layers import Layer, group_by_stage, total_macs, total_parameters
from ._onnx import parse_graph
from ._open import Device, open_engine
from ._openvino import OpenVinoEngine, cpu_precision
from ._pooling import Pooling, feature_names, find_pooling
from ._registry import KnownBackbone, split_size, timm_names, unknown_name
from ._spec import Backbone, BackboneSpec
from ._timm import build_network, count_parameters, keep_network, load_network
from ._torch import TorchEngine

__all__ = [
    "CALIBRATION_PHOTOS",
    "Backbone",
    "BackboneSpec",
    "Device",
    "Engine",
    "KnownBackbone",
    "Layer",
    "OpenVinoEngine",
    "Pooling",
    "Precision",
    "TorchEngine",
    "build_network",
    "count_graph",
    "count_network",
    "count_parameters",
    "cpu_precision",
    "feature_names",
    "find_backbone",
    "find_pooling",
    "find_weights",
    "group_by_stage",
    "keep_network",
    "known_backbones",
    "load_network",
    "open_engine",
    "parse_graph",
    "quantise",
    "random_backbone",
    "split_size",
    "timm_names",
    "total_macs",
    "total_parameters",
    "unknown_name",
    "weights_at_hand",
]
