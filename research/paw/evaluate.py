"""Measure paw.onnx on the fifth it never saw, next to mobilenetv2_100 on the same photos.

``python research/paw/evaluate.py --shared ../shared --out research/paw/out --paw FILE.onnx``

Frozen features under pawlens' own logistic head, L2 chosen by inner folds, temperature and clip
out-of-fold, with 95 % bootstrap intervals. Two protocols, both on photos that paw never saw:

``held out``
    The head learns from the four fifths that paw saw, and is asked about the held-out one.
``five folds``
    The head learns and is asked within the held-out fifth: new photos, but few to learn from.

Writes ``evaluation.json`` into ``--out``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import data
import numpy as np
import numpy.typing as npt

from pawlens.backbones import (
    CALIBRATION_PHOTOS,
    Backbone,
    OpenVinoEngine,
    Precision,
    find_backbone,
    quantise,
)
from pawlens.heads import fit_logistic, unit_rows
from pawlens.metrics import Interval, apply_clip, apply_temperature, calibrate_out_of_fold, evaluate
from pawlens.photos import assign_folds, resize

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

SETS = {"dogs-vs-cats": "animal", "cat-12": "breed", "pets": "breed"}
SHOWN = ("log_loss", "accuracy", "calibration_error")


def features(
    backbone: Backbone, precision: Precision, pixels: npt.NDArray[np.uint8], rows: Ints
) -> Floats:
    """Pooled features of whole photos at unit length, float32 [n, D]."""
    spec = backbone.spec
    engine = OpenVinoEngine(backbone.path, [spec], precision=precision)

    def batches() -> Iterator[tuple[int, list[npt.NDArray[np.uint8]]]]:
        for start in range(0, len(rows), engine.batch_size):
            part = rows[start : start + engine.batch_size]
            squares = [resize(pixels[i], spec.input_size, spec.interpolation) for i in part]
            yield start, [np.stack(squares)]

    return unit_rows(np.concatenate([found for _, found in engine.run(batches())]))


def five_folds(x: Floats, y: Ints, classes: list[str]) -> dict[str, Interval]:
    """Out-of-fold metrics within `x`."""
    fold = assign_folds(y, np.arange(len(y)), n_folds=5, seed=0)
    fit = fit_logistic(x, y, fold, n_classes=len(classes))
    return evaluate(y, calibrate_out_of_fold(y, fit.logits, fold, clip="auto").proba, classes)


def held_out(
    x: Floats, y: Ints, new: Floats, truth: Ints, classes: list[str]
) -> dict[str, Interval]:
    """Metrics on `new` of a head that learnt, and was calibrated, on `x`."""
    fold = assign_folds(y, np.arange(len(y)), n_folds=5, seed=0)
    fit = fit_logistic(x, y, fold, n_classes=len(classes))
    calibration = calibrate_out_of_fold(y, fit.logits, fold, clip="auto")
    proba = apply_temperature(fit.head.logits(new), calibration.temperature)
    return evaluate(truth, apply_clip(proba, calibration.clip), classes)


def in_int8(backbone: Backbone, out: Path, cache: Path) -> Backbone:
    """The backbone in eight-bit integers, calibrated on photos that paw learned from."""
    photos, pixels = data.load(out)
    seen = [i for i, photo in enumerate(photos) if photo.role == "train"]
    rows = np.random.default_rng(0).permutation(seen)[:CALIBRATION_PHOTOS]
    spec = backbone.spec
    squares = [resize(pixels[i], spec.input_size, spec.interpolation) for i in rows]
    return quantise(backbone, [np.stack(squares)], cache_dir=cache)


def measure(backbone: Backbone, out: Path, precision: Precision = "auto") -> dict[str, Any]:
    """All sets under both protocols."""
    spec = backbone.spec
    photos, pixels = data.load(out)
    results: dict[str, Any] = {}
    for name, field in SETS.items():
        rows = np.array(
            [i for i, p in enumerate(photos) if p.source == name and p.role != "dropped"]
        )
        truth = [getattr(photos[i], field) for i in rows]
        classes = sorted(set(truth))
        y = np.array([classes.index(one) for one in truth], np.int64)
        unseen = np.array([photos[i].role == "held-out" for i in rows])
        x = features(backbone, precision, pixels, rows)
        found = {
            "held out": held_out(x[~unseen], y[~unseen], x[unseen], y[unseen], classes),
            "five folds": five_folds(x[unseen], y[unseen], classes),
        }
        results[name] = {"photos": int(unseen.sum()), "learnt from": int((~unseen).sum())} | {
            protocol: {key: rounded(metrics[key]) for key in SHOWN}
            for protocol, metrics in found.items()
        }
        print(spec.name, spec.input_size, name, json.dumps(results[name]), flush=True)
    return results


def rounded(interval: Interval) -> dict[str, float]:
    return {name: round(value, 4) for name, value in asdict(interval).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure paw.onnx on held-out photos.")
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--paw", type=Path, required=True)
    parser.add_argument("--size", type=int, help="another input size; nothing is written")
    parser.add_argument("--int8", action="store_true", help="in eight bits; nothing is written")
    args = parser.parse_args()
    cache = args.out / "cache"
    paw = find_backbone(str(args.paw), cache_dir=cache)
    if args.size:
        paw = replace(paw, spec=paw.spec.with_size(args.size))
    if args.int8:
        paw = in_int8(paw, args.out, cache)
    found = measure(paw, args.out, "int8" if args.int8 else "auto")
    if args.size or args.int8:
        return
    results = {"paw": {"pixels": paw.spec.input_size} | found}
    other = find_backbone("mobilenetv2_100", weights_dir=args.shared / "weights", cache_dir=cache)
    results[other.spec.name] = {"pixels": 224} | measure(other, args.out)
    report = json.dumps(results, indent=1)
    (args.out / "evaluation.json").write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
