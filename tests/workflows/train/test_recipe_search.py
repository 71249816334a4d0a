"""A search over the values of a recipe that trains a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

from pawlens import Classifier, Photos, Recipe
from pawlens.errors import RecipeError
from pawlens.recipes import Search
from pawlens.workflows.search import Study, open_storage, summary
from pawlens.workflows.train._method import RunOptions, TrainingJob
from pawlens.workflows.train._recipe_search import _Trials

from ...training.tiny import weights

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]


def recipe(space: dict[str, Any]) -> Recipe:
    phases = [
        {"do": "search", "head": None, "trials": 3, "space": space},
        {"do": "fuse"},
        {"do": "unfreeze", "blocks": 1},
        {"do": "train", "epochs": 2, "batch": 16, "early_stopping": 1},
        {"do": "calibrate"},
    ]
    return Recipe.parse({"backbones": ["test_resnet@32"], "phases": phases}, "test")


def rows(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_best_trial_is_what_ships(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    weights(tmp_path / "weights", "test_resnet")
    photos = Photos.read(photo_folder(cat=20, dog=20))
    space = {"phases.3.rate": {"log": [1e-4, 1e-2]}, "phases.3.augment": ["none", "flip"]}
    run = Classifier(recipe=recipe(space), weights_dir=tmp_path / "weights").fit(
        photos, tmp_path / "run"
    )
    search = run.metrics["search"]
    assert len(search["trials"]) == 3
    best = search["best"]
    assert best["loss"] == min(row["loss"] for row in search["trials"])
    assert best["loss"] == min(best["losses"])
    trained = [row["valid_loss"] for row in rows(run.path) if row["do"] == "train"]
    assert trained == best["losses"]  # its network was taken as it is, or is the same again
    assert run.metrics["photos"] == {"train": 28, "validates": 4, "held out": 8}
    assert not (run.path / "cache").exists()
    assert (run.path / "trials.journal").is_file()
    assert "How its values were found" in run.report_path.read_text(encoding="utf-8")


def test_a_path_that_leads_nowhere(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=10, dog=10))
    with pytest.raises(RecipeError, match=r"phases\.9\.rate"):
        Classifier(recipe=recipe({"phases.9.rate": [1e-4, 1e-3]})).fit(photos, tmp_path / "run")


def test_a_later_choice_out_of_range(tmp_path: Path, photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=10, dog=10))
    for space in (
        {"phases.3.batch": [16, -1]},
        {"phases.3.label_smoothing": {"uniform": [0, 2.0]}},
    ):
        with pytest.raises(RecipeError, match=r"phases\.3\.(batch|label_smoothing) = "):
            Classifier(recipe=recipe(space)).fit(photos, tmp_path / "run")
    assert not (tmp_path / "run" / "trials.journal").exists()


def test_a_trial_that_cannot_be_trained_or_diverges_ends_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The training is stood in for: of four trials one raises, two diverge, in part or wholly."""
    losses: dict[int, list[float | None]] = {1: [None, None], 2: [0.7, 0.6], 3: [0.5, None]}

    class Training:
        def __init__(self, job: TrainingJob, *, shared: Path) -> None:
            self._folder = job.work

        def prepare(self) -> None:
            self._folder.mkdir()

        def train_network(self, progress: object) -> Any:
            number = int(self._folder.name.split("-")[1])
            if number == 0:
                raise RecipeError("phases.2: clean would leave no photo")
            rows = [{"phase": 3, "do": "train", "valid_loss": loss} for loss in losses[number]]
            return SimpleNamespace(history=rows)

    monkeypatch.setattr("pawlens.workflows.train._recipe_search.NetworkTraining", Training)
    own = recipe({"phases.3.rate": {"log": [1e-4, 1e-2]}})
    phase = own.phases[0].model_copy(update={"trials": 4})
    assert isinstance(phase, Search)
    with Study(phase, open_storage(tmp_path / "trials.journal"), "test", seed=0) as study:
        nothing: Any = None
        job = TrainingJob(nothing, RunOptions(own), [], tmp_path, tmp_path)
        trials = _Trials(study, job, None)
        trials.run_all()
        found = summary(study)
    rows = found["trials"]
    assert [row["state"] for row in rows] == ["pruned", "pruned", "complete", "complete"]
    assert [row["loss"] for row in rows] == [None, None, 0.6, 0.5]
    assert [row.get("error", "") != "" for row in rows] == [True, False, False, False]
    assert [row.get("losses") for row in rows] == [None, *losses.values()]
    assert (found["best"]["trial"], found["best"]["best_epoch"]) == (3, 1)
    assert [one.name[:10] for one in tmp_path.glob("trial-*")] == ["trial-0003"]
    json.dumps(found, allow_nan=False)
