"""The papers of a run: what they say, that others read them, and that nothing private is told."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from pawlens import Classifier, Recipe, Run, card
from pawlens.errors import RunError
from pawlens.pages._model_card import escaped, hub_licence

from ..conftest import paint


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run whose photos lie in a folder with a telling name."""
    folder = tmp_path_factory.mktemp("home-of-anna") / "pets"
    rng = np.random.default_rng(0)
    for split, count in (("train", 12), ("valid", 4)):
        for label in ("cat", "d|og"):
            (folder / split / label).mkdir(parents=True)
            for i in range(count):
                paint(rng, label).save(folder / split / label / f"{i}.jpg", quality=90)
    out = folder.parent.parent / "trained-run"
    return Classifier(cache_dir=folder.parent / "cache").fit(folder, out).path


@pytest.fixture(scope="module")
def without_splits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run of class folders alone, with rules for its answers."""
    home = tmp_path_factory.mktemp("plain")
    rng = np.random.default_rng(1)
    for label in ("cat", "dog"):
        (home / "photos" / label).mkdir(parents=True)
        for i in range(40):
            paint(rng, label).save(home / "photos" / label / f"{i}.jpg", quality=90)
    costs = {"cat": {"dog": 3.0}}
    recipe = Recipe(folds=2, neither=0.1, sets=0.8, coverage=0.8, costs=costs)
    classifier = Classifier(recipe=recipe, cache_dir=home / "cache")
    return classifier.fit(home / "photos", home / "run").path


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "run"))


def header(path: Path) -> dict[str, Any]:
    _, text, _ = (path / "model-card.md").read_text(encoding="utf-8").split("---\n", 2)
    values: dict[str, Any] = yaml.safe_load(text)
    return values


def croissant(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((path / "dataset.croissant.json").read_bytes())
    return values


def test_the_card_has_the_figures_of_the_run(trained: Path) -> None:
    run, text = Run(trained), (trained / "model-card.md").read_text(encoding="utf-8")
    values = header(trained)
    (result,) = values["model-index"][0]["results"]
    told = {one["type"]: one["value"] for one in result["metrics"]}
    assert told == {name: pytest.approx(i.value, abs=1e-6) for name, i in run.out_of_fold.items()}
    assert values["license"] == "mit"
    assert result["dataset"]["args"]["photos"] == 24
    assert f"| Log loss | {run.log_loss:.4f} | {run.out_of_fold['log_loss'].ends('.4f')}" in text
    assert "kept from training" in text  # the figures of the user's own split
    assert r"| d\|og | 12 | 4 |" in text
    assert "Wh, without a GPU" in text
    assert "| paw | MIT (trained from scratch on photos of research use) |" in text


def test_the_header_is_one_that_hubs_read(trained: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="needs huggingface_hub")
    text = (trained / "model-card.md").read_text(encoding="utf-8")
    read = hub.ModelCard(text).data
    assert isinstance(read, hub.ModelCardData)
    assert (read.license, read.pipeline_tag) == ("mit", "image-classification")
    accuracy = {one.metric_type: one.metric_value for one in read.eval_results}["accuracy"]
    assert accuracy == pytest.approx(Run(trained).accuracy, abs=1e-6)


def read_by_others(run: Path) -> tuple[list[str], str, list[dict[str, str]]]:
    """What mlcroissant finds wrong, the version that it reads, and the records."""
    pytest.importorskip("mlcroissant", reason="needs mlcroissant")
    code = (
        "import json, logging, warnings, mlcroissant as m\n"
        "data = m.Dataset('dataset.croissant.json')\n"
        "rows = [{k: str(v) for k, v in r.items()} for r in data.records('photos')]\n"
        "told = sorted(data.metadata.ctx.issues.errors)\n"
        "print(json.dumps([told, str(data.metadata.ctx.conforms_to.value), rows]))"
    )
    done = subprocess.run(  # in a process of its own: the library warns of itself
        [sys.executable, "-c", code],
        cwd=run,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    errors, version, rows = json.loads(done.stdout.splitlines()[-1])
    return errors, version, rows


def test_croissant_is_valid_and_its_records_are_the_photos(trained: Path) -> None:
    errors, version, rows = read_by_others(trained)
    assert (errors, version) == ([], "http://mlcommons.org/croissant/1.1")
    table = Run(trained).photos().to_pydict()
    assert [row["photos/sha256"] for row in rows] == [str(s.encode()) for s in table["sha256"]]
    assert [row["photos/split"] for row in rows] == [str(s.encode()) for s in table["split"]]
    assert {row["photos/labels"] for row in rows} == {"[b'cat']", "[b'd|og']"}


def test_croissant_names_the_table_by_its_content(trained: Path) -> None:
    values = croissant(trained)
    (file,) = values["distribution"]
    content = (trained / file["contentUrl"]).read_bytes()
    assert file["sha256"] == hashlib.sha256(content).hexdigest()
    names = [row["classes/name"] for row in values["recordSet"][0]["data"]]
    splits = [row["splits/name"] for row in values["recordSet"][1]["data"]]
    assert (names, splits) == (["cat", "d|og"], ["train", "valid"])


def test_papers_name_no_folder_of_the_machine(trained: Path) -> None:
    assert "home-of-anna" in (trained / "environment.json").read_text()
    for name in ("model-card.md", "dataset.croissant.json"):
        text = (trained / name).read_text(encoding="utf-8")
        assert "home-of-anna" not in text
        assert str(trained) not in text


def test_papers_are_written_anew_with_what_a_person_knows(run: Path) -> None:
    (run / "model-card.md").unlink()
    files = card(run, name="My pets", licence="CC0-1.0", creator="Anna", citation="Anna 2026")
    assert [file.name for file in files] == ["model-card.md", "dataset.croissant.json"]
    text, values = files[0].read_text(encoding="utf-8"), croissant(run)
    assert "licence: CC0-1.0; made by Anna" in text
    assert (values["name"], values["license"]) == ("My pets", "CC0-1.0")
    assert (values["creator"]["name"], values["citeAs"]) == ("Anna", "Anna 2026")
    lines = [line.partition("  ") for line in (run / "SHA256SUMS").read_text().splitlines()]
    listed = {name: digest for digest, _, name in lines}
    for name, digest in listed.items():
        assert hashlib.sha256((run / name).read_bytes()).hexdigest() == digest, name
    assert list(listed) == sorted(listed)


def test_the_same_run_gives_the_same_papers(run: Path) -> None:
    first = {file.name: file.read_bytes() for file in card(run)}
    (run / "SHA256SUMS").unlink()  # a run of an earlier version has none, and gets none
    assert {file.name: file.read_bytes() for file in card(run)} == first
    assert not (run / "SHA256SUMS").exists()


def test_a_run_that_is_not_finished_has_no_card(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no finished run"):
        card(tmp_path)


def test_names_do_not_turn_into_markdown() -> None:
    assert escaped("a|b\n# *c* <img>\u202e") == r"a\|b \# \*c\* \<img\>\\u202e"


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (["MIT"], "mit"),
        (["MIT (and more)", "mit"], "mit"),
        (["MIT", "Apache-2.0"], "other"),
        (["unknown"], "other"),
        (["MITRE"], "other"),
    ],
)
def test_a_hub_is_told_one_licence_or_that_there_are_others(
    licences: list[str], expected: str, make_spec: Callable[..., Any]
) -> None:
    assert hub_licence([make_spec(licence=one) for one in licences]) == expected


@pytest.fixture
def make_spec(paw: Any) -> Callable[..., Any]:
    from dataclasses import replace

    return lambda **values: replace(paw.spec, **values)


def test_croissant_is_valid_without_splits(without_splits: Path) -> None:
    assert [part["name"] for part in croissant(without_splits)["recordSet"]] == [
        "classes",
        "photos",
    ]
    errors, _, rows = read_by_others(without_splits)
    assert (errors, len(rows)) == ([], 80)


def test_the_card_says_what_else_an_answer_can_be(without_splits: Path, trained: Path) -> None:
    text = (without_splits / "model-card.md").read_text(encoding="utf-8")
    answers = text.split("## Answers")[1].split("##")[0]
    assert "`neither` is answered to at most 10.0 %" in answers
    assert "; for the rest: ask a person" in answers
    assert "sets for 80 %: hold the true label" in answers
    assert "An answer costs" in answers
    assert "instead of `neither`" in text.split("## Data")[0]
    few = (trained / "model-card.md").read_text(encoding="utf-8")  # too few for the answer neither
    assert "## Answers" not in few
    assert "answers with one of these names all the same" in few
