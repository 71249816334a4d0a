"""A run finds the rules of its answers, and its model gives them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from pawlens import Classifier, load
from pawlens.errors import UsageError
from pawlens.trust import AnswerRules, LabelSets, cost_matrix
from pawlens.workflows.targets._signature import describe_answers


def test_a_run_keeps_its_rules(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = photo_folder(cat=24, dog=24)
    asked = {"sets": 0.8, "coverage": 0.75, "costs": {"dog": {"cat": 3.0}}, "neither": 0.1}
    run = Classifier(folds=3, cache_dir=tmp_path / "cache", **asked).fit(folder, tmp_path / "run")  # type: ignore[arg-type]
    facts = run.metrics["trust"]
    assert facts["sets"]["promised"] == 0.8
    assert set(facts["sets"]["classes"]) == {"cat", "dog"}
    assert facts["sets"]["covered"]["value"] >= 0.7
    assert facts["abstention"]["answered"]["value"] == pytest.approx(0.75, abs=0.15)
    assert facts["neither"]["false_alarms"] == 0.1
    assert 0 <= facts["true_labels"]["accuracy"]["low"] <= facts["true_labels"]["accuracy"]["high"]
    assert "What is behind one answer" in run.report_path.read_text(encoding="utf-8")

    model = load(run.path)
    assert model.answer_rules.costs == ((0.0, 1.0), (3.0, 0.0))
    answers = model.answer(folder)
    assert answers.sets is not None
    assert all(answers.sets)
    assert answers.neither is not None
    assert np.mean(answers.neither >= 0.5) < 0.3
    rows = list(csv.DictReader(io.StringIO(answers.to_csv() or "")))
    assert list(rows[0])[:4] == ["path", "status", "label", "set"]
    assert list(rows[0])[-1] == "neither_score"
    assert rows[0]["set"].split(";") == list(answers.sets[0] or ())
    assert {row["label"] for row in rows} <= {"cat", "dog", "neither", "ask a person"}


def test_a_cost_of_no_class_is_told_before_training(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    classifier = Classifier(folds=3, cache_dir=tmp_path / "cache", costs={"owl": {"cat": 3.0}})
    with pytest.raises(UsageError, match="'owl' is no class"):
        classifier.fit(photo_folder(cat=6, dog=6), tmp_path / "run")


@pytest.mark.skipif(shutil.which("node") is None, reason="no node on this machine")
def test_the_web_app_answers_by_the_same_rules() -> None:
    rng = np.random.default_rng(0)
    classes, proba, scores = ["a", "b", "c"], rng.dirichlet([1, 1, 1], 200), rng.random(200)
    rules = AnswerRules(
        LabelSets(0.9, (0.2, 0.3, 0.4), by_class=True),
        0.45,
        "",
        cost_matrix({"a": {"b": 5.0}}, classes),
        0.01,
    )
    signature = {"classes": classes, **describe_answers(rules, score=True)}
    script = (
        files("pawlens.workflows.targets").joinpath("web", "classify.js").read_text("utf-8")
        + "\nconst [signature, rows] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));"
        + "console.log(JSON.stringify(rows.map((row) => readAnswer(row, signature))));"
    )
    rows = [
        {"probabilities": p, "neither": s}
        for p, s in zip(proba.tolist(), scores.tolist(), strict=True)
    ]
    done = subprocess.run(
        ["node", "-e", script],
        input=json.dumps([signature, rows]),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert [one["labels"][0] for one in found] == rules.labels(proba, classes, scores)
    assert rules.sets is not None
    members = [
        {c for c, yes in zip(classes, row, strict=True) if yes} for row in rules.sets.members(proba)
    ]
    assert [set(one["set"]) for one in found] == members
