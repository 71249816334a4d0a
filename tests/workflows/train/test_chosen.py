"""Runs whose backbones are chosen first, from photos to the run folder and the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import pytest

from pawlens import Classifier, Run, load
from pawlens.backbones import Backbone
from pawlens.backbones._onnx import SPEC_KEY, get_meta, set_meta
from pawlens.backbones._spec import BackboneSpec
from pawlens.errors import RecipeError, RunError, UsageError
from pawlens.workflows.train import _classifier
from pawlens.workflows.train.auto import Deadline


@pytest.fixture
def restricted(paw: Backbone, tmp_path: Path) -> Path:
    """The bundled graph as a file of one's own, whose licence forbids to sell it."""
    model = onnx.load(str(paw.path))
    spec = BackboneSpec.from_json(get_meta(model, SPEC_KEY) or "")
    own = replace(spec, name="mine", licence="cc-by-nc-4.0")
    set_meta(model, {SPEC_KEY: own.to_json()})
    path = tmp_path / "mine.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def test_a_time_gives_a_run_that_tells_of_its_choice(
    photo_folder: Callable[..., Path], restricted: Path, tmp_path: Path
) -> None:
    folder = photo_folder(cat=12, dog=12)
    classifier = Classifier([str(restricted)], folds=2, time="10m", cache_dir=tmp_path / "cache")
    run = classifier.fit(folder, tmp_path / "run")
    choice = run.choice
    assert choice is not None
    assert choice["backbones"] == ["paw"] == run.recipe["backbones"]  # the same graph adds nothing
    names = [row["backbones"] for row in choice["tried"]]
    assert names[0] == ["paw"]
    assert names[1:] == [[str(restricted)], [str(restricted)]]
    assert "(weights: non-commercial)" in choice["tried"][1]["why"]
    assert choice["tried"][2]["difference"]["value"] == pytest.approx(0, abs=1e-6)
    assert 0 < choice["spent"] < choice["given"] == 600
    report = run.report_path.read_text(encoding="utf-8")
    assert "How its backbones were chosen" in report
    assert choice["in_words"] in report
    (run.path / "choice.json").write_text("{}")
    with pytest.raises(RunError, match=r"choice\.json"):
        _ = Run(run.path).choice


def test_the_training_after_a_choice_knows_when_the_time_is_over(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Late(Deadline):
        """The time is over as soon as the choice is made."""

        def until(self, kept: float, progress: Any) -> Any:
            return lambda *_: None

        @property
        def left(self) -> float:
            return 0.0

    monkeypatch.setattr(_classifier, "Deadline", Late)
    run = Classifier(folds=2, time="10m").fit(photo_folder(cat=4, dog=4), tmp_path / "run")
    (note,) = [note for note in run.metrics["notes"] if note.startswith("Left out")]
    assert "slices" in note
    assert note in run.report_path.read_text(encoding="utf-8")


def test_without_a_cache_the_choice_keeps_nothing(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run = Classifier(["auto"], folds=2, cache_dir=False).fit(photo_folder(cat=6, dog=6))
    assert run.choice is not None
    assert run.choice["given"] == 600
    assert run.recipe["backbones"] == ["paw"]
    assert not (run.path / "cache").exists()


def test_a_run_without_a_choice_says_nothing_of_one(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    run = Classifier(folds=2).fit(photo_folder(cat=4, dog=4), tmp_path / "run")
    assert run.choice is None
    assert "How its backbones were chosen" not in run.report_path.read_text(encoding="utf-8")
    assert not run.metrics["notes"] or "licence" not in " ".join(run.metrics["notes"])


def test_weights_that_may_not_be_sold_are_marked_wherever_they_go(
    photo_folder: Callable[..., Path], restricted: Path, tmp_path: Path
) -> None:
    run = Classifier([str(restricted)], folds=2).fit(photo_folder(cat=4, dog=4), tmp_path / "run")
    note = "The weights of mine are under cc-by-nc-4.0, non-commercial"
    assert any(one.startswith(note) for one in run.metrics["notes"])
    assert note in run.report_path.read_text(encoding="utf-8")
    entries = {one.key: one.value for one in onnx.load(str(run.model_path)).metadata_props}
    assert json.loads(entries["pawlens.licences"]) == {"mine": "cc-by-nc-4.0 (non-commercial)"}
    assert load(run.model_path).facts.backbones[0].licence == "cc-by-nc-4.0"


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"time": "soon"}, UsageError, "write it as 90s"),
        ({"time": "1m", "recipe": "finetune"}, RecipeError, "without phases"),
        ({"time": "1m", "labels": "several"}, RecipeError, "labels: one"),
    ],
)
def test_what_cannot_be_chosen_is_refused_before_any_photo_is_read(
    settings: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Classifier(**settings).fit("no such folder")  # type: ignore[arg-type]
