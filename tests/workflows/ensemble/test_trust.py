"""What an ensemble promises: sets, abstention, and the answer *neither* of all members."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from pawlens import Classifier, Photos, Recipe, Run, ensemble, load, predict
from pawlens.cli import app
from pawlens.errors import UsageError
from pawlens.trust import ASK

from ...striped import fill


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("promising")
    photos = Photos.read(fill(folder / "photos", 30))
    recipes = {
        "loose": Recipe(folds=3, l2=[0.001], neither=0.1),
        "strict": Recipe(folds=3, l2=[1.0], neither=0.1),
        "silent": Recipe(folds=3, l2=[0.1], neither=0.0),
    }
    for name, recipe in recipes.items():
        Classifier(recipe=recipe, cache_dir=folder / "cache").fit(photos, folder / name)
    return folder


@pytest.fixture(scope="module")
def promising(members: Path) -> Run:
    parts = [members / "loose", members / "strict"]
    return ensemble(parts, members / "promising", sets=0.9, coverage=0.8)


def test_its_rules_are_found_on_its_own_answers(members: Path, promising: Run) -> None:
    facts = promising.metrics["trust"]
    assert facts["sets"]["promised"] == 0.9
    assert facts["abstention"]["answered"]["value"] == pytest.approx(0.8, abs=0.12)
    assert facts["neither"]["false_alarms"] == 0.1
    assert promising.recipe["sets"] == 0.9
    assert promising.recipe["coverage"] == 0.8
    page = promising.report_path.read_text(encoding="utf-8")
    assert "What is behind one answer" in page
    assert "No photo is called neither" not in page

    answers = predict(members / "photos", promising)
    rules = answers.answer_rules
    assert rules.sets is not None
    assert answers.sets is not None
    assert all(answers.sets)
    oof = promising.oof().to_pydict()
    own = [oof[f"p:{label}"][row] for row, label in enumerate(oof["label"])]
    assert rules.sets.thresholds[0] in own
    assert rules.least_confidence is not None
    unsure = answers.proba.max(axis=1) < rules.least_confidence
    known = [label for label in answers.labels if label != "neither"]
    assert known.count(ASK) == unsure[[label != "neither" for label in answers.labels]].sum()


def test_its_score_is_the_mean_of_the_members_odds(members: Path, promising: Run) -> None:
    folder, rng = members / "mixed", np.random.default_rng(0)
    if not folder.exists():
        fill(folder, 4)
        noise = rng.integers(0, 256, (64, 64, 3), np.uint8)
        import PIL.Image

        PIL.Image.fromarray(noise).save(folder / "noise.png")
    photos = Photos.read(folder, labels=False)

    def odds(run: Path | Run) -> np.ndarray:
        score = load(run).answer(photos, precision="f32").neither
        assert score is not None
        return np.log(score / (1 - score))

    parts = [odds(members / name) for name in ("loose", "strict")]
    gap = np.mean(parts, axis=0) - odds(promising)
    np.testing.assert_allclose(gap, gap[0], atol=2e-2 + 1e-3 * np.abs(parts[0]).max())
    # On photos that no part was fitted on, the joint score keeps the share of false alarms.
    kept = []
    for name in ("loose", "strict"):
        oof = Run(members / name).oof()
        score = np.array(oof["neither_score"].to_pylist())
        assert np.mean(score >= 0.5) <= 0.1
        kept.append(np.log(score / (1 - score)))
    assert np.mean(np.mean(kept, axis=0) >= gap[0] - 1e-3) <= 0.1


def test_its_score_is_an_output_of_the_graph_that_ships(members: Path, promising: Run) -> None:
    graph = onnx.load(str(promising.model_path)).graph
    assert [one.name for one in graph.output] == ["probabilities", "embedding", "neither"]
    used = {name for node in graph.node for name in node.input} | {o.name for o in graph.output}
    assert all(set(node.output) & used for node in graph.node)  # nothing is computed for nobody


def test_a_member_without_the_answer_leaves_the_ensemble_without(members: Path) -> None:
    parts = [members / "loose", members / "silent"]
    run = ensemble(parts, members / "half", method="blend")
    assert run.metrics["trust"]["neither"]["false_alarms"] is None
    assert load(run).answer(members / "photos").neither is None
    assert load(run).answer_rules.sets is None


def test_promises_that_cannot_be_are_told_before_anything_is_written(members: Path) -> None:
    parts = [members / "loose", members / "strict"]
    for asked, words in (
        ({"risk": 0.1, "coverage": 0.9}, "leave one out"),
        ({"sets_by_class": True}, "needs sets"),
        ({"sets": 2.0}, "above 0 and below 1"),
        ({"risk": 0.0}, "above 0 and below 1"),
    ):
        with pytest.raises(UsageError, match=words):
            ensemble(parts, members / "never", **asked)
    assert not (members / "never").exists()


def test_the_command_tells_what_was_promised(
    members: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--sets", "0.9", "--risk", "0.2", "--out", str(members / "told")]
    app(
        ["ensemble", str(members / "loose"), str(members / "strict"), *asked],
        standalone_mode=False,
    )
    out = capsys.readouterr().out
    assert "sets for 90 %: hold the true label for" in out
    assert "for the rest: ask a person" in out
