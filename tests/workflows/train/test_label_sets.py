"""Several labels a photo, from the list to the model that ships."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pawlens import Classifier, Photos, Recipe, load
from pawlens.errors import PhotosError, RecipeError, UsageError
from pawlens.models import LabelPredictions, predictions_csv, submission
from pawlens.runs import Run
from pawlens.runs._join import join_runs
from pawlens.workflows._evaluate import evaluate_model

from ...side_by_side import collages


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("several")
    photos = Photos.read(collages(folder / "photos", count=12))
    classifier = Classifier(labels="several", cache_dir=folder / "cache")
    return classifier.fit(photos, folder / "run")


def test_a_run_measures_every_label(run: Run) -> None:
    assert run.classes == ["cat", "dog"]
    assert run.accuracy > 0.7
    assert run.log_loss < 0.4
    assert run.metrics["photos"] == {"train": 48}
    for label in ("cat", "dog"):
        one = run.metrics["labels"][label]
        assert one["roc_auc"]["value"] > 0.85
        assert one["f1"]["low"] < one["f1"]["high"]
    assert len(run.metrics["threshold"]) == len(run.metrics["temperature"]) == 2
    together = np.array(run.metrics["co_occurrence"])
    assert together[0, 0] + 0 <= 24
    oof = run.oof().to_pydict()
    assert set(oof["label"]) == {"cat", "dog", "cat;dog", "none"}
    right = np.mean([a == b for a, b in zip(oof["label"], oof["answer"], strict=True)])
    assert right == pytest.approx(run.accuracy)
    page = run.report_path.read_text(encoding="utf-8")
    assert "Label by label" in page
    assert "What occurs together" in page
    assert "What it mixes up" not in page


def test_the_graph_answers_as_it_was_evaluated(run: Run) -> None:
    parity = json.loads((run.path / "parity.json").read_text(encoding="utf-8"))
    assert parity["onnxruntime"]["passed"]
    assert parity["openvino"]["passed"]
    measures = {"photos", "mean_difference", "max_difference", "top1", "passed"}
    assert set(parity["onnxruntime"]) == measures
    assert set(parity["limits"]) < measures
    model = load(run.path)
    assert model.facts.labels is not None
    assert model.facts.labels.threshold == tuple(run.metrics["threshold"])


def test_predictions_are_a_list_to_train_on(run: Run, tmp_path: Path) -> None:
    path = collages(tmp_path / "new", count=6, seed=1)
    photos, model = Photos.read(path), load(run.path)
    answers = model.answer(photos)
    assert isinstance(answers, LabelPredictions)
    assert np.abs(answers.proba.sum(axis=1) - 1).max() > 0.5
    (tmp_path / "new" / "answers.csv").write_text(predictions_csv(answers), encoding="utf-8")
    again = Photos.read(tmp_path / "new" / "answers.csv")
    given = [one or ("none",) for one in answers.label_sets if one is not None]
    assert [photo.labels for photo in again] == given
    views = model.answer(photos, views=["flip"], rotations=True)
    assert ((views.proba > 0) & (views.proba < 1)).all()
    both = [i for i, photo in enumerate(photos) if len(photo.labels) == 2]
    assert answers.proba[both].min(axis=1).mean() > 0.5
    assert submission(answers).startswith("id,cat,dog\n")


def test_a_label_is_explained_alone(run: Run, tmp_path: Path) -> None:
    photos, model = Photos.read(collages(tmp_path / "new", count=1, seed=1)), load(run.path)
    pixels = photos.decode(2)
    shown = [model.explainer().explain(pixels, label) for label in run.classes]
    for one, clip in zip(shown, run.metrics["clip"], strict=True):
        proba = 1 / (1 + np.exp(-one.logit))
        assert one.probability == pytest.approx(np.clip(proba, clip, 1 - clip), abs=1e-3)


def test_it_is_compared_with_no_other_run(run: Run) -> None:
    with pytest.raises(UsageError, match="gives several labels a photo"):
        join_runs([run])


def test_judged_on_other_photos(run: Run, tmp_path: Path) -> None:
    path = collages(tmp_path / "new", count=6, seed=1)
    measured = evaluate_model(load(run.path), Photos.read(path), trained_on=None)
    assert measured.photos == 24
    assert measured.metrics["subset_accuracy"].value > 0.6
    assert set(measured.by_label) == {"cat", "dog"}
    path.write_text("path,label\ncat.0.jpg,owl;cat\n", encoding="utf-8")
    with pytest.raises(PhotosError, match="'owl' is unknown"):
        evaluate_model(load(run.path), Photos.read(path), trained_on=None)


def test_splits_thresholds_and_a_photo_without_an_answer(tmp_path: Path) -> None:
    path = collages(tmp_path / "p", count=8)
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [f"{one},{'test' if '.7.' in one or '.6.' in one else 'train'}" for one in lines[1:]]
    (tmp_path / "p" / "gone.jpg").write_bytes(b"")
    path.write_text("\n".join(["path,label,split", *rows, "gone.jpg,cat,train"]), encoding="utf-8")
    recipe = Recipe(labels="several", threshold=0.4, clip=0.02, folds=3)
    run = Classifier(recipe=recipe, cache_dir=tmp_path / "cache").fit(
        Photos.read(path), tmp_path / "run"
    )
    assert run.metrics["photos"] == {"train": 24, "test": 8, "set aside": 1}
    assert run.metrics["threshold"] == [0.4, 0.4]
    assert run.metrics["clip"] == [0.02, 0.02]
    assert set(run.metrics["held_out_labels"]["test"]) == {"cat", "dog"}
    assert "subset_accuracy" in run.metrics["held_out"]["test"]
    answers = load(run.path).answer(Photos.read(path))
    assert answers.labels[-1] is None
    assert answers.proba[:-1].min() >= 0.02 - 1e-6


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threshold": 0.4}, "threshold is of several labels"),
        ({"labels": "several", "clean": "auto"}, "clean: auto needs labels: one"),
        ({"labels": "many"}, "labels = 'many'"),
        ({"labels": "several", "threshold": 1.0}, "threshold"),
    ],
)
def test_what_does_not_go_together(values: dict[str, object], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Recipe.parse(values, "here")


@pytest.mark.torch
@pytest.mark.xdist_group("torch")
def test_a_network_trains_on_several_labels(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from ...training.tiny import weights

    weights(tmp_path / "weights")
    recipe = Recipe.parse(
        {
            "labels": "several",
            "backbones": ["test_resnet@32"],
            "phases": [
                {"do": "fuse", "init": "logistic"},
                {"do": "find_rate", "steps": 20, "sweeps": 1},
                {
                    "do": "train",
                    "epochs": 2,
                    "batch": 16,
                    "rate": 0.01,
                    "class_weights": "balanced",
                },
                {"do": "clean", "below": 0.01},
                {"do": "unfreeze", "blocks": 1},
                {
                    "do": "train",
                    "batch": 16,
                    "rate": 0.01,
                    "mixup": 0.2,
                    "label_smoothing": 0.1,
                    "augment": "light",
                },
                {"do": "evaluate", "views": ["flip"]},
            ],
        },
        "test",
    )
    photos = Photos.read(collages(tmp_path / "photos", count=20))
    run = Classifier(recipe=recipe, weights_dir=tmp_path / "weights").fit(photos, tmp_path / "run")
    assert run.metrics["evaluated"] == {"photos": 16, "on": "one held-out fold of 5"}
    assert run.metrics["photos"] == {"train": 57, "validates": 7, "held out": 16}
    assert run.metrics["test_time_augmentation"]["views"] == ["flip"]
    assert run.log_loss < 1
    oof = run.oof().to_pydict()
    shown = photos.subset([photos.paths.index(path) for path in oof["path"]])
    again = load(run.path).predict_proba(shown)
    np.testing.assert_allclose(again[:, 0], oof["p:cat"], atol=0.02)
    assert "How it was trained" in run.report_path.read_text(encoding="utf-8")
