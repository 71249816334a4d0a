"""Phases run in order, stop anywhere, and end with the same weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from pawlens.errors import RecipeError, RunError
from pawlens.recipes import Recipe
from pawlens.training import _loop
from pawlens.training._checkpoint import load_checkpoint, save_checkpoint
from pawlens.training._network import load_bodies
from pawlens.training._session import Session

from .tiny import backbone, place, prepared, recipe

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]

PHASES: dict[str, list[dict[str, object]]] = {
    "find_rate": [
        {"do": "find_rate", "steps": 20, "sweeps": 2},
        {"do": "train", "batch": 16, "rate": 0.01},
    ],
    "clean": [
        {"do": "train", "batch": 16, "epochs": 2, "rate": 0.01},
        {"do": "clean", "below": 0.2},
        {"do": "train", "batch": 16, "rate": 0.01},
    ],
    "cache_split": [
        {"do": "unfreeze", "blocks": 1},
        {"do": "cache_split", "blocks": 1},
        {"do": "train", "batch": 16, "epochs": 2, "optimizer": "adam"},
    ],
    "train": [
        {"do": "unfreeze", "batch_norm": "trained"},
        {
            "do": "train", "batch": 16, "schedule": "sgdr", "cycles": 2, "augment": "strong",
            "ema": 0.9, "mixup": 0.2, "optimizer": "sgd", "rate": 0.05, "rates": [0.1, 0.5, 1],
        },
    ],
    "plateau": [
        {"do": "unfreeze", "blocks": 2},
        {
            "do": "train", "batch": 16, "epochs": 4, "schedule": "plateau", "patience": 1,
            "early_stopping": 2, "rate": 0.3, "optimizer": "sgd", "clip_norm": 1,
        },
    ],
}  # fmt: skip


PATIENCE = 600  # seconds for ten kills; idle they take a tenth of that


class Killed(BaseException):
    """What no code under test catches."""


def run(given: Recipe, folder: Path, photos: Path, stop: int | None = None) -> Session:
    """Run a recipe; with `stop`, die at that call of the progress callback."""
    calls = 0

    def note(label: str, done: int, whole: int) -> None:
        nonlocal calls
        calls += 1
        if stop is not None and calls > stop:
            raise Killed

    session = Session(given, prepared(photos), place(folder, [backbone()]), note)
    session.run()
    session.calls = calls  # type: ignore[attr-defined]
    return session


def weights_of(session: Session) -> dict[str, torch.Tensor]:
    return dict(session.network.state_dict())


@pytest.mark.parametrize("phases", PHASES.values(), ids=PHASES)
def test_a_training_that_breaks_off_again_and_again_ends_with_the_same_weights(
    phases: list[dict[str, object]],
    tmp_path: Path,
    photo_folder: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos = photo_folder(cat=24, dog=24)
    given = recipe(*phases, seed=3)
    whole = run(given, tmp_path / "whole", photos)
    monkeypatch.setattr(_loop, "_EVERY", 0.0)  # a checkpoint after every step
    folder = tmp_path / "killed"
    kills = 0
    for stop in np.random.default_rng(0).integers(0, 3, 10).tolist():
        try:  # each goes on from what the one before left
            run(given, folder, photos, stop=stop)
        except Killed:
            kills += 1
    assert kills >= 4
    resumed = run(given, folder, photos)
    for key, value in weights_of(whole).items():
        assert torch.equal(value, weights_of(resumed)[key]), key
    plain = [{k: v for k, v in row.items() if k != "seconds"} for row in whole.history]
    assert [{k: v for k, v in row.items() if k != "seconds"} for row in resumed.history] == plain


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_training_that_dies_before_a_validation_does_that_first(
    epochs: int, tmp_path: Path, photo_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {"batch": 16, "epochs": epochs, "rate": 0.3, "schedule": "plateau", "patience": 1}
    given, photos = recipe({"do": "train", **plan}), photo_folder(cat=12, dog=12)
    whole = run(given, tmp_path / "whole", photos)
    monkeypatch.setattr(_loop, "_EVERY", 0.0)
    end = _loop.Trainer._end_epoch
    for dies_in in range(epochs):

        def broken(trainer: _loop.Trainer, epoch: int, dies_in: int = dies_in) -> None:
            if epoch == dies_in:
                raise Killed
            end(trainer, epoch)

        monkeypatch.setattr(_loop.Trainer, "_end_epoch", broken)
        with pytest.raises(Killed):
            run(given, tmp_path / "killed", photos)
    monkeypatch.setattr(_loop.Trainer, "_end_epoch", end)
    resumed = run(given, tmp_path / "killed", photos)
    assert [row.get("valid_loss") for row in resumed.history] == [
        row.get("valid_loss") for row in whole.history
    ]
    assert [row.get("epoch") for row in resumed.history] == [*range(1, epochs + 1), None]
    for key, value in weights_of(whole).items():
        assert torch.equal(value, weights_of(resumed)[key]), key


def test_a_checkpoint_without_its_validations_is_refused(
    tmp_path: Path, photo_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    given, photos = recipe({"do": "train", "batch": 16, "epochs": 3}), photo_folder(cat=12, dog=12)
    monkeypatch.setattr(_loop, "_EVERY", 0.0)
    end = _loop.Trainer._end_epoch

    def broken(trainer: _loop.Trainer, epoch: int) -> None:
        if epoch == 1:
            raise Killed
        end(trainer, epoch)

    monkeypatch.setattr(_loop.Trainer, "_end_epoch", broken)
    with pytest.raises(Killed):
        run(given, tmp_path, photos)
    (path,) = tmp_path.glob("work/*/phase-01.pt")
    values = load_checkpoint(path)
    values["state"]["rows"] = []
    save_checkpoint(path, values)
    with pytest.raises(RunError, match=r"phase-01\.pt: validations of this phase are missing"):
        run(given, tmp_path, photos)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.parametrize("phases", PHASES.values(), ids=PHASES)
def test_a_training_killed_ten_times_ends_with_the_same_weights(
    phases: list[dict[str, object]], tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    one = backbone()
    known = [one.spec.to_json(), str(one.path), one.weights_hash, str(one.weights)]
    texts = json.dumps([{"do": "fuse", "dropout": 0.2}, *phases]), json.dumps(known)
    photos = str(photo_folder(cat=24, dog=24))
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.killed", texts[0], photos, texts[1], str(tmp_path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["kills"] == 10, found
    assert found["tensors"] >= 2
    assert found["unequal"] == [], found


def test_other_photos_do_not_go_on_from_what_these_left(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    given = recipe({"do": "train", "batch": 8, "epochs": 2})
    run(given, tmp_path, photo_folder(cat=12, dog=12))
    others = photo_folder("others", seed=1, cat=13, dog=12)
    after, fresh = (run(given, folder, others) for folder in (tmp_path, tmp_path / "fresh"))
    for key, value in weights_of(fresh).items():
        assert torch.equal(value, weights_of(after)[key]), key


def test_frozen_bodies_keep_weights_and_statistics(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    given = recipe(
        {"do": "freeze"}, {"do": "train", "batch": 16, "augment": "light", "optimizer": "adam"}
    )
    session = run(given, tmp_path, photo_folder(cat=12, dog=12))
    (fresh,) = load_bodies([backbone()])
    for key, value in fresh.state_dict().items():
        assert torch.equal(value, session.network.bodies[0].state_dict()[key]), key
    assert not session.changed


def test_blocks_before_those_opened_stay(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    phases: list[dict[str, object]] = [
        {"do": "unfreeze", "blocks": 1},
        {"do": "train", "batch": 16, "augment": "flip"},
    ]
    session = run(recipe(*phases), tmp_path, photo_folder(cat=12, dog=12))
    before, after = (
        dict(body.named_parameters())
        for body in (load_bodies([backbone()])[0], session.network.bodies[0])
    )
    moved = {key for key in before if not torch.equal(before[key], after[key])}
    assert moved
    assert all(key.startswith("layer4") for key in moved)


def test_a_network_learns_what_a_linear_head_on_random_features_cannot(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    given = recipe(
        {"do": "unfreeze", "batch_norm": "trained"},
        {"do": "train", "epochs": 12, "batch": 16, "rate": 3e-3, "schedule": "one_cycle"},
    )
    session = run(given, tmp_path, photo_folder(cat=40, dog=40))
    losses = [row["valid_loss"] for row in session.history if row["do"] == "train"]
    assert losses[-1] < 0.3 < losses[0]


def test_a_logistic_start_answers_as_the_default_head_does(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    data = prepared(photo_folder(cat=24, dog=24))
    given = Recipe.parse({"phases": [{"do": "fuse", "init": "logistic"}]}, "test")
    session = Session(given, data, place(tmp_path, [backbone()]))
    session.run()
    accuracy = (session.logits(data.valid).argmax(1) == data.labels[data.valid]).mean()
    assert accuracy >= 0.75
    assert session.network.head.exported().unit


def test_what_is_cleaned_is_named_and_no_longer_trains(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    photos, learnt = photo_folder(cat=24, dog=24), {"do": "train", "batch": 8, "epochs": 4}
    before = run(recipe(learnt), tmp_path / "before", photos)
    rows = before.data.train
    proba = torch.from_numpy(before.logits(rows)).softmax(1).numpy()
    beliefs = np.sort(proba[np.arange(len(rows)), before.data.labels[rows]])
    given = recipe(learnt, {"do": "clean", "below": float(beliefs[2:4].mean())}, learnt)
    session = run(given, tmp_path / "after", photos)
    (row,) = (row for row in session.history if row["do"] == "clean")
    assert row["set_aside"] == len(row["photos"]) == 3
    assert len(session.train_rows) == len(session.data.train) - row["set_aside"]


def test_a_clean_that_empties_a_class_is_one_line(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    with pytest.raises(
        RecipeError, match=r"phases\.1: clean below 0\.99 would leave no photo of class '"
    ):
        run(
            recipe({"do": "clean", "below": 0.99}, {"do": "train"}),
            tmp_path,
            photo_folder(cat=8, dog=8),
        )
