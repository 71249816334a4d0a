"""The built-in exporters: one file for each target, and what all of them write beside the model."""

from ._coreml import CoreMlExporter
from ._executorch import ExecuTorchExporter
from ._litert import LiteRtExporter
from ._ncnn import NcnnExporter
from ._onnx import OnnxExporter
from ._onnx_core import OnnxCoreExporter
from ._openvino import OpenVinoExporter
from ._ort import OrtExporter
from ._web import WebExporter
from ._web_single_file import SingleFileExporter

__all__ = [
    "CoreMlExporter",
    "ExecuTorchExporter",
    "LiteRtExporter",
    "NcnnExporter",
    "OnnxCoreExporter",
    "OnnxExporter",
    "OpenVinoExporter",
    "OrtExporter",
    "SingleFileExporter",
    "WebExporter",
]
