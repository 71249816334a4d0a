"""Groups that were given are on one side of all that is dealt, and their intervals say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pawlens import Classifier, Photos, Run, audit, compare, evaluate, tune
from pawlens.audit import AuditView
from pawlens.errors import RunError
from pawlens.photos import Photo
from pawlens.workflows import experiments
from pawlens.workflows._alike import told_of_alike
from pawlens.workflows.ensemble._ensemble import _folds

ANIMALS = 8  # of each class


@pytest.fixture(scope="module")
def animals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four crops of each of sixteen animals, as ``class/animal/photo``; the class is by chance."""
    folder = tmp_path_factory.mktemp("animals")
    for number in range(2 * ANIMALS):
        rng = np.random.default_rng(number)
        noise = rng.integers(0, 255, (12, 12, 3), np.uint8)
        whole = Image.fromarray(noise).resize((160, 160), Image.Resampling.BICUBIC)
        own = folder / ("sick" if number % 2 else "well") / f"animal{number}"
        own.mkdir(parents=True)
        for shot in range(4):
            left, top = rng.integers(0, 24, 2)
            crop = whole.crop((left, top, left + 130, top + 130)).resize((96, 96))
            crop.save(own / f"{number}_{shot}.jpg", quality=90)
    return folder


@pytest.fixture(scope="module")
def run(animals: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run with groups by folder."""
    return Classifier(folds=4).fit(animals, tmp_path_factory.mktemp("run"), group="folder")


@pytest.fixture(scope="module")
def ungrouped(animals: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on the same photos without groups."""
    return Classifier(folds=4).fit(animals, tmp_path_factory.mktemp("ungrouped"))


def parts_of_groups(run: Run, column: str) -> dict[str, set[Any]]:
    """The values of a column that each group has among the photos of the run."""
    found: dict[str, set[Any]] = {}
    values = run.photos()[column].to_pylist()
    for name, value in zip(run.given_groups(), values, strict=True):
        assert name is not None
        found.setdefault(name, set()).add(value)
    return found


def test_folds_of_a_training_keep_groups_whole(run: Run, ungrouped: Run) -> None:
    folds = parts_of_groups(run, "fold")
    assert len(folds) == 2 * ANIMALS
    assert all(len(parts) == 1 for parts in folds.values())
    assert set().union(*folds.values()) == {0, 1, 2, 3}
    assert ungrouped.given_groups() == [None] * 64


def test_without_groups_the_numbers_are_too_good_and_that_is_told(run: Run, ungrouped: Run) -> None:
    assert ungrouped.accuracy > run.accuracy + 0.1
    notes = " ".join(ungrouped.metrics["notes"])
    assert "add --group folder to keep them whole" in notes
    assert "have a cut-out of the same picture in another fold, as photos of one subject" in notes
    assert "too good" not in " ".join(run.metrics["notes"])
    page = ungrouped.report_path.read_text(encoding="utf-8")
    assert "add --group folder to keep them whole" in page


def test_intervals_are_those_of_groups(run: Run) -> None:
    """Four photos of an animal are hardly more evidence than one."""
    accuracy = run.out_of_fold["accuracy"]
    alone = 1.96 * np.sqrt(accuracy.value * (1 - accuracy.value) / 64)
    assert accuracy.high - accuracy.low > 2.2 * alone


def test_cut_outs_are_kept_together_where_that_is_asked(animals: Path, tmp_path: Path) -> None:
    found = Classifier(folds=4).fit(animals, tmp_path / "run", group_alike=True)
    table = found.photos().to_pydict()
    folds: dict[str, set[int]] = {}
    for path, fold in zip(table["path"], table["fold"], strict=True):
        folds.setdefault(path.split("/")[1], set()).add(fold)
    assert np.mean([len(parts) == 1 for parts in folds.values()]) > 0.7
    assert "cut-out" not in " ".join(found.metrics["notes"])


@pytest.mark.parametrize("way", ["several", "search", "network"])
def test_parts_of_every_way_of_training(animals: Path, tmp_path: Path, way: str) -> None:
    if way == "search":
        pytest.importorskip("optuna")
        found = tune(
            animals, tmp_path / "run", trials=1, settings={"folds": 4, "phases.0.epochs": 1},
            group="folder",
        )  # fmt: skip
    elif way == "network":
        pytest.importorskip("torch")
        from pawlens import Recipe

        from ..training.tiny import weights

        weights(tmp_path / "weights", "test_resnet")
        phases = [{"do": "fuse"}, {"do": "train", "epochs": 1, "batch": 8}]
        values = {"folds": 4, "backbones": ["test_resnet@32"], "phases": phases}
        found = Classifier(
            recipe=Recipe.parse(values, "test"), weights_dir=tmp_path / "weights"
        ).fit(animals, tmp_path / "run", group="folder")
    else:
        found = Classifier(folds=4, labels="several").fit(animals, tmp_path / "run", group="folder")
    roles = parts_of_groups(found, "role")
    assert all(len(parts) == 1 for parts in roles.values())
    assert all(len(parts) == 1 for parts in parts_of_groups(found, "fold").values())
    if way == "network":
        assert set().union(*roles.values()) == {"train", "validates", "held out"}


def test_beliefs_of_an_audit_keep_groups_whole(
    animals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[Any, Any]] = []
    look = AuditView.__dict__["_learnt"].func.__globals__
    fit = look["fit_beliefs"]

    def spy(*given: Any, **named: Any) -> Any:
        seen.append((given[3], given[4]))
        return fit(*given, **named)

    monkeypatch.setitem(look, "fit_beliefs", spy)
    found = audit(animals, group="folder")
    ((fold, groups),) = seen
    animal = [photo.group for photo in found.photos]
    for name in set(animal):
        mine = np.array([one == name for one in animal])
        assert len(set(fold[mine].tolist())) == len(set(groups[mine].tolist())) == 1


def test_a_proof_keeps_groups_whole(animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    from pawlens import prove
    from pawlens.photos import assign_folds

    dealt: list[tuple[Any, Any]] = []

    def spy(labels: Any, groups: Any, **rest: Any) -> Any:
        dealt.append((groups, assign_folds(labels, groups, **rest)))
        return dealt[-1][1]

    monkeypatch.setattr("pawlens.workflows._prove.assign_folds", spy)
    proof = prove(animals, ["flip"], copies=1, folds=2, seeds=2, group="folder")
    assert len(dealt) == 2
    for groups, fold in dealt:
        animal = np.array([proof.table.photos[int(row)].group for row in proof.rows])
        for name in set(animal.tolist()):
            assert len(set(fold[animal == name].tolist())) == 1
            assert len(set(groups[animal == name].tolist())) == 1


def test_comparisons_and_ensembles_have_the_groups_of_their_runs(run: Run, ungrouped: Run) -> None:
    comparison = compare([run, ungrouped])
    joined = comparison.joined
    assert any("are in several folds of" in note for note in comparison.notes)
    animal = np.array([path.split("/")[1] for path in joined.paths])
    for name in set(animal.tolist()):
        assert len(set(joined.group[animal == name].tolist())) == 1
    one_fold = joined.fold[0] == 0
    from dataclasses import replace

    part = replace(
        joined, y=joined.y[one_fold], group=joined.group[one_fold], fold=joined.fold[:, one_fold]
    )
    fold = _folds(part, 0)
    for name in set(animal[one_fold].tolist()):
        assert len(set(fold[animal[one_fold] == name].tolist())) == 1


def test_evaluation_draws_groups_together(animals: Path, run: Run, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    for file in sorted(animals.rglob("*.jpg")):
        (copies / file.parent.relative_to(animals)).mkdir(parents=True, exist_ok=True)
        with Image.open(file) as photo:
            photo.save(copies / file.relative_to(animals), quality=40)
    alone, together = evaluate(copies, run), evaluate(copies, run, group="folder")
    assert alone.metrics["brier"].value == together.metrics["brier"].value
    widths = [
        found.metrics["brier"].high - found.metrics["brier"].low for found in (alone, together)
    ]
    assert widths[1] > 1.2 * widths[0]


def test_a_grid_refuses_runs_of_other_groups(animals: Path, tmp_path: Path) -> None:
    grid = {"l2": [[1.0]]}
    settings = {"folds": 2}
    experiments(animals, grid, settings=settings, out=tmp_path / "grid", group="folder")
    again = experiments(animals, grid, settings=settings, out=tmp_path / "grid", group="folder")
    assert [point.new for point in again.points] == [False]
    with pytest.raises(RunError, match="other photos, labels, splits or groups"):
        experiments(animals, grid, settings=settings, out=tmp_path / "grid")


def test_photos_of_which_none_are_alike_are_not_warned_of(animals: Path, tmp_path: Path) -> None:
    one_each = [f"{own.name}/{own.name[6:]}_0.jpg" for own in sorted(animals.glob("*/*"))]
    photos = Photos.read(animals)
    rows = [i for i, photo in enumerate(photos) if photo.path.split("/", 1)[1] in one_each]
    flat = tmp_path / "flat"
    for row in rows:
        file = flat / str(photos[row].label) / f"IMG_{row:04}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(photos.read_bytes(row))
    found = Classifier(folds=2).fit(flat, tmp_path / "run")
    assert found.metrics["notes"] == []


def test_a_few_cut_outs_are_counted(animals: Path) -> None:
    from pawlens.photos import prepare_table

    photos = Photos.read(animals)
    first = {photo.path.split("/")[1]: i for i, photo in reversed(list(enumerate(photos)))}
    rows = sorted([*first.values(), first["animal3"] + 1])
    table = prepare_table(photos.subset(rows), n_folds=4, seed=0)
    places = [i for i, photo in enumerate(table.photos) if "animal3/" in photo.path]
    table.fold[places] = [0, 1]
    notes = told_of_alike(table, None, cache_dir=animals.parent / "cache")
    assert notes == [
        "2 photos have a cut-out of the same picture in another fold: the numbers are a little too "
        "good; --group-alike keeps them together"
    ]


def test_photos_may_be_given_with_their_groups(animals: Path, tmp_path: Path) -> None:
    photos = Photos.read(animals)
    own = [Photo(p.path, p.labels, p.split, group=p.path.split("/")[1]) for p in photos]
    found = Classifier(folds=2).fit(photos.with_rows(own), tmp_path / "run")
    assert all(len(parts) == 1 for parts in parts_of_groups(found, "fold").values())
