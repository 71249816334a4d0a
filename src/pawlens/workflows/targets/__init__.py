"""The built-in exporters: one file for each target, and what all of them write beside the model."""

from ._onnx import OnnxExporter
from ._onnx_core import OnnxCoreExporter
from ._openvino import OpenVinoExporter
from ._ort import OrtExporter
from ._web import WebExporter
from ._web_single_file import SingleFileExporter

__all__ = [
    "OnnxCoreExporter",
    "OnnxExporter",
    "OpenVinoExporter",
    "OrtExporter",
    "SingleFileExporter",
    "WebExporter",
]
