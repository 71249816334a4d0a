"""A grid of runs: made once each, read again, compared on the same photos."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos, Recipe
from pawlens.errors import RecipeError, RunError
from pawlens.metrics import Difference, Interval, photo_losses
from pawlens.pages import Experiments, Point
from pawlens.pages._experiments import render_experiments
from pawlens.photos import Photo
from pawlens.workflows._experiments import MOST, read_grid, run_experiments

from ..written_runs import write_run

RECIPE = Recipe(folds=2, clip=0.0)


@pytest.mark.parametrize(
    ("texts", "grid"),
    [
        (["folds=2,3"], {"folds": ["2", "3"]}),
        (
            ["phases.3.rate=1e-4,1e-3", "phases.3.optimizer=adam, sgd"],
            {"phases.3.rate": ["0.0001", "0.001"], "phases.3.optimizer": ['"adam"', '"sgd"']},
        ),
        (["l2=[0.1, 1.0],auto"], {"l2": ["[0.1, 1.0]", '"auto"']}),
        (["phases.0={do: fuse, hidden: [8]}"], {"phases.0": ['{"do": "fuse", "hidden": [8]}']}),
    ],
)
def test_values_are_read_as_yaml(texts: list[str], grid: dict[str, list[str]]) -> None:
    assert read_grid(texts) == grid


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "nothing varies"),
        (["folds"], "write KEY=VALUE"),
        (["folds="], "write KEY=VALUE"),
        (["folds=2", "folds=3"], "given twice"),
        (["folds=2,2"], "a value is given twice"),
        (["folds=[2"], "not YAML"),
        ([f"seed={','.join(map(str, range(MOST + 1)))}"], f"at most {MOST}"),
    ],
)
def test_what_is_no_grid_is_refused(texts: list[str], words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        read_grid(texts)


def test_each_point_is_one_run_that_is_made_once(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=8, dog=8))
    out, cache = tmp_path / "grid", tmp_path / "cache"
    first = run_experiments(photos, RECIPE, read_grid(["l2=[1.0]"]), out, cache_dir=cache)
    grid = read_grid(["l2=[1.0],[0.001]"])
    found = run_experiments(photos, RECIPE, grid, out, cache_dir=cache)
    assert [point.new for point in found.points] == [False, True]
    assert found.points[0].run.path == first.points[0].run.path
    assert found.best.run.log_loss == min(point.run.log_loss for point in found.points)
    (other,) = (point for point in found.points if point.to_best is not None)
    gap = other.run.log_loss - found.best.run.log_loss
    assert other.to_best is not None
    assert np.isclose(other.to_best.log_loss.value, gap)
    y = np.array([int(name == "dog") for name in other.run.oof()["label"].to_pylist()])
    proba = np.column_stack([other.run.oof()[f"p:{name}"] for name in ("cat", "dog")])
    assert np.isclose(photo_losses(y, proba).mean(), other.run.log_loss)

    page = render_experiments(found, photos.name, out)
    for point in found.points:
        assert f'href="{point.run.path.name}/report.html"' in page
        assert f"{point.run.log_loss:.4f}" in page

    with pytest.raises(RunError, match="of another recipe"):
        run_experiments(photos, Recipe(folds=3), grid, out, cache_dir=cache)
    fewer = photos.subset(list(range(1, 16)))
    first_photo = photos[0]
    relabelled = [Photo(first_photo.path, ("dog",)), *photos[1:]]
    split = [Photo(first_photo.path, first_photo.labels, "test"), *photos[1:]]
    for other_photos in (fewer, photos.with_rows(relabelled), photos.with_rows(split)):
        with pytest.raises(RunError, match="of other photos, labels, splits or groups"):
            run_experiments(other_photos, RECIPE, grid, out, cache_dir=cache)
    shutil.copyfile(photos.location / photos[1].path, photos.location / first_photo.path)
    with pytest.raises(RunError, match="of other photos, labels, splits or groups"):
        run_experiments(photos, RECIPE, grid, out, cache_dir=cache)


@pytest.mark.parametrize(
    ("p", "worse", "close"),
    [
        ([0.01, 0.01], True, False),
        ([0.2, 0.01], False, True),
        ([None, None], False, False),
        ([None, 0.01], False, False),
        ([], False, False),
    ],
)
def test_the_page_says_of_the_others_only_what_was_measured(
    tmp_path: Path, p: list[float | None], worse: bool, close: bool
) -> None:
    points = []
    gap = Interval(0.1, 0.05, 0.2)
    for number, own in enumerate([None, *p]):
        run = write_run(tmp_path / str(number), np.array([0, 1]), np.full((2, 2), 0.5))
        value = vars(Interval(0.3 + number / 10, 0.1, 0.9))
        run.metrics = run.metrics | {"out_of_fold": {"log_loss": value, "accuracy": value}}
        to_best = None if own is None else Difference(0, 1, gap, gap, own, 1.0, 0, 0, len(p))
        points.append(Point({"seed": str(number)}, run, True, to_best))
    found = Experiments({"seed": [p.values["seed"] for p in points]}, points, points[0])
    page = render_experiments(found, "photos", tmp_path)
    assert ("Every other run is worse" in page) == worse
    assert ("To 1 of the others there is no real difference" in page) == close


def test_a_wrong_value_is_told_before_anything_is_trained(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=2, dog=2))
    with pytest.raises(RecipeError, match="folds"):
        run_experiments(photos, RECIPE, read_grid(["folds=2,1"]), tmp_path / "grid")
    with pytest.raises(RecipeError, match="unknown key"):
        run_experiments(photos, RECIPE, read_grid(["fold=2"]), tmp_path / "grid")
    assert not (tmp_path / "grid").exists()
