"""The main job on small drawn photos with the bundled backbone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from pawlens import Classifier, Photos, Recipe, load
from pawlens.audit import Decision, Journal, read_decisions
from pawlens.errors import BackboneError, PhotosError, RecipeError
from pawlens.workflows._evaluate import evaluate_model

FILES = {
    "SHA256SUMS",
    "classes.json",
    "dataset.croissant.json",
    "decisions.jsonl",
    "environment.json",
    "history.jsonl",
    "metrics.json",
    "model-card.md",
    "model.onnx",
    "oof.parquet",
    "parity.json",
    "photos.parquet",
    "recipe.yaml",
    "reference.parquet",
    "report.html",
}


def test_whole_run(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos = Photos.read(photo_folder(cat=24, dog=24))
    run = Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / "run")
    assert {p.name for p in run.path.iterdir()} == FILES
    assert run.classes == ["cat", "dog"]
    assert run.accuracy > 0.9
    assert run.out_of_fold["log_loss"].low <= run.log_loss <= run.out_of_fold["log_loss"].high
    assert run.environment["seconds"]["scan"] > 0
    assert run.metrics["slices"]["photos"] == 48
    assert run.metrics["slices"]["in_words"] in run.report_path.read_text(encoding="utf-8")
    oof = run.oof().to_pydict()
    assert oof["path"] == photos.paths
    np.testing.assert_allclose(np.add(oof["p:cat"], oof["p:dog"]), 1)
    mean = -np.mean([np.log(oof[f"p:{c}"][i]) for i, c in enumerate(oof["label"])])
    assert mean == pytest.approx(run.log_loss)
    parity = json.loads((run.path / "parity.json").read_text())
    assert parity["onnxruntime"]["photos"] == 48
    assert load(run.path).predict(photos).count("cat") in range(20, 28)
    more = Photos.read(photo_folder("more", seed=9, cat=8, dog=8))
    measured = evaluate_model(load(run.path), more, trained_on=None)
    assert measured.photos == 16
    assert measured.metrics["accuracy"].value > 0.8


def test_the_same_photos_give_the_same_numbers(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=12, dog=12))
    runs = [Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / n) for n in "ab"]
    runs.append(Classifier(cache_dir=False).fit(photos, tmp_path / "c"))
    assert runs[0].metrics == runs[1].metrics == runs[2].metrics
    assert len({r.model_path.read_bytes() for r in runs}) == 1
    assert not (tmp_path / "c" / "cache").exists()


def test_several_classes_and_a_held_out_split(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder("p/train", cat=12, dog=12, owl=12)
    photo_folder("p/valid", seed=1, cat=4, dog=4, owl=4)
    leaked = (folder / "cat" / "0.jpg").read_bytes()
    (tmp_path / "p" / "valid" / "cat" / "leak.jpg").write_bytes(leaked)
    run = Classifier(cache_dir=tmp_path / "cache", clip=0.005).fit(
        Photos.read(tmp_path / "p"), tmp_path / "run"
    )
    assert run.metrics["clip"] == 0.005
    assert set(run.metrics["held_out"]) == {"valid"}
    table = run.photos().to_pydict()
    row = table["path"].index("valid/cat/leak.jpg")
    assert table["role"][row] == "set aside"
    assert "train/cat/0.jpg" in table["reason"][row]


def test_contents_listed_twice_count_twice(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=10, dog=10)
    for i in range(10):
        again = folder / "cat" / f"again{i}.jpg"
        again.write_bytes((folder / "cat" / f"{i}.jpg").read_bytes())
    run = Classifier(cache_dir=tmp_path / "cache").fit(Photos.read(folder), tmp_path / "run")
    oof = run.oof().to_pydict()
    by_path = dict(zip(oof["path"], zip(oof["fold"], oof["p:cat"], strict=True), strict=True))
    assert len(by_path) == 30
    for i in range(10):
        assert by_path[f"cat/{i}.jpg"] == by_path[f"cat/again{i}.jpg"]


def test_one_class_is_not_enough(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(PhotosError, match="at least 2 are needed"):
        Classifier().fit(Photos.read(photo_folder(cat=5)), tmp_path / "run")


def test_parameters_override_the_recipe() -> None:
    classifier = Classifier(recipe=Recipe(folds=7, seed=3), folds=4)
    assert classifier.resolved_recipe() == Recipe(folds=4, seed=3)


def test_a_mistake_does_not_claim_the_run_folder(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=8, dog=8))
    with pytest.raises(BackboneError, match=r"none\.onnx"):
        Classifier(["none.onnx"]).fit(photos, tmp_path / "run")
    assert Classifier().fit(photos, tmp_path / "run").classes == ["cat", "dog"]


@pytest.mark.parametrize(
    "wrong", [{"folds": 1}, {"clip": 0.5}, {"backbones": "paw"}, {"device": "abacus"}]
)
def test_wrong_parameters(wrong: dict[str, object]) -> None:
    with pytest.raises(RecipeError, match=next(iter(wrong))):
        Classifier(**wrong).resolved_recipe()  # type: ignore[arg-type]


def framed_folder(folder: Path) -> Path:
    """Half of the photos have a white border to the left and right."""
    for i, path in enumerate(sorted(folder.rglob("*.jpg"))):
        if i % 2:
            picture = np.asarray(Image.open(path))
            wide = np.pad(picture, ((0, 0), (30, 30), (0, 0)), constant_values=255)
            Image.fromarray(wide).save(path, quality=95)
    return folder


def test_decisions_are_applied(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = framed_folder(photo_folder(cat=14, dog=14))
    photos = Photos.read(folder)
    content = {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in photos.paths
    }
    journal = Journal(tmp_path / "audit" / "decisions.jsonl")
    journal.decide(Decision(content["cat/0.jpg"], "drop"))
    journal.decide(Decision(content["cat/3.jpg"], "trim"))
    journal.decide(Decision(content["dog/2.jpg"], "keep"))
    journal.decide(Decision("0" * 64, "drop", path="elsewhere.jpg"))
    maker = Classifier(cache_dir=tmp_path / "cache")
    run = maker.fit(photos, tmp_path / "run", decisions=tmp_path / "audit")
    assert run.metrics["decisions"] == {"drop": 1, "trim": 1, "keep": 1}
    assert run.metrics["photos"] == {"set aside": 1, "train": 27}
    rows = run.photos().to_pydict()
    assert rows["decision"][:4] == ["drop", "", "", "trim"]
    assert rows["given_labels"] == rows["labels"]
    applied = read_decisions(run.path)
    assert applied == {key: one for key, one in journal.current().items() if key != "0" * 64}

    plain = maker.fit(photos, tmp_path / "plain")
    assert plain.metrics["decisions"] == {}
    assert read_decisions(plain.path) == {}
    facts = json.loads((plain.path / "environment.json").read_text())
    assert facts["extracted"] == 1  # the whole photo beside the trimmed one


def test_borders_are_trimmed_in_training_and_in_the_model(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=14, dog=14)
    bare = Photos.read(photo_folder("bare", seed=5, cat=4, dog=4))
    run = Classifier(cache_dir=tmp_path / "cache", borders="trim").fit(
        Photos.read(framed_folder(folder)), tmp_path / "run"
    )
    model = load(run.path)
    assert model.facts.borders == "trim"
    expected = model.predict_proba(bare)
    framed = Photos.read(framed_folder(bare.location))
    np.testing.assert_allclose(model.predict_proba(framed), expected, atol=0.05)
    parity = json.loads((run.path / "parity.json").read_text())
    assert parity["as evaluated"]["max_difference"] < 0.02


@pytest.mark.parametrize(("count", "clip", "ships"), [(70, "auto", True), (40, 0.0, False)])
def test_suspect_labels_are_left_out_where_that_helps(
    photo_folder: Callable[..., Path],
    tmp_path: Path,
    count: int,
    clip: Literal["auto"] | float,
    ships: bool,
) -> None:
    """Without a clip, a head that saw no wrong label is too sure where a label is wrong."""
    folder = photo_folder(cat=count, dog=count)
    for i in range(5):  # wrong labels
        (folder / "cat" / f"{i}.jpg").rename(folder / "dog" / f"cat-{i}.jpg")
    maker = Classifier(cache_dir=tmp_path / "cache", clean="auto", clip=clip)
    run = maker.fit(Photos.read(folder), tmp_path / "run")
    found = run.metrics["cleaning"]
    assert found["shipped"] is (found["difference"]["value"] <= 0) is ships
    shipped = found["log_loss_cleaned"] if ships else found["log_loss_without"]
    assert run.log_loss == pytest.approx(shipped)
    gap = found["log_loss_cleaned"] - found["log_loss_without"]
    assert found["difference"]["value"] == pytest.approx(gap)
    assert found["in_words"] in run.report_path.read_text()
    head = "the cleaned head ships" if ships else "the head of all photos ships"
    assert found["in_words"].endswith(head)
    assert found["suspect"] >= 1
    rows = run.photos().to_pydict()
    left_out = [path for path, out in zip(rows["path"], rows["left_out"], strict=True) if out]
    assert len(left_out) == (found["suspect"] if ships else 0)
    assert all("cat-" in path for path in left_out)
    assert set(rows["role"]) == {"train"}  # all of them are counted

    maker = Classifier(cache_dir=tmp_path / "cache", clip=clip)
    plain = maker.fit(Photos.read(folder), tmp_path / "plain")
    assert plain.log_loss == pytest.approx(found["log_loss_without"])
    assert "cleaning" not in plain.metrics
