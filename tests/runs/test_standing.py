"""What stands beside the numbers of a run: baseline, held-out splits, and what to doubt."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pawlens.metrics import Interval
from pawlens.runs import Standing, rare_classes

from ..written_runs import answers, write_run

LOSS = Interval(0.1, 0.05, 0.2)


def standing(
    cats: int, dogs: int, right: Interval, held: Interval | None = None, held_cats: int = 10
) -> Standing:
    labels = [["cat"]] * cats + [["dog"]] * dogs
    parts = ["train"] * len(labels)
    if held:
        labels += [["cat"]] * held_cats + [["dog"]] * (20 - held_cats)
        parts += ["test"] * 20
    own = {"accuracy": right, "log_loss": LOSS}
    split = {"test": {"accuracy": held, "log_loss": LOSS}} if held else {}
    return Standing.of(["cat", "dog"], labels, parts, own, split)


def test_a_sound_run_has_nothing_to_doubt() -> None:
    found = standing(40, 40, Interval(0.98, 0.95, 0.99), Interval(0.97, 0.9, 0.99))
    assert found.notes == []
    assert (found.baseline.answer, found.baseline.right) == ("cat", 0.5)
    (test,) = found.held_out
    assert (test.split, test.photos, test.baseline.right) == ("test", 20, 0.5)


def test_held_out_photos_that_are_answered_worse_are_named_with_reasons() -> None:
    found = standing(70, 30, Interval(0.98, 0.95, 0.99), Interval(0.6, 0.4, 0.8))
    (note,) = found.notes
    assert note.startswith("On the held-out test photos 60.0 % (40.0 to 80.0) are right, below")
    assert "95.0 to 99.0 %. That is more than luck." in note
    assert "--group" in note
    assert "is on 50 % of these photos and on " in note
    assert "pawlens explore PHOTOS" in note


def test_luck_and_easier_photos_are_told_apart_from_worse_ones() -> None:
    (luck,) = standing(40, 40, Interval(0.9, 0.85, 0.95), Interval(0.8, 0.6, 0.9)).notes
    assert "Luck may be part of it" in luck
    assert "% of those that trained" not in luck
    (above,) = standing(40, 40, Interval(0.9, 0.85, 0.95), Interval(1.0, 0.96, 1.0)).notes
    assert "above the range" in above
    assert "may be easier" in above
    assert "--group" not in above


def test_what_is_no_better_than_always_the_commonest_class_is_said() -> None:
    notes = standing(300, 6, Interval(0.997, 0.975, 0.999)).notes
    assert any("not measurably better than “always cat: 98.0 %”" in note for note in notes)
    assert not any("better than" in n for n in standing(300, 30, Interval(0.99, 0.97, 1)).notes)


def test_few_photos_and_uneven_classes_come_with_what_to_do() -> None:
    few, uneven = rare_classes(["cat", "dog"], [["cat"]] * 300 + [["dog"]] * 6)
    assert few.startswith("1 class of 2 with fewer than 20 photos: dog (6).")
    assert "dog is on 2.0 % of the photos, cat on 98.0 %" in uneven
    assert "--class-weights balanced" in uneven
    assert rare_classes(["cat", "dog"], [["cat"]] * 100 + [["dog"]] * 20) == []
    names = [f"breed {i}" for i in range(6)]
    (listed,) = rare_classes(names, [[name] for name in names for _ in range(10)])
    assert "6 classes of 6 with fewer than 20 photos" in listed
    assert "and 3 more" in listed


def test_labels_are_told_as_labels() -> None:
    rows = [["cat", "dog"]] * 30 + [["cat"]] * 170
    (uneven,) = rare_classes(["cat", "dog"], rows, several=True)
    assert "dog is on 15.0 % of the photos, cat on 100.0 %" in uneven
    assert "F1" in uneven
    own = {"subset_accuracy": Interval(0.98, 0.95, 0.99), "log_loss": LOSS}
    found = Standing.of(["cat", "dog"], rows, ["train"] * 200, own, {})
    assert (found.right, found.baseline.answer, found.baseline.right) == (
        "subset_accuracy",
        "cat",
        0.85,
    )


def test_a_held_out_fold_is_what_the_baseline_is_measured_on() -> None:
    labels = [["cat"]] * 60 + [["dog"]] * 40
    parts = ["train"] * 60 + ["held out"] * 40
    own = {"accuracy": Interval(0.98, 0.95, 0.99), "log_loss": LOSS}
    found = Standing.of(["cat", "dog"], labels, parts, own, {})
    assert (found.baseline.answer, found.baseline.right) == ("dog", 1.0)


def test_a_run_shows_it_in_a_notebook(tmp_path: Path) -> None:
    y = np.arange(60) % 3 // 2
    run = write_run(tmp_path / "run", y, answers(y, 2.0, np.zeros(60)))
    shares = {"value": 0.9, "low": 0.8, "high": 0.95}
    metrics = {"accuracy": shares, "log_loss": shares}
    facts = {"evaluated": {"photos": 60, "on": "out-of-fold"}, "out_of_fold": metrics}
    (tmp_path / "run" / "metrics.json").write_text(json.dumps(facts))
    assert run.standing.baseline.right == pytest.approx(2 / 3)
    assert "always cat: 66.7 %" in str(run._repr_html_())
