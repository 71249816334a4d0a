"""``pawlens evaluate``: numbers only from photos that the model did not learn from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import onnx
import pytest

from ..striped import fill
from .conftest import Command


def without_note(run: Path, folder: Path) -> Path:
    """The run as an older pawlens left it: a graph that says nothing of its photos."""
    shutil.copytree(run, folder)
    model = onnx.load(folder / "model.onnx")
    gone = ("pawlens.trained_on", "pawlens.sha256")
    kept = [p for p in model.metadata_props if p.key not in gone]
    assert len(kept) == len(model.metadata_props) - 2
    del model.metadata_props[:]
    model.metadata_props.extend(kept)
    onnx.save(model, folder / "model.onnx")
    return folder


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Twelve photos of the run, under other names, and ten others."""
    photos = fill(tmp_path / "mixed", 6)
    for label in ("cat", "dog"):
        for i in range(6):
            (photos / label / f"{i}.jpg").rename(photos / label / f"old{i}.jpg")
    return fill(photos, 5, start=70)


def test_its_own_photos_are_refused(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    own = trained.parent / "photos"
    for model in (trained, trained / "model.onnx"):
        pawlens("evaluate", model, own).in_one_line("learnt from all 24 photos", str(own))
    older = without_note(trained, tmp_path / "older")
    pawlens("evaluate", older, own).in_one_line("learnt from all 24 photos")


@pytest.mark.parametrize("alone", [True, False])
def test_photos_of_the_training_are_left_out(
    pawlens: Command, trained: Path, mixed: Path, tmp_path: Path, alone: bool
) -> None:
    model = trained
    if alone:
        model = tmp_path / "alone.onnx"
        shutil.copy(trained / "model.onnx", model)
    found = pawlens("evaluate", model, mixed)
    assert found.code == 0
    assert found.out.startswith("10 photos\n")
    assert found.err.startswith("left out: 12 photos that the model learnt from")
    told = json.loads(pawlens("evaluate", model, mixed, "--json").out)
    assert (told["photos"], told["trained_on"]) == (10, 12)


def test_an_older_model_alone_cannot_say(
    pawlens: Command, trained: Path, mixed: Path, tmp_path: Path
) -> None:
    older = without_note(trained, tmp_path / "older")
    assert pawlens("evaluate", older, mixed).out.startswith("10 photos\n")
    found = pawlens("evaluate", older / "model.onnx", mixed)
    assert found.out.startswith("22 photos\n")
    assert "cannot be known" in found.err
    told = json.loads(pawlens("evaluate", older / "model.onnx", mixed, "--json").out)
    assert told["trained_on"] is None


def test_photos_that_cannot_be_read_besides_those_of_the_training(
    pawlens: Command, trained: Path, tmp_path: Path
) -> None:
    photos = fill(tmp_path / "few", 2)
    (photos / "cat" / "torn.jpg").write_bytes(b"no photo")
    pawlens("evaluate", trained, photos).in_one_line(
        "no labelled photo that can be read besides 4 that the model learnt from"
    )


def test_an_ensemble_knows_the_photos_of_its_members(
    pawlens: Command, trained: Path, mixed: Path, tmp_path: Path
) -> None:
    from pawlens import Classifier, Photos, ensemble

    photos = Photos.read(trained.parent / "photos")
    other = Classifier(folds=2, class_weights="balanced", cache_dir=trained.parent / "cache")
    run = ensemble([trained, other.fit(photos, tmp_path / "other")], tmp_path / "ensemble")
    alone = tmp_path / "both.onnx"
    shutil.copy(run.model_path, alone)
    pawlens("evaluate", alone, trained.parent / "photos").in_one_line("learnt from all 24 photos")
    told = json.loads(pawlens("evaluate", alone, mixed, "--json").out)
    assert (told["photos"], told["trained_on"]) == (10, 12)
