"""Sets and abstention of a run that was trained without them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pawlens import Run, load, predict
from pawlens.errors import UsageError
from pawlens.trust import ASK

from .conftest import Command


def test_sets_of_a_run_that_was_trained_without(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "answers.csv"
    done = pawlens("predict", trained, photos, "--sets", 0.9, "--coverage", 0.5, "--out", out)
    assert done.code == 0, done
    assert "out-of-fold: sets for 90 %: hold the true label for" in done.err
    assert "out-of-fold: answers" in done.err
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert all(set(row["set"].split(";")) <= {"cat", "dog"} and row["set"] for row in rows)
    assert load(trained).answer_rules.sets is None  # the run stays as it was

    answers = predict(photos, trained, sets=0.9, coverage=0.5)
    assert answers.sets is not None
    assert [";".join(one or ()) for one in answers.sets] == [row["set"] for row in rows]
    rules = answers.answer_rules
    assert rules.sets is not None
    assert rules.sets.coverage == 0.9
    assert rules.promise == "answer 50 % of photos"
    # Thresholds are those of the run's own out-of-fold answers.
    oof = Run(trained).oof().to_pydict()
    own = sorted((oof[f"p:{label}"][k] for k, label in enumerate(oof["label"])), reverse=True)
    assert rules.sets.thresholds[0] in own
    assert sum(p >= rules.sets.thresholds[0] for p in own) >= 0.9 * len(own)


def test_a_risk_that_few_photos_cannot_promise_asks_a_person(
    pawlens: Command, trained: Path, photos: Path
) -> None:
    done = pawlens("predict", trained, photos, "--risk", 0.01)
    assert done.code == 0
    assert "answers no photo" in done.err
    assert ASK in done.out
    assert done.out.count("cat  ") + done.out.count("dog  ") >= 12  # the likeliest class stands by
    rows = json.loads(pawlens("predict", trained, photos, "--risk", 0.01, "--json").out)
    assert {row["label"] for row in rows} <= {ASK, "neither"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--risk", 0.1, "--coverage", 0.9), "leave one out"),
        (("--sets-by-class",), "needs sets"),
        (("--sets", 1.5), "above 0 and below 1"),
        (("--sets", 0.9, "--shard", "1/2"), "--out FOLDER"),
    ],
)
def test_wrong_promises_are_told(
    pawlens: Command, trained: Path, photos: Path, options: tuple[object, ...], words: str
) -> None:
    pawlens("predict", trained, photos, *options).in_one_line(words)


def test_what_has_no_out_of_fold_answers_is_told(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    for model in (trained / "model.onnx", "cats-vs-dogs"):
        done = pawlens("predict", model, photos, "--sets", 0.9)
        done.in_one_line("out-of-fold", "name a run folder")
    done = pawlens("predict", "http://127.0.0.1:9", photos, "--sets", 0.9)
    done.in_one_line("out-of-fold", "name a run folder")
    with pytest.raises(UsageError, match="a loaded model"):
        predict(photos, load(trained), sets=0.9)
