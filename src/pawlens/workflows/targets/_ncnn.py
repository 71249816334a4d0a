"""ncnn, a small runtime for phones and boards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ParityError
from ...export import CoreInput
from ._core_exporter import OpenedExporter
from ._proof import CoreRun, Squares
from ._torch_network import torch_network

if TYPE_CHECKING:
    import onnx

__all__ = ["NcnnExporter"]


class NcnnExporter(OpenedExporter):
    """``model.param`` and ``model.bin``, in 32-bit floats; it knows no bytes, but planes."""

    title = "ncnn, for phones and boards"
    runtime = "ncnn"
    needs = ("torch", "pnnx", "ncnn")
    extra = "ncnn"
    planes = True

    def input_facts(self, tensor: CoreInput) -> dict[str, Any]:
        """Planes of floats, 0 to 255, without a batch: ``in0`` and so on in ncnn."""
        return {"dtype": "float32", "shape": [3, tensor.size, tensor.size], "layout": "CHW"}

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Trace the network of torch and convert it by pnnx, whose other files are thrown away."""
        import pnnx
        import torch

        network, example = torch_network(core, inputs, planes=True)
        paths = [folder / "model.param", folder / "model.bin"]
        with TemporaryDirectory() as scratch, torch.no_grad():
            place = Path(scratch)
            made = [place / "m.ncnn.param", place / "m.ncnn.bin"]
            pnnx.export(
                network, str(place / "m.pt"), example, fp16=False, ncnnparam=str(made[0]),
                ncnnbin=str(made[1]), ncnnpy=str(place / "m_ncnn.py"),
                pnnxparam=str(place / "m.pnnx.param"), pnnxbin=str(place / "m.pnnx.bin"),
                pnnxpy=str(place / "m_pnnx.py"), pnnxonnx=str(place / "m.pnnx.onnx"),
            )  # fmt: skip
            for path, source in zip(paths, made, strict=True):
                path.write_bytes(source.read_bytes())
        return paths

    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open it in ncnn, on one thread and without a graphics card."""
        import ncnn

        network = ncnn.Net()
        network.opt.use_vulkan_compute = False
        network.opt.num_threads = 1
        network.opt.use_fp16_packed = network.opt.use_fp16_storage = False
        network.opt.use_fp16_arithmetic = network.opt.use_bf16_storage = False
        if network.load_param(str(file)) or network.load_model(str(file.with_suffix(".bin"))):
            raise ParityError("ncnn cannot load what pnnx made of this model; nothing was written")

        def run(squares: Squares) -> Any:
            with network.create_extractor() as extractor:
                for number, one in enumerate(inputs):
                    planes = squares[one.name][0].transpose(2, 0, 1)
                    values = np.ascontiguousarray(planes, np.float32)
                    # A Mat looks at the array, which must outlive it until it is copied.
                    extractor.input(f"in{number}", ncnn.Mat(values).clone())
                failed, answer = extractor.extract("out0")
                if failed:  # there is no answer, and to look at it would end the process
                    raise ParityError("ncnn cannot run this model; nothing was written")
                return np.array(answer).astype(np.float64)  # what it shows ends with the extractor

        return run
