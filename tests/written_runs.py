"""Run folders written by hand, whose answers and flaws are known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from pawlens import Recipe, Run

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Row = dict[str, Any]


def answers(y: Ints, skill: float, noise: Floats) -> Floats:
    """Calibrated-looking probabilities [n, 2] that know the truth the better the more skill."""
    logit = skill * (2 * y - 1) + noise
    p = 1 / (1 + np.exp(-skill * logit))
    return np.column_stack([1 - p, p])


def write_run(
    folder: Path,
    y: Ints,
    proba: Floats,
    *,
    classes: Sequence[str] = ("cat", "dog"),
    names: Sequence[str] | None = None,
    contents: Sequence[str] | None = None,
    group: Ints | None = None,
    fold: Ints | None = None,
    answered: Ints | None = None,
    role: Sequence[str] | None = None,
    on: str = "out-of-fold, 5 folds",
    history: Sequence[dict[str, Any]] = (),
    **recipe: Any,
) -> Run:
    """A finished run that answered photos of classes `y` with `proba`, or some rows of them."""
    n = len(y)
    folder.mkdir(parents=True)
    paths = list(names or (f"photo.{i}.jpg" for i in range(n)))
    labels = [classes[one] for one in y]
    fold = np.arange(n) % 5 if fold is None else fold
    photos = {
        "path": paths,
        "sha256": list(contents or (f"{i:064x}" for i in range(n))),
        "labels": [[one] for one in labels],
        "given_labels": [[one] for one in labels],
        "decision": [""] * n,
        "reason": [""] * n,
        "findings": pa.array([[]] * n, pa.list_(pa.string())),
        "split": [None] * n,
        "role": list(role or ["train"] * n),
        "fold": fold,
        "group": np.arange(n) if group is None else group,
    }
    oof = {"path": paths, "label": labels, "fold": fold}
    oof |= {f"p:{name}": proba[:, number] for number, name in enumerate(classes)}
    pq.write_table(pa.table(photos), folder / "photos.parquet")
    rows = np.arange(n) if answered is None else answered
    pq.write_table(pa.table(oof).take(rows), folder / "oof.parquet")
    (folder / "recipe.yaml").write_text(Recipe(**recipe).to_yaml(), encoding="utf-8")
    facts = {"extracted": n, "seconds": {"scan": 1.0, "features": 4.0}}
    for name, content in (
        ("classes.json", list(classes)),
        ("metrics.json", {"evaluated": {"photos": len(rows), "on": on}}),
        ("environment.json", facts),
    ):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    lines = "".join(json.dumps(row) + "\n" for row in history)
    (folder / "decisions.jsonl").write_text("", encoding="utf-8")
    (folder / "history.jsonl").write_text(lines, encoding="utf-8")
    (folder / "model.onnx").write_bytes(b"x" * 2_000_000)
    (folder / "report.html").write_text("", encoding="utf-8")
    return Run(folder)


def train_rows(
    phase: int, loss: list[float | None], rate: list[float], planned: int = 0
) -> list[Row]:
    """Rows of a phase with one value of `rate` an iteration, evenly dealt over its epochs."""
    per_epoch = len(rate) // len(loss)
    rows: list[Row] = [
        {
            "phase": phase,
            "do": "train",
            "epoch": epoch,
            "epochs": planned or len(loss),
            "step": epoch * per_epoch,
            "train_loss": one,
            "valid_loss": one,
            "valid_accuracy": None if one is None else 1 - one / 10,
            "rate": rate[epoch * per_epoch - 1],
            "seconds": 30.0 * epoch,
        }
        for epoch, one in enumerate(loss, start=1)
    ]
    return [*rows, {"phase": phase, "do": "rates", "rates": [list(p) for p in enumerate(rate)]}]
