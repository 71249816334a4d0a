"""Write paw.onnx: batch norms folded, weights stored in float16, the spec in its metadata."""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import data
import numpy as np
import onnx
import onnxruntime
import openvino as ov
import teacher
import torch
from network import FEATURES, Paw, folded
from onnx import helper, numpy_helper
from views import MEAN, STD

SIZE = 160
SPEC = {
    "name": "paw",
    "input_size": SIZE,
    "interpolation": "bicubic",
    "mean": MEAN,
    "std": STD,
    "channel_order": "rgb",
    "feature_dim": FEATURES,
    "licence": "MIT (trained from scratch on photos of research use)",
    "source": "pawlens, research/paw: FasterNet blocks distilled from tf_efficientnet_b4",
}


def training_record(out: Path, seed: int) -> dict[str, Any]:
    """What made the weights: photos, rule, teacher, length, versions."""
    photos, _ = data.load(out)
    lines = (out / "history.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return {
        "photos": data.counts(photos),
        "held_out": "int(sha256(file bytes).hexdigest()[:8], 16) % 5 == 0",
        "dropped": f"perceptual hash within {data.NEAR} bits of a held-out photo's",
        "teacher": {"name": teacher.NAME, "size": teacher.SIZE, "components": teacher.DIM},
        "views": len(list(out.glob("cells*.npy"))),
        "photos_for_curves_only": len(teacher.training_photos(photos)[:: data.CHECK]),
        "epochs": len(rows),
        "epochs_at_size": Counter(str(row["size"]) for row in rows),
        "planned_lengths": list(dict.fromkeys(row["of"] for row in rows)),  # more than one: changed
        "training_minutes": round(rows[-1]["seconds"] / 60, 1),
        "seed": seed,
        "check": rows[-1]["check"],
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "onnx": onnx.__version__,
            "openvino": ov.__version__.split("-")[0],
            "numpy": np.__version__,
        },
    }


def trained(out: Path) -> Paw:
    """Return the averaged network of the last checkpoint, folded, weights rounded to float16."""
    model = Paw()
    model.load_state_dict(torch.load(out / "checkpoint.pt", weights_only=True)["mean"])
    return folded(model).half().float()


def _graph(model: Paw) -> onnx.ModelProto:
    """Convert with torch's exporter: "pixels" [N, 3, SIZE, SIZE] to "features" [N, FEATURES]."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "paw.onnx"
        torch.onnx.export(
            model,
            (torch.zeros(2, 3, SIZE, SIZE),),
            path,
            input_names=["pixels"],
            output_names=["features"],
            dynamic_shapes={"x": {0: torch.export.Dim("N")}},
            opset_version=18,
            dynamo=True,
            external_data=False,
        )
        return onnx.load(path)


def _halve(model: onnx.ModelProto) -> None:
    """Store float32 initialisers as float16, each followed by a Cast back to float32."""
    casts = []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _strip(model: onnx.ModelProto) -> None:
    """Drop what the exporter noted about this machine's source files."""
    model.producer_name = "pawlens"
    model.producer_version = ""
    model.graph.name = "paw"
    del model.graph.value_info[:]
    del model.graph.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]


def differences(path: Path, model: Paw) -> dict[str, float]:
    """Largest difference of each runtime's features from torch's, and the largest feature."""
    pixels = torch.randn(5, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model(pixels).numpy()
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    compiled = ov.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = {
        "onnxruntime": session.run(None, {"pixels": pixels.numpy()})[0],
        "openvino": compiled(pixels.numpy())[0],
    }
    apart = {name: float(np.abs(value - expected).max()) for name, value in found.items()}
    return {**apart, "largest_feature": float(np.abs(expected).max())}


def export(out: Path, seed: int) -> Path:
    """Write ``paw.onnx`` into `out` from its last checkpoint and check it against torch."""
    model = trained(out)
    graph = _graph(model)
    _halve(graph)
    _strip(graph)
    helper.set_model_props(
        graph,
        {
            "pawlens.backbone": json.dumps(SPEC),
            "pawlens.training": json.dumps(training_record(out, seed)),
        },
    )
    onnx.checker.check_model(graph, full_check=True)
    path = out / "paw.onnx"
    onnx.save(graph, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)
    report = json.dumps(differences(path, model))
    (out / "parity.json").write_text(report, encoding="utf-8")
    return path
