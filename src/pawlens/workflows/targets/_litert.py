"""LiteRT, formerly TensorFlow Lite: Android, small boards, video recorders, browsers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...export import CoreInput
from ._core_exporter import OpenedExporter
from ._proof import CoreRun, Squares
from ._torch_network import torch_network

if TYPE_CHECKING:
    import onnx

__all__ = ["LiteRtExporter"]


class LiteRtExporter(OpenedExporter):
    """``model.tflite``, in 32-bit floats, with bytes as input.

    No extra brings what it needs: litert-torch holds torch and pydantic back, which would hold them
    back for everybody.
    """

    title = "LiteRT (TensorFlow Lite), for Android, boards and browsers"
    runtime = "ai-edge-litert"
    needs = ("torch", "litert-torch", "ai-edge-litert")

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Convert the network of torch by litert-torch."""
        import litert_torch

        path = folder / "model.tflite"
        network, example = torch_network(core, inputs)
        litert_torch.convert(network, example).export(str(path))
        return [path]

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in LiteRT's interpreter, on one thread."""
        from ai_edge_litert.interpreter import Interpreter

        interpreter = Interpreter(str(file), num_threads=1)
        runner = interpreter.get_signature_runner()
        names = [f"args_{number}" for number in range(len(inputs))]

        def run(squares: Squares) -> Any:
            given = {name: squares[one.name] for name, one in zip(names, inputs, strict=True)}
            (answer,) = runner(**given).values()
            return answer

        return run
