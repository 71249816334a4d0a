"""Pretrained networks as feature extractors: known names, weights on disk, graphs, engines."""

from ._child import TookTooLong, patience
from ._count_graph import count_graph
from ._count_network import count_network
from ._engine import Engine, Precision
from ._extractor import keep_graph
from ._find import (
    backbone_structure,
    find_backbone,
    known_backbones,
    random_backbone,
    weights_at_hand,
)
from ._int8 import CALIBRATION_PHOTOS, quantise
from ._layers import Layer, group_by_stage, total_macs, total_parameters
from ._licence import licence_notes, licence_terms
from ._onnx import parse_graph
from ._open import Device, open_engine
from ._openvino import OpenVinoEngine, cpu_precision, int8_is_faster, openvino_core
from ._pooling import Pooling, feature_names, find_pooling
from ._registry import KnownBackbone, split_size, timm_names
from ._source import BackboneSource
from ._source_timm import find_weights
from ._sources import accept_source, offered_backbones
from ._spec import Backbone, BackboneSpec
from ._structure import Structure
from ._timm import build_network, count_parameters, keep_network, load_network
from ._torch import TorchEngine
from ._trace import ACTIVATIONS, Gathering, Step, gatherings_of, split_tokens, trace_features
from ._views import CROP, PLACES, with_views

__all__ = [
    "ACTIVATIONS",
    "CALIBRATION_PHOTOS",
    "CROP",
    "PLACES",
    "Backbone",
    "BackboneSource",
    "BackboneSpec",
    "Device",
    "Engine",
    "Gathering",
    "KnownBackbone",
    "Layer",
    "OpenVinoEngine",
    "Pooling",
    "Precision",
    "Step",
    "Structure",
    "TookTooLong",
    "TorchEngine",
    "accept_source",
    "backbone_structure",
    "build_network",
    "count_graph",
    "count_network",
    "count_parameters",
    "cpu_precision",
    "feature_names",
    "find_backbone",
    "find_pooling",
    "find_weights",
    "gatherings_of",
    "group_by_stage",
    "int8_is_faster",
    "keep_graph",
    "keep_network",
    "known_backbones",
    "licence_notes",
    "licence_terms",
    "load_network",
    "offered_backbones",
    "open_engine",
    "openvino_core",
    "parse_graph",
    "patience",
    "quantise",
    "random_backbone",
    "split_size",
    "split_tokens",
    "timm_names",
    "total_macs",
    "total_parameters",
    "trace_features",
    "weights_at_hand",
    "with_views",
]
