"""From the file to the answer: `pawlens predict` against the graph on a photo's whole pixels.

Real photos are written in several formats and sizes. For each backbone a logistic head is fitted on
the photos as they are. Then the same files are answered twice: as `predict` does, which decodes
large photos at a reduced scale and takes bf16 where the processor has it; and from every pixel,
decoded by Pillow alone, in 32-bit floats. The limits are those of parity.json: mean 0.002, largest
0.02, the same class outside ties.

The head is fitted weakly on purpose (C=10 on few photos), so that answers are unsure and move; with
--run the models of finished runs, each of one backbone, are taken in their place.

    python benchmarks/from_file.py --photos FOLDER [--weights-dir FOLDER] [--backbone NAME ...]
        [--run RUN ...]
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from PIL import Image
from sklearn.linear_model import LogisticRegression

from pawlens import Photos
from pawlens.backbones import Backbone, OpenVinoEngine, find_backbone
from pawlens.base import user_cache
from pawlens.export import GraphFacts, compose_graph, measure_agreement, read_facts
from pawlens.heads import Head, unit_rows
from pawlens.models import ExportedModel, exact_in_words, prove_from_files
from pawlens.photos import resize

FORMATS = {
    "JPEG 4:2:0": ("JPEG", {"quality": 90, "subsampling": "4:2:0"}),
    "JPEG 4:4:4": ("JPEG", {"quality": 90, "subsampling": "4:4:4"}),
    "progressive": ("JPEG", {"quality": 90, "subsampling": "4:2:0", "progressive": True}),
    "PNG": ("PNG", {"compress_level": 1}),
    "WebP": ("WEBP", {"quality": 90, "method": 0}),
}
SIZES = {"50": 50, "200": 200, "500": 500, "2000": 2000, "12 MP": 4000, "48 MP": 8000}
"""Longer side in pixels; photos are 4 to 3."""


def main() -> None:
    options = _options()
    files = sorted(p for p in options.photos.rglob("*.jpg"))
    models = [finished(run) for run in options.run]
    for name in [] if models else options.backbone:
        backbone = find_backbone(name, weights_dir=options.weights_dir, cache_dir=user_cache())
        models.append(fitted(backbone, files, fast=options.fast))
    print(f"{'backbone':18} {'format':12} {'size':6} photos  mean     largest  same class")
    for label, side in SIZES.items():
        if label in options.sizes:
            compare(models, files, label, side, options)


def finished(run: Path) -> ExportedModel:
    """The model of a finished run, as `predict` answers with it."""
    graph = onnx.load(run / "model.onnx")
    facts = read_facts(graph)
    if facts is None or len(facts.backbones) != 1:
        sys.exit(f"{run}: its model has not one backbone")
    return ExportedModel(graph, facts)


def fitted(backbone: Backbone, files: Sequence[Path], *, fast: bool) -> ExportedModel:
    """A model whose head is fitted on the photos; the class is the folder's name."""
    classes = sorted({path.parent.name for path in files})
    y = [classes.index(path.parent.name) for path in files]
    squares = [square(path.read_bytes(), backbone) for path in files]
    x = unit_rows(answers(backbone.path, backbone, squares))
    logistic = LogisticRegression(C=10, max_iter=1000).fit(x, y)
    weights, bias = logistic.coef_.T, logistic.intercept_
    if len(classes) == 2:  # one column, that of the second class
        weights, bias = np.hstack([-weights / 2, weights / 2]), np.hstack([-bias / 2, bias / 2])
    head = Head.linear(weights.astype(np.float32), bias.astype(np.float32))
    facts = GraphFacts(tuple(classes), (backbone.spec,), (backbone.weights_hash,), 1.0, 0.0, "0")
    graph = compose_graph([backbone], head, facts)
    if fast:
        return ExportedModel(graph, facts)
    # As training does it: a model whose fast way goes beyond the limits is marked to be exact.
    found = prove_from_files(graph, facts, Photos.read(list(files)[:64], labels=False))
    print(f"{backbone.spec.name}: {exact_in_words(found) or 'the fast way keeps the limits'}")
    return ExportedModel(graph, read_facts(graph) or facts)


def compare(
    models: Sequence[ExportedModel],
    files: Sequence[Path],
    label: str,
    side: int,
    asked: argparse.Namespace,
) -> None:
    """Print a line for each format and model at one size."""
    some = files[:: max(len(files) // max(asked.count * 500 // max(side, 500), 1), 1)]
    specs = [model.facts.backbones[0] for model in models]
    for name, (kind, options) in FORMATS.items():
        with tempfile.TemporaryDirectory() as folder:
            squares: list[list[np.ndarray]] = [[] for _ in models]
            for number, path in enumerate(some):
                data = encoded(path, side, kind, options)
                (Path(folder) / f"{number:03}.{kind.lower()}").write_bytes(data)
                pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
                for spec, seen in zip(specs, squares, strict=True):
                    seen.append(resize(pixels, spec.input_size, spec.interpolation))
            photos = Photos.read(folder, labels=False)
            for model, spec, seen in zip(models, specs, squares, strict=True):
                expected = answers(model.batched(), spec, seen)
                found = model.answer(photos, precision=asked.precision, progress=False).proba
                one = measure_agreement(expected.astype(np.float64), found)
                print(
                    f"{spec.name:18} {name:12} {label:6} {one.photos:6}  "
                    f"{one.mean_difference:.5f}  {one.max_difference:.4f}   {one.top1:.1%}"
                    f"{'' if one.passed else '   BEYOND'}",
                    flush=True,
                )


def encoded(path: Path, side: int, kind: str, options: dict[str, object]) -> bytes:
    """A photo of 4 to 3 in a format."""
    picture = Image.open(path).convert("RGB")
    sink = io.BytesIO()
    picture.resize((side, side * 3 // 4), Image.Resampling.BICUBIC).save(sink, kind, **options)
    return sink.getvalue()


def square(data: bytes, backbone: object) -> np.ndarray:
    """The square of a photo from all its pixels, which Pillow decodes."""
    spec = getattr(backbone, "spec", backbone)
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return resize(pixels, spec.input_size, spec.interpolation)


def answers(graph: Path | bytes, backbone: object, squares: Sequence[np.ndarray]) -> np.ndarray:
    """What a graph gives for squares, in 32-bit floats."""
    spec = getattr(backbone, "spec", backbone)
    engine = OpenVinoEngine(graph, [spec], precision="f32")
    batches = ((i, [np.stack(squares[i : i + 4])]) for i in range(0, len(squares), 4))
    return np.concatenate([found for _, found in engine.run(batches)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, required=True, help="a folder for each class")
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--backbone", nargs="+", default=["paw"])
    parser.add_argument("--run", type=Path, nargs="+", default=[])
    parser.add_argument("--sizes", nargs="+", default=list(SIZES))
    parser.add_argument("--fast", action="store_true", help="also where the limits are not kept")
    parser.add_argument("--precision", default="auto", choices=["auto", "f32"])
    parser.add_argument("--count", type=int, default=40, help="photos up to 500 px; fewer above")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
