"""What a run leaves out when the time that was given for it is over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pawlens import Photos, Run
from pawlens.models import load
from pawlens.recipes import Recipe
from pawlens.workflows.train import RunOptions, _examine, train_run
from pawlens.workflows.train.auto import Deadline


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def trained(photos: Path, tmp_path: Path, clock: Clock) -> Run:
    options = RunOptions(
        Recipe(folds=2), cache_dir=tmp_path / "cache", deadline=Deadline(100, now=clock)
    )
    train_run(Photos.read(photos), tmp_path / "run", options)
    return Run(tmp_path / "run")


def left_out(run: Run) -> str:
    (note,) = [note for note in run.metrics["notes"] if note.startswith("Left out")] or [""]
    return str(note)


def test_in_time_nothing_is_left_out(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    run = trained(photo_folder(cat=6, dog=6), tmp_path, Clock())
    assert left_out(run) == ""
    assert {"failures", "slices"} <= run.metrics.keys()


def test_when_the_time_is_over_the_run_says_what_it_left_out(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()

    def late(path: Path) -> Any:
        clock.now = 98.5  # the last seconds are for the report
        return load(path)

    monkeypatch.setattr(_examine, "load", late)
    run = trained(photo_folder(cat=6, dog=6), tmp_path, clock)
    words = (
        "Left out, because the time that was given was over: traits of files that tell the "
        "classes apart, the reasons for wrong answers, slices, maps."
    )
    assert left_out(run) == words
    assert not {"failures", "slices"} & run.metrics.keys()
    assert words in run.report_path.read_text(encoding="utf-8")
    assert run.model_path.is_file()


def test_a_part_under_way_ends_with_the_time(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    done: list[int] = []

    def slow(job: Any, results: Any, progress: Any) -> None:
        for number in range(10):
            clock.now += 30
            progress("slices", number + 1, 10)
            done.append(number)

    monkeypatch.setattr(_examine, "find_slices", slow)
    run = trained(photo_folder(cat=6, dog=6), tmp_path, clock)
    assert done == [0, 1, 2]
    assert left_out(run).endswith("was over: slices, maps.")
    assert "failures" in run.metrics
