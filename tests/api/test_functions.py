"""Every public function once, on a few drawn photos."""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import math
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import pawlens
from pawlens import errors

from ..striped import fill


def test_every_public_name_is_used_here() -> None:
    used = set()
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pawlens":
                used.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and node.module == "pawlens":
                used |= {alias.name for alias in node.names}
    assert set(pawlens.__all__) - used == set()


def test_photos_by_path_or_as_a_table(pets: Path) -> None:
    photos = pawlens.Photos.read(pets)
    assert photos[0] == pawlens.Photo("cat/0.jpg", ("cat",))
    assert pawlens.decode((pets / "cat" / "0.jpg").read_bytes()).shape == photos.decode(0).shape
    by_path, by_table = pawlens.explore(pets), pawlens.explore(photos)
    assert by_path.counts == by_table.counts


def test_explore(pets: Path, cache: Path, tmp_path: Path) -> None:
    found = pawlens.explore(str(pets), tmp_path / "new" / "page.html", cache_dir=cache)
    assert found.counts.of_class == {"cat": 10, "dog": 10}
    assert (
        (tmp_path / "new" / "page.html").read_text(encoding="utf-8").lower().startswith("<!doctype")
    )
    with pytest.raises(errors.UsageError, match=r"has to end in \.html"):
        pawlens.explore(pets, tmp_path / "cat.jpg", cache_dir=cache)


def test_audit_and_decisions(audited: pawlens.Audit, pets: Path, tmp_path: Path) -> None:
    folder = pets.parent / "audit"
    facts = json.loads((folder / "audit.json").read_text(encoding="utf-8"))
    assert facts["photos"] == str(pets.resolve())
    assert facts["counts"] == audited.counts
    assert len(audited.photos) == 20
    with pytest.raises(errors.DecisionsError, match="no such file"):
        pawlens.read_decisions(str(folder))
    with pytest.raises(errors.UsageError, match="make it with pawlens audit"):
        pawlens.decide_automatically(tmp_path)
    done = pawlens.decide_automatically(folder)
    assert {name.partition(":")[0] for name in done} == {"nothing about label_error"}
    sha256 = hashlib.sha256((pets / "cat" / "0.jpg").read_bytes()).hexdigest()
    line = json.dumps({"sha256": sha256, "action": "drop", "time": "2026-01-01"})
    (tmp_path / "decisions.jsonl").write_text(line + "\n", encoding="utf-8")
    (decision,) = pawlens.read_decisions(tmp_path).values()
    assert decision == pawlens.Decision(sha256, "drop", time="2026-01-01")


def test_an_audit_writes_only_where_it_is_asked_to(
    pets: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pawlens.audit(pawlens.Photos.read(pets)[:4], cache_dir=cache)
    assert list(tmp_path.iterdir()) == []


def test_train_and_read_back(run: pawlens.Run) -> None:
    assert 0 < run.log_loss < 1
    again = pawlens.Run(str(run.path))
    assert again.metrics == run.metrics
    assert run.to_arrow().num_rows == 20


def test_predict(run: pawlens.Run, pets: Path, tmp_path: Path) -> None:
    photo = pets / "dog" / "3.jpg"
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    answers = pawlens.predict([photo, broken], run)
    assert isinstance(answers, pawlens.Predictions)
    assert answers.labels == ["dog", None]
    assert len(answers) == 2
    for model in (run.path, str(run.model_path), pawlens.load(run)):
        assert pawlens.predict(photo, model).proba[0].tolist() == answers.proba[0].tolist()
    assert answers.to_csv(tmp_path / "new" / "answers.csv") is None
    text = (tmp_path / "new" / "answers.csv").read_text(encoding="utf-8")
    assert text == answers.to_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["label"] for row in rows] == ["dog", ""]
    assert rows[1]["status"].startswith("unreadable: ")
    assert float(rows[0]["p:dog"]) == answers.proba[0, 1]


def test_predict_without_training(pets: Path) -> None:
    answers = pawlens.predict(pets / "cat" / "0.jpg")
    assert set(answers.scores) == {"neither", "both"}
    model = pawlens.load()
    assert isinstance(model, pawlens.Model)
    assert model.predict(str(pets / "cat" / "0.jpg")) == answers.labels
    assert model.predict_proba(pets / "cat" / "0.jpg").tolist() == answers.proba.tolist()


