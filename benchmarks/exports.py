"""Exports on real photos: size, milliseconds and agreement with model.onnx, each in its runtime.

The model is written for each target, then every photo is decoded whole, answered by model.onnx in
ONNX Runtime, resized by pawlens and answered by the export, on one thread where the runtime lets.

    python benchmarks/exports.py RUN --photos FOLDER [--to TARGET ...] [--count 200]

What a target needs must be installed: `make test-exports` makes an environment that has all. Core
ML is written and not run. For the two web targets see benchmarks/web_photos.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort

from pawlens import Photos, export, load
from pawlens.export import core_inputs, core_squares, measure_agreement
from pawlens.workflows import targets

TARGETS = {
    "onnx-core": targets.OnnxCoreExporter,
    "ort": targets.OrtExporter,
    "openvino": targets.OpenVinoExporter,
    "litert": targets.LiteRtExporter,
    "executorch": targets.ExecuTorchExporter,
    "ncnn": targets.NcnnExporter,
}
NOT_RUN = "coreml"


def main() -> None:
    options = _options()
    model = load(options.run)
    inputs = core_inputs(model.facts.backbones)
    photos = Photos.read(options.photos, labels=False)
    rows = np.linspace(0, len(photos) - 1, min(options.count, len(photos))).astype(int)
    whole = ort.InferenceSession(
        model.to_onnx().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    expected, squares = [], []
    for row in rows.tolist():
        pixels = photos.decode(row)
        expected.append(whole.run(["probabilities"], {"image": pixels})[0])
        squares.append(core_squares(pixels, inputs))
    print(f"{len(rows)} photos of {options.photos}")
    print(f"{'target':11} {'bytes':>11}  {'ms':>7}  mean      largest   same class")
    for name in options.to:
        folder = Path(options.kept or tempfile.mkdtemp()) / name
        if not folder.exists():
            export(model, to=name, out=folder)
        signature = json.loads((folder / "signature.json").read_text(encoding="utf-8"))
        size = sum(file["bytes"] for file in signature["files"].values())
        if name == NOT_RUN:
            print(f"{name:11} {size:11,}  converted, not proven", flush=True)
            continue
        run = TARGETS[name]().open(folder / signature["model"], inputs)
        found, seconds = [], []
        for one in squares:
            start = time.perf_counter()
            found.append(np.asarray(run(one), np.float64).reshape(-1))
            seconds.append(time.perf_counter() - start)
        figures = measure_agreement(
            np.array(expected, np.float64), np.array(found), model.facts.labels
        )
        print(
            f"{name:11} {size:11,}  {1000 * np.median(seconds):7.2f}  "
            f"{figures.mean_difference:.6f}  {figures.max_difference:.6f}  {figures.top1:.1%}"
            f"{'' if figures.passed else '   BEYOND'}",
            flush=True,
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--to", nargs="+", default=[*TARGETS, NOT_RUN])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kept", type=Path, help="a folder of exports that are used again")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
