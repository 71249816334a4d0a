"""The head from blocks of a mapped file is the head in memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pawlens import Classifier, Recipe
from pawlens.base import _room
from pawlens.heads import LogisticFit, _solver, fit_logistic

from .clusters import clusters


@pytest.mark.parametrize("classes", [2, 4])
def test_as_in_memory_in_one_block(
    classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that fill no whole number of blocks; the log loss is the same to 5e-5.

    Sums of 32-bit products in another order move the point at which the optimiser stops, by what
    depends on the processor: up to 3e-5 for these 1,700 points, less for more of them.
    """
    features, labels, fold = clusters(1700, classes, dim=40)
    path = tmp_path / "features.f32"
    path.write_bytes(features.tobytes())
    mapped = np.memmap(path, np.float32, "r", shape=features.shape)

    def fit(values: Any, rows: int) -> LogisticFit:
        monkeypatch.setattr(_solver, "_BLOCK_ROWS", rows)
        return fit_logistic(values, labels, fold, n_classes=classes)

    whole, blocks = fit(features, len(features)), fit(mapped, 512)
    assert blocks.l2 == whole.l2
    assert len(blocks.rows) == len(whole.rows)
    for one, other in zip(blocks.rows, whole.rows, strict=True):
        assert one["log_loss"] == pytest.approx(other["log_loss"], abs=5e-5)
    losses = [
        -np.log(np.exp(f.logits)[np.arange(1700), labels] / np.exp(f.logits).sum(axis=1)).mean()
        for f in (whole, blocks)
    ]
    assert losses[0] == pytest.approx(losses[1], abs=5e-5)
    again = fit(np.array(mapped), 512)
    assert np.array_equal(again.logits, blocks.logits)


def test_a_run_whose_features_are_mapped_is_the_same(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photo_folder(cat=24, dog=24)
    recipe = Recipe(folds=3, precision="f32")

    def run(name: str) -> tuple[Any, Any]:
        found = Classifier(recipe=recipe, cache_dir=tmp_path / name).fit(
            folder, tmp_path / f"{name}-run"
        )
        return found.metrics, found.oof().to_pylist()

    in_memory = run("memory")
    monkeypatch.setattr(_room, "_MOST_IN_MEMORY", 0)
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "mapped"))
    assert run("files") == in_memory
