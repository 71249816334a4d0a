"""Core ML, for iPhones, iPads and Macs: converted here, proven on a Mac."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...export import CoreInput
from ._core_exporter import CoreExporter
from ._proof import draw_proof
from ._torch_network import torch_network

if TYPE_CHECKING:
    import onnx

    from ...models import Model

__all__ = ["CoreMlExporter"]

_SCRIPT = '''\
"""Prove model.mlpackage on a Mac: pip install coremltools pillow numpy; python prove.py"""

import json
from pathlib import Path

import coremltools as ct
import numpy as np
from PIL import Image

here = Path(__file__).parent
vectors = json.loads((here / "vectors" / "vectors.json").read_text())
model = ct.models.MLModel(str(here / "model.mlpackage"))
gaps, same = [], []
for one in vectors["photos"]:
    squares = {n: Image.open(here / "vectors" / file) for n, file in one["squares"].items()}
    found = model.predict(squares)["probabilities"].reshape(-1)
    expected = np.array(one["probabilities"])
    gaps.append(np.abs(found - expected))
    same.append(found.argmax() == expected.argmax())
limits = vectors["limits"]
passed = np.mean(gaps) <= limits["mean_difference"] and np.max(gaps) <= limits["max_difference"]
print(f"mean {np.mean(gaps):.6f}, largest {np.max(gaps):.6f}, same class {np.mean(same):.0%}")
print("proven" if passed and all(same) else "NOT proven: do not ship it")
'''


class CoreMlExporter(CoreExporter):
    """``model.mlpackage``, in 32-bit floats, with pictures as input."""

    title = "Core ML, for iPhones and Macs; proven there, by a script beside it"
    runtime = "coremltools"
    needs = ("torch", "coremltools")
    extra = "coreml"
    planes = True

    def input_facts(self, tensor: CoreInput) -> dict[str, Any]:
        """A picture of fixed size."""
        return {"dtype": "image", "shape": [tensor.size, tensor.size], "layout": "RGB"}

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Trace the network of torch and convert it by coremltools."""
        import coremltools as ct
        import torch

        network, example = torch_network(core, inputs, planes=True)
        with torch.no_grad():
            traced = torch.jit.trace(network, example)
        model = ct.convert(
            traced,
            inputs=[ct.ImageType(name=one.name, shape=one.planes_shape) for one in inputs],
            outputs=[ct.TensorType(name="probabilities")],
            compute_precision=ct.precision.FLOAT32,
            convert_to="mlprogram",
            minimum_deployment_target=ct.target.iOS16,
        )
        package = folder / "model.mlpackage"
        model.save(str(package))
        return sorted(path for path in package.rglob("*") if path.is_file())

    def prove(
        self, model: Model, file: Path, inputs: Sequence[CoreInput], folder: Path
    ) -> tuple[dict[str, Any], list[Path]]:
        """Write the vectors, and the script that proves the model on a Mac."""
        script = folder / "prove.py"
        script.write_text(_SCRIPT, encoding="utf-8", newline="\n")
        vectors = draw_proof(model, inputs).write_vectors(folder / "vectors")
        return {"passed": None, "in words": "converted, not proven: run prove.py on a Mac"}, [
            script,
            *vectors,
        ]
