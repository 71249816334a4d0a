"""ExecuTorch, torch's runtime for phones and devices, with XNNPACK's kernels."""

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

__all__ = ["ExecuTorchExporter"]


class ExecuTorchExporter(OpenedExporter):
    """``model.pte``, lowered to XNNPACK, in 32-bit floats, with bytes as input."""

    title = "ExecuTorch with XNNPACK, for phones and devices"
    runtime = "executorch"
    needs = ("torch", "executorch")
    extra = "executorch"

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Export the network of torch and lower it to XNNPACK."""
        import torch
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import to_edge_transform_and_lower

        network, example = torch_network(core, inputs)
        with torch.no_grad():
            exported = torch.export.export(network, example)
        lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
        path = folder / "model.pte"
        path.write_bytes(lowered.to_executorch().buffer)
        return [path]

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in ExecuTorch's runtime."""
        import torch
        from executorch.runtime import Runtime

        method = Runtime.get().load_program(file).load_method("forward")

        def run(squares: Squares) -> Any:
            (answer,) = method.execute([torch.from_numpy(squares[one.name]) for one in inputs])
            return answer.numpy()

        return run