def test_evaluate_leaves_out_what_the_model_learnt_from(
    run: pawlens.Run, pets: Path, tmp_path: Path
) -> None:
    new = fill(tmp_path / "new", 3, start=50)
    for label in ("cat", "dog"):
        (new / label / "seen.jpg").write_bytes((pets / label / "0.jpg").read_bytes())
    found = pawlens.evaluate(new, run)
    assert isinstance(found, pawlens.Evaluation)
    assert (found.photos, found.trained_on) == (6, 2)
    for model in (str(run.path), run.model_path, pawlens.load(run.path)):
        assert pawlens.evaluate(pawlens.Photos.read(new), model) == found
    with pytest.raises(errors.PhotosError, match="the model learnt from all 20 photos"):
        pawlens.evaluate(pets, run)


def test_compare_and_ensemble(
    run: pawlens.Run, other_run: pawlens.Run, pets: Path, tmp_path: Path
) -> None:
    found = pawlens.compare([run, str(other_run.path)])
    assert isinstance(found, pawlens.Comparison)
    assert found.names == ["run", "other"]
    assert found.write(tmp_path).read_text(encoding="utf-8").lower().startswith("<!doctype")
    both = pawlens.ensemble([run.path, other_run], tmp_path / "both", method="blend")
    assert both.classes == run.classes
    assert pawlens.predict(pets / "dog" / "1.jpg", both).labels == ["dog"]


def test_explain(run: pawlens.Run, pets: Path, tmp_path: Path) -> None:
    found = pawlens.explain([pets / "cat" / "0.jpg"], run, out=tmp_path / "maps", of="dog")
    assert found.page.is_file()
    assert found.rows[0]["class"] == "dog"
    assert (tmp_path / "maps" / found.rows[0]["png"]).read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(errors.UsageError, match="cow"):
        pawlens.explain(pets / "cat" / "0.jpg", run, out=tmp_path / "maps", of="cow")


def test_export(run: pawlens.Run, tmp_path: Path) -> None:
    files = pawlens.export(run, out=tmp_path / "exported")
    assert {file.name for file in files} == {"model.onnx", "labels.txt", "signature.json"}
    assert (tmp_path / "exported" / "labels.txt").read_text(encoding="utf-8").split() == run.classes
    assert pawlens.load(tmp_path / "exported" / "model.onnx").classes_ == run.classes


def test_experiments(grid: Path, pets: Path, cache: Path) -> None:
    assert (grid / "experiments.html").is_file()
    texts = ["l2=[1.0]"]
    again = pawlens.experiments(pets, texts, settings=["folds=2"], out=str(grid), cache_dir=cache)
    assert [point.new for point in again.points] == [False]
    assert again.best.values == {"l2": "[1.0]"}
    with pytest.raises(errors.RecipeError, match="nothing varies"):
        pawlens.experiments(pets, {}, out=grid)


def test_tune(pets: Path, cache: Path, tmp_path: Path) -> None:
    pytest.importorskip("optuna", reason="needs pawlens[tune]")
    found = pawlens.tune(
        pets,
        tmp_path / "tuned",
        trials=2,
        pruner="none",
        settings={"folds": 3, "phases.0.epochs": 2},
        cache_dir=cache,
    )
    assert len(found.metrics["search"]["trials"]) == 2
    with pytest.raises(errors.UsageError, match="none of its phases is a search"):
        pawlens.tune(pets, recipe="default")


def test_augment(pets: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="needs pawlens[torch]")
    photo = pets / "cat" / "0.jpg"
    page = pawlens.augment(photo, "flip", out=tmp_path / "a.html", count=1, epochs=1)
    assert page.read_text(encoding="utf-8").count("data:image/jpeg") >= 2
    with pytest.raises(errors.RecipeError, match=r"unknown 'spin'"):
        pawlens.augment(photo, values={"spin": 1}, out=tmp_path / "b.html")
    with pytest.raises(errors.RecipeError, match="value flip=2"):
        pawlens.augment(photo, values={"flip": 2}, out=tmp_path / "b.html")


def test_prove(pets: Path, cache: Path) -> None:
    pytest.importorskip("torch", reason="needs pawlens[torch]")
    found = pawlens.prove(pets, ["flip=0.5"], copies=1, folds=2, seeds=1, cache_dir=cache)
    assert [arm.name for arm in found.arms] == ["flip=0.5"]
    assert len(found.rows) == 20
    with pytest.raises(errors.RecipeError, match="give a preset"):
        pawlens.prove(pets, [""])


def test_embed(pets: Path, run: pawlens.Run) -> None:
    found = pawlens.embed(pets, run)
    assert isinstance(found, pawlens.Embeddings)
    assert found.values.shape == (20, 512)
    assert found.status == ["ok"] * 20
    alone = pawlens.embed([pets / found.paths[3]], run)
    assert abs(alone.values[0] - found.values[3]).max() < 0.05


