"""``pawlens tune``: a search that ends in a run like every other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("optuna")

from pawlens import Photos, load
from pawlens.runs import Run

from ..striped import fill
from .conftest import Command


def test_a_search_ends_in_a_run(pawlens: Command, tmp_path: Path) -> None:
    photos, out = fill(tmp_path / "photos", 20), tmp_path / "run"
    words = ("--trials", 6, "--set", "phases.0.epochs=6", "--set", "phases.0.together=3")
    found = pawlens("tune", photos, *words, "--out", out)
    assert (found.code, found.err) == (0, "")
    first, *lines = found.out.splitlines()
    assert first.startswith("6 trials; the best is trial ")
    assert "chosen by its out-of-fold loss" in first
    held = [line for line in lines if line.startswith("held out: ")]
    assert [line.split()[2] for line in held] == ["log", "accuracy"]
    assert all(line.count(" to ") == 3 for line in held)  # both, and the paired difference
    run = Run(out)
    search = run.metrics["search"]
    assert run.metrics["photos"] == {"train": 32, "held out": 8}
    assert run.metrics["evaluated"] == {"photos": 8, "on": "one held-out fold of 5"}
    assert len(search["trials"]) == 6
    assert search["best"]["loss"] == min(row["loss"] for row in search["trials"])
    gap = search["against_default"]["difference"]
    losses = search["against_default"]["log_loss"]
    assert losses["best"]["value"] == pytest.approx(run.log_loss)
    assert gap["value"] == pytest.approx(losses["best"]["value"] - losses["default"]["value"])
    right = search["against_default"]["accuracy"]
    assert right["best"]["value"] == pytest.approx(run.accuracy)
    assert search["against_default"]["accuracy_difference"]["value"] == pytest.approx(
        right["best"]["value"] - right["default"]["value"]
    )
    assert gap["low"] <= gap["value"] <= gap["high"]
    assert len((out / "history.jsonl").read_text().splitlines()) == 7
    assert (out / "trials.journal").is_file()
    page = run.report_path.read_text(encoding="utf-8")
    assert "How its values were found" in page
    for plot in ("history", "importance", "slices", "parallel"):
        assert f'id="search-{plot}-' in page
    assert load(out).predict_proba(Photos.read(photos)).shape == (40, 2)


def test_json_and_train_are_the_same_search(pawlens: Command, tmp_path: Path) -> None:
    photos = fill(tmp_path / "photos", 10)
    space = "{log: [0.001, 0.1]}"
    recipe = tmp_path / "mine.yaml"
    recipe.write_text(
        "folds: 3\nphases:\n- do: search\n  head: mlp\n  trials: 3\n  epochs: 5\n  pruner: asha\n"
        f"  space: {{rate: {space}, hidden: [[], [8]], batch_norm: [false, true]}}\n"
        "- {do: calibrate, clip: 0.01}\n"
    )
    tuned = pawlens("tune", photos, "--recipe", recipe, "--out", tmp_path / "a", "--json")
    trained = pawlens("train", photos, "--recipe", recipe, "--out", tmp_path / "b", "--json")
    assert (tuned.code, trained.code) == (0, 0)
    one, other = (json.loads(found.out) for found in (tuned, trained))
    assert one["out_of_fold"] == other["out_of_fold"]
    values = [[row["values"] for row in found["search"]["trials"]] for found in (one, other)]
    assert values[0] == values[1]
    assert one["clip"] == 0.01


def test_wrong_use_is_one_line(pawlens: Command, photos: Path) -> None:
    pawlens("tune", photos, "--recipe", "default").in_one_line(
        "recipe default: none of its phases is a search", "b-fused-search"
    )
    pawlens("tune", photos, "--head", "deep").in_one_line("head = 'deep'", "'dense' or 'mlp'")
    pawlens("tune", photos, "--set", "phases.0.space.rate=0").in_one_line(
        "phases.0: space.rate: numbers above 0"
    )
    pawlens("tune", photos, "--storage", "nosuch://here").in_one_line("--storage")
