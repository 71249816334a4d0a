"""OpenVINO's IR, for Intel processors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...backbones import openvino_core
from ...export import CoreInput
from ._core_exporter import OpenedExporter
from ._proof import CoreRun

if TYPE_CHECKING:
    import onnx

__all__ = ["OpenVinoExporter"]


class OpenVinoExporter(OpenedExporter):
    """``model.xml`` and ``model.bin``, whose weights are 16-bit floats."""

    title = "OpenVINO IR, for Intel processors"
    runtime = "openvino"

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Read the graph and write it as IR; nothing is reported to anyone."""
        import openvino as ov

        path = folder / "model.xml"
        ov.save_model(openvino_core().read_model(core.SerializeToString()), str(path))
        return [path, path.with_suffix(".bin")]

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in OpenVINO, in 32-bit arithmetic."""
        config = {"INFERENCE_PRECISION_HINT": "f32"}
        core = openvino_core()
        request = core.compile_model(core.read_model(str(file)), "CPU", config)
        running = request.create_infer_request()
        return lambda squares: running.infer(dict(squares))[0].copy()