def test_card(run: pawlens.Run) -> None:
    files = pawlens.card(run.path, name="striped pets", licence="CC0-1.0")
    assert [file.name for file in files] == ["model-card.md", "dataset.croissant.json"]
    facts = json.loads(files[1].read_text(encoding="utf-8"))
    assert (facts["name"], facts["license"]) == ("striped pets", "CC0-1.0")
    with pytest.raises(errors.RunError):
        pawlens.card(run.path.parent / "none")


def test_track(run: pawlens.Run) -> None:
    with pytest.raises(errors.UsageError, match="no tracker is called 'paper'; use mlflow or"):
        pawlens.track(run, "paper")


def test_strip(pets: Path, tmp_path: Path) -> None:
    rows = pawlens.strip(pets / "cat", tmp_path / "shared")
    assert [row.status for row in rows] == ["ok"] * 10
    with pytest.raises(errors.UsageError):
        pawlens.strip(pets / "cat", tmp_path / "shared")


def test_monitor(run: pawlens.Run, pets: Path, tmp_path: Path) -> None:
    found = pawlens.monitor(run, pets, tmp_path / "watched")
    assert isinstance(found.drift, bool)
    assert (tmp_path / "watched" / "monitor.json").is_file()
    with pytest.raises(errors.PhotosError):
        pawlens.monitor(run, [pets / "cat" / "0.jpg"], tmp_path / "one")


def test_work_in_parts(pets: Path, tmp_path: Path) -> None:
    done = [pawlens.write_part("audit", pets, f"{number}/3", tmp_path) for number in (1, 2, 3)]
    assert sum(part.rows for part in done) == 20
    found = pawlens.merge(tmp_path, tmp_path / "all.parquet")
    assert (found.rows, found.parts, found.unreadable) == (20, 3, 0)


def test_parts_on_a_cluster_are_asked_for_by_its_kind(pets: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.UsageError, match="write it as ray"):
        pawlens.write_parts("audit", pets, tmp_path, on="dask")


def test_serve(pets: Path, run: pawlens.Run) -> None:
    pytest.importorskip("prometheus_client", reason="the extra serve is not installed")
    photo = next(pets.rglob("*.jpg")).read_bytes()
    with (
        pawlens.serve(run, quiet=True) as server,
        urllib.request.urlopen(server.link + "/predict", photo) as response,
    ):
        answer = json.load(response)
    assert answer["photos"][0]["label"] in ("cat", "dog")


def test_review(audited: pawlens.Audit, pets: Path) -> None:
    pytest.importorskip("fastapi", reason="needs pawlens[serve]")
    with pawlens.review(pets.parent / "audit") as page:
        with urllib.request.urlopen(page.link, timeout=60) as answer:
            assert answer.status == 200
        assert page.decided == 0
        assert page.link in str(page._repr_html_())
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(page.link, timeout=60)
    assert page.stop() == 0
    with pytest.raises(errors.UsageError, match="make it with pawlens audit"):
        pawlens.review(str(pets))


def test_draw_samples(tmp_path: Path) -> None:
    folder = pawlens.draw_samples(str(tmp_path / "drawn"), count=2, flaws=False)
    assert folder == tmp_path / "drawn"
    assert len(list(folder.rglob("*.jpg"))) == 3


def test_backbones() -> None:
    rows = {row["name"]: row for row in pawlens.backbones()}
    card = pawlens.describe_backbone("paw", speed=False)
    assert card.parameters > 0
    assert card.size == rows["paw"]["input_size"]
    with pytest.raises(errors.UsageError, match="is not a folder"):
        pawlens.backbones(weights_dir="nowhere")


def test_recipes() -> None:
    abouts = pawlens.recipes()
    assert next(iter(abouts)) == "default"
    assert all(abouts.values())
    assert pawlens.read_recipe("quick").about == abouts["quick"]


def test_doctor() -> None:
    facts = pawlens.doctor()
    assert facts["processors"] >= 1
    assert "numpy" in facts["versions"]


def test_errors_can_be_caught_by_kind() -> None:
    with pytest.raises(pawlens.errors.PhotosError) as caught:
        pawlens.predict("nowhere")
    assert isinstance(caught.value, pawlens.PawlensError)
    assert caught.value.exit_code == 2
    assert math.isclose(float(pawlens.__version__.split(".")[0]), 0)
