"""Photos of a few animals whose label is by chance: numbers on new ones, with groups or without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pawlens import Classifier, Photos
from pawlens.photos import suggest_groups

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
MAKE, PETS = SHARED / "cases" / "make.py", SHARED / "data" / "pets"

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not (MAKE.is_file() and PETS.is_dir()),
        reason="the cases and photos are not beside the repository",
    ),
]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders that ``make.py`` makes."""
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, str(MAKE), str(PETS), str(folder)], check=True)
    return folder


def test_new_animals_are_within_the_interval(cases: Path, tmp_path: Path) -> None:
    split = Classifier().fit(cases / "subjects-split.csv", tmp_path / "split")
    new = split.metrics["held_out"]["valid"]["accuracy"]["value"]
    without = Classifier().fit(cases / "subjects" / "list.csv", tmp_path / "without")
    grouped = Classifier().fit(
        cases / "subjects" / "list.csv", tmp_path / "grouped", group="animal"
    )
    for name, run in (("without groups", without), ("--group animal", grouped)):
        print(f"{name}: {run.out_of_fold['accuracy']:.1%}")
    print(f"new animals: {new:.1%}")
    assert without.accuracy > 0.9
    notes = " ".join(without.metrics["notes"])
    assert "add --group animal to keep them whole" in notes
    assert "have a cut-out of the same picture in another fold, as photos of one subject" in notes
    accuracy = grouped.out_of_fold["accuracy"]
    assert abs(accuracy.value - 0.5) < 0.2
    assert accuracy.low <= new <= accuracy.high


def test_the_sets_of_photos_here_suggest_no_groups() -> None:
    for source in (
        PETS,
        SHARED / "data" / "dogs-vs-cats" / "train.zip",
        SHARED / "data" / "cat-12",
    ):
        assert suggest_groups(Photos.read(source)) == []


def test_few_of_the_pets_are_cut_outs_of_each_other(tmp_path: Path) -> None:
    run = Classifier().fit(PETS, tmp_path / "run")
    (note,) = run.metrics["notes"]
    count = int(note.split(" ")[0])
    assert 1 <= count <= 10
    assert note.endswith("a little too good; --group-alike keeps them together")
