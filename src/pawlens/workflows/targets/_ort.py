"""ONNX Runtime's own format, which its smallest builds for phones and browsers read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...export import CoreInput
from ._core_exporter import OpenedExporter
from ._onnx_core import run_onnx
from ._proof import CoreRun

if TYPE_CHECKING:
    import onnx

__all__ = ["OrtExporter"]


class OrtExporter(OpenedExporter):
    """``model.ort``: the core graph, optimised for no particular processor."""

    title = "ONNX Runtime's own format, for phones and its small builds"
    runtime = "onnxruntime"

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Let ONNX Runtime optimise the graph and write what it would run."""
        import onnxruntime as ort

        path = folder / "model.ort"
        options = ort.SessionOptions()
        options.optimized_model_filepath = str(path)
        options.log_severity_level = 3
        # The next level lays tensors out for the processor at hand, which a phone has not.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.add_session_config_entry("session.save_model_format", "ORT")
        ort.InferenceSession(core.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return [path]

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in ONNX Runtime."""
        return run_onnx(file)
