"""Run folders: nothing half written, nothing overwritten."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from pawlens.errors import RunError
from pawlens.recipes import Recipe
from pawlens.runs import Run, RunFolder, claimed


def test_an_unfinished_run_is_continued(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run", Recipe())
    folder.start()
    folder.write("a.txt", "one")
    (tmp_path / "run" / ".writing-123").write_bytes(b"half")
    again = RunFolder(tmp_path / "run", Recipe())
    again.start()
    again.write("a.txt", "two")
    assert not list((tmp_path / "run").glob(".writing-*"))
    assert (tmp_path / "run" / "a.txt").read_text() == "two"


def test_a_crash_before_the_recipe_leaves_a_usable_folder(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".writing-123").write_bytes(b"half")
    assert RunFolder(tmp_path / "run", Recipe()).path.is_dir()


def test_a_folder_that_was_made_for_nothing_is_gone(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), claimed(tmp_path / "runs" / "new", "", Recipe()):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
    (tmp_path / "runs" / "old").mkdir(parents=True)
    with claimed(tmp_path / "runs" / "old", "", Recipe()):
        pass
    with claimed(tmp_path / "runs" / "begun", "", Recipe()) as path:
        RunFolder(path, Recipe()).write("a.txt", "one")
    assert (tmp_path / "runs" / "old").is_dir()
    assert [file.name for file in (tmp_path / "runs" / "begun").iterdir()] == ["a.txt"]


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    finished, other, foreign = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    RunFolder(finished, Recipe()).write("report.html", "done")
    RunFolder(other, Recipe(seed=1)).start()
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("precious")
    for path, message in (
        (finished, "finished run"),
        (other, "another recipe"),
        (foreign, "other files"),
    ):
        with pytest.raises(RunError, match=message):
            RunFolder(path, Recipe())
    assert (foreign / "thesis.txt").read_text() == "precious"


def test_next_free_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    recipe, runs = Recipe(), Path("runs")

    def free(wanted: Recipe) -> Path:
        with claimed(None, "pets", wanted) as path:
            return path

    assert free(recipe) == runs / "pets"
    RunFolder(runs / "pets", recipe).write("report.html", "done")
    assert free(recipe) == runs / "pets-2"
    RunFolder(runs / "pets-2", recipe).start()
    assert free(recipe) == runs / "pets-2"
    assert free(Recipe(seed=1)) == runs / "pets-3"
    with claimed(None, "pets", recipe) as held:  # another process would get the name after it
        assert held == runs / "pets-2"
        assert free(recipe) == runs / "pets-3"
    assert free(recipe) == runs / "pets-2"


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path / "run", Recipe())
    folder.write("metrics.json", "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device"):
        folder.write("metrics.json", "new")
    assert (tmp_path / "run" / "metrics.json").read_text() == "old"
    assert not list((tmp_path / "run").glob(".writing-*"))


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(RunError, match="cannot be created"):
        RunFolder(tmp_path / "run", Recipe())


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no finished run"):
        Run(tmp_path)


def test_a_damaged_run_names_the_file(tmp_path: Path) -> None:
    RunFolder(tmp_path, Recipe()).write("report.html", "done")
    (tmp_path / "metrics.json").write_text("{")
    with pytest.raises(RunError, match=r"metrics\.json: missing or damaged"):
        print(Run(tmp_path).metrics)
    (tmp_path / "classes.json").write_text('["cat", "dog"]')
    (tmp_path / "oof.parquet").write_text("{")
    with pytest.raises(RunError, match=r"oof\.parquet: missing or damaged"):
        Run(tmp_path).oof()


def test_an_unfinished_run_with_other_decisions(tmp_path: Path) -> None:
    rows = [{"sha256": "a" * 64, "action": "drop"}]
    RunFolder(tmp_path / "run", Recipe()).start(rows)
    assert (tmp_path / "run" / "decisions.jsonl").read_text().count("\n") == 1
    RunFolder(tmp_path / "run", Recipe()).start(rows)
    with pytest.raises(RunError, match="unfinished run with other decisions"):
        RunFolder(tmp_path / "run", Recipe()).start()


def test_a_cache_that_a_crash_left_beside_a_finished_run_goes(tmp_path: Path) -> None:
    RunFolder(tmp_path, Recipe()).write("report.html", "done")
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "phase-01.pt").write_bytes(b"large")
    with pytest.raises(RunError, match="holds a finished run"):
        RunFolder(tmp_path, Recipe())
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
