"""The core graph as ONNX: for runtimes and converters that want fixed shapes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...export import PROBABILITIES, CoreInput
from ._core_exporter import OpenedExporter
from ._proof import CoreRun

if TYPE_CHECKING:
    import onnx

__all__ = ["OnnxCoreExporter", "run_onnx"]


class OnnxCoreExporter(OpenedExporter):
    """``model.onnx`` from squares of pixels to probabilities, opset 18, standard operators."""

    title = "ONNX from squares of pixels: fixed shapes, the resize outside"
    runtime = "onnxruntime"

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Write the core graph as it is."""
        path = folder / "model.onnx"
        path.write_bytes(core.SerializeToString())
        return [path]

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in ONNX Runtime."""
        return run_onnx(file)


def run_onnx(file: Path) -> CoreRun:
    """Open a core graph, ONNX or ORT format, in ONNX Runtime on one thread."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return lambda squares: session.run([PROBABILITIES], dict(squares))[0]
