"""Measure paw.onnx on the fifth it never saw, next to mobilenetv2_100 on the same folds.

``python research/paw/evaluate.py --shared ../shared --out research/paw/out --paw FILE.onnx``

Frozen features, standardised, scikit-learn's logistic regression with its L2 chosen by inner
folds, five outer folds, out-of-fold answers. Writes ``evaluation.json`` into ``--out``.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import data
import numpy as np
import numpy.typing as npt
import openvino as ov
import timm
import torch
from PIL import Image
from safetensors.torch import load_file
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler

BATCH = 16
STRENGTHS = (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1, 1.0)  # C of scikit-learn
Floats = npt.NDArray[np.float32]


def mobilenet(shared: Path) -> Any:
    """Return mobilenetv2_100 to its pooled features as an OpenVINO model."""
    model = timm.create_model("mobilenetv2_100", pad_type="same", num_classes=1001)
    weights = load_file(shared / "weights" / "mobilenetv2_100.tf_in1k.safetensors")
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    model.reset_classifier(0)
    return ov.convert_model(
        model.eval(), example_input=torch.zeros(1, 3, 224, 224), input=[-1, 3, 224, 224]
    )


def compiled(model: Any) -> Any:
    """Compile for throughput in bf16, the way pawlens extracts."""
    hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "bf16"}
    return ov.Core().compile_model(model, "CPU", hints)


def features(
    model: Any, pixels: npt.NDArray[np.uint8], size: int, mean: Floats, std: Floats
) -> Floats:
    """Pooled features of whole photos, float32 [n, D], through the asynchronous queue."""
    queue = ov.AsyncInferQueue(model)
    found: dict[int, Floats] = {}
    queue.set_callback(
        lambda request, start: found.update({start: request.get_output_tensor(0).data.copy()})
    )
    for start in range(0, len(pixels), BATCH):
        squares = [
            np.asarray(Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC))
            for p in pixels[start : start + BATCH]
        ]
        x = (np.stack(squares).astype(np.float32) - mean) / std
        queue.start_async({0: np.ascontiguousarray(x.transpose(0, 3, 1, 2))}, start)
    queue.wait_all()
    return np.concatenate([found[start] for start in sorted(found)])


def speed(model: Any, size: int, seconds: float = 5.0) -> float:
    """Photos per second of the network alone, asynchronous queue, batches of 16."""
    queue = ov.AsyncInferQueue(model)
    x = np.random.default_rng(0).normal(size=(BATCH, 3, size, size)).astype(np.float32)
    queue.start_async({0: x})
    queue.wait_all()
    clock, count = time.perf_counter(), 0
    while time.perf_counter() - clock < seconds:
        queue.start_async({0: x})
        count += BATCH
    queue.wait_all()
    return count / (time.perf_counter() - clock)


def _folds(y: npt.NDArray[np.str_], k: int) -> Iterator[tuple[Any, Any]]:
    splitter = StratifiedKFold(k, shuffle=True, random_state=0)
    yield from splitter.split(y, y)


def _answers(
    x: Floats, y: npt.NDArray[np.str_], new: Floats, strength: float
) -> npt.NDArray[np.float64]:
    scaler = StandardScaler().fit(x)
    head = LogisticRegression(C=strength, max_iter=300).fit(scaler.transform(x), y)
    return head.predict_proba(scaler.transform(new))  # type: ignore[no-any-return]


def probe(x: Floats, y: npt.NDArray[np.str_], inner: int = 3) -> dict[str, float]:
    """Out-of-fold log loss and accuracy; every outer fold chooses its own L2 inside."""
    classes = np.unique(y)
    proba = np.zeros((len(y), len(classes)))
    chosen = []
    for fit, rest in _folds(y, 5):
        scores = [
            np.mean(
                [
                    log_loss(
                        y[fit][b], _answers(x[fit][a], y[fit][a], x[fit][b], c), labels=classes
                    )
                    for a, b in _folds(y[fit], inner)
                ]
            )
            for c in STRENGTHS
        ]
        chosen.append(STRENGTHS[int(np.argmin(scores))])
        proba[rest] = _answers(x[fit], y[fit], x[rest], chosen[-1])
    return {
        "photos": len(y),
        "classes": len(classes),
        "log_loss": round(float(log_loss(y, proba, labels=classes)), 4),
        "accuracy": round(float(accuracy_score(y, classes[proba.argmax(1)])), 4),
        "median_C": float(np.median(chosen)),
    }


def tasks(photos: list[data.Photo]) -> dict[str, tuple[list[int], list[str]]]:
    """Name -> indices and truth. All but the last use held-out photos only."""

    def pick(source: str, field: str, everyone: bool = False) -> tuple[list[int], list[str]]:
        rows = [
            i
            for i, p in enumerate(photos)
            if p.source == source and (everyone or p.role == "held-out")
        ]
        return rows, [getattr(photos[i], field) for i in rows]

    return {
        "dogs-vs-cats, held out": pick("dogs-vs-cats", "animal"),
        "cat-12, held out": pick("cat-12", "breed"),
        "pets, held out": pick("pets", "breed"),
        "dogs-vs-cats, all (paw learned from four fifths of them)": pick(
            "dogs-vs-cats", "animal", everyone=True
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure paw.onnx on held-out photos.")
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--paw", type=Path, required=True)
    parser.add_argument("--only-held-out", action="store_true", help="skip the 8,800")
    args = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    photos, pixels = data.load(args.out)
    models: dict[str, tuple[Any, int, Floats, Floats]] = {}
    graph = ov.Core().read_model(args.paw)
    mean = np.array([123.675, 116.28, 103.53], np.float32)
    std = np.array([58.395, 57.12, 57.375], np.float32)
    models["paw"] = compiled(graph), graph.input(0).partial_shape[2].get_length(), mean, std
    half = np.full(3, 127.5, np.float32)
    models["mobilenetv2_100"] = compiled(mobilenet(args.shared)), 224, half, half
    results: dict[str, Any] = {}
    for name, (model, size, centre, spread) in models.items():
        results[name] = {"photos_per_second": round(speed(model, size), 1)}
        for task, (rows, truth) in tasks(photos).items():
            if args.only_held_out and "held out" not in task:
                continue
            x = features(model, pixels[rows], size, centre, spread)
            results[name][task] = probe(x, np.array(truth))
            print(name, task, results[name][task], flush=True)
    report = json.dumps(results, indent=1)
    (args.out / "evaluation.json").write_text(report + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
