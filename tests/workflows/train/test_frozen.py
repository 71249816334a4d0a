"""Training on frozen features: what is extracted, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos
from pawlens.base._clock import Clock
from pawlens.photos import prepare_table
from pawlens.recipes import Recipe
from pawlens.workflows.train._frozen import FrozenTraining
from pawlens.workflows.train._method import Fitted, RunOptions, TrainingJob


@pytest.fixture
def training(photo_folder: Callable[..., Path], tmp_path: Path) -> FrozenTraining:
    folder = photo_folder(cat=6, dog=6)
    (folder / "cat" / "3.jpg").write_bytes(b"no photo")
    table = prepare_table(Photos.read(folder), n_folds=2, seed=0)
    options = RunOptions(Recipe(folds=2))
    training = FrozenTraining(
        TrainingJob(table, options, [], tmp_path / "cache", tmp_path / "work")
    )
    training.prepare()
    return training


def fitted(training: FrozenTraining) -> Fitted:
    return training.train(Clock(), None)


def test_a_training_may_be_called_again(training: FrozenTraining) -> None:
    first, again = fitted(training), fitted(training)
    rows = np.array([0, 5, 11])
    assert (first.matrix.extracted, again.matrix.extracted) == (11, 0)
    assert len(again.matrix.backbones) == 1
    assert np.array_equal(first.probabilities(rows), again.probabilities(rows))


def test_a_photo_without_features_has_no_answer(training: FrozenTraining) -> None:
    trained = fitted(training)
    for ask in (trained.matrix.of, trained.probabilities):
        with pytest.raises(IndexError, match="photo 3 was not extracted"):
            ask(np.array([2, 3]))
