"""Experiments on a grid: one recipe with some of its values varied, one run for each point."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..backbones import Device
from ..base import Progress, Watcher, in_use, tell, user_cache, watched, write_atomic
from ..errors import RecipeError, RunError
from ..metrics import compare_models
from ..pages import Experiments, Point, render_experiments
from ..photos import Photos, PhotosLike, as_photos, scan_photos
from ..recipes import Recipe, load_yaml, override, read_recipe
from ..runs import Run, is_finished, join_runs
from ._recipe import RecipeLike, Settings, as_recipe, as_text
from .train import Classifier

__all__ = ["EXPERIMENTS_PAGE", "MOST", "experiments", "read_grid", "run_experiments"]

EXPERIMENTS_PAGE = "experiments.html"

MOST = 200
"""Runs of one grid; more are a mistake sooner than a wish."""

_NAME = 100  # characters of a folder's name


def experiments(
    photos: PhotosLike,
    vary: Mapping[str, Sequence[Any]] | Sequence[str],
    *,
    recipe: RecipeLike | None = None,
    settings: Settings | None = None,
    backbones: str | Sequence[str] | None = None,
    out: str | Path = "experiments",
    group: str | None = None,
    group_name: str | None = None,
    group_alike: bool = False,
    weights_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    device: Device = "auto",
    progress: Watcher = None,
) -> Experiments:
    """Train a recipe at every combination of some values: one run each, one page for all.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels; at least two classes.
    vary : mapping of str to sequence, or sequence of str
        Values by key of the recipe, such as ``{"phases.3.rate": [1e-4, 1e-3]}``, or texts
        ``KEY=VALUE,VALUE``.
    recipe : Recipe, name or path, optional
        Whose values are varied; the default recipe where it is left out.
    settings, backbones
        Values, and the backbones, of every run in place of the recipe's.
    out : path
        A folder for the runs and the page. Runs that are finished there are not trained again.
    group, group_name, group_alike
        See `Classifier.fit`.
    weights_dir, cache_dir, device
        See `Classifier`.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    RecipeError
        A key is unknown or a value out of range; told before anything is trained.
    RunError
        A folder holds a run of another recipe, or of other photos, labels, splits or groups.

    Examples
    --------
    >>> grid = experiments("photos", {"l2": [[0.1], [1.0]]}, settings={"folds": 2}, out="grid")
    >>> [point.name for point in grid.points]
    ['l2=[0.1]', 'l2=[1.0]']
    >>> grid.best in grid.points
    True
    """
    texts = vary
    if isinstance(vary, Mapping):
        texts = [f"{key}={','.join(map(as_text, values))}" for key, values in vary.items()]
    grid, folder = read_grid(list(texts)), Path(out)
    base = as_recipe(recipe, settings, backbones)
    table = as_photos(photos, group=group, group_name=group_name)
    with in_use(folder), watched(progress) as told:
        result = run_experiments(
            table,
            base,
            grid,
            folder,
            group_alike=group_alike,
            weights_dir=None if weights_dir is None else Path(weights_dir),
            cache_dir=None if cache_dir is None else Path(cache_dir),
            device=device,
            progress=told,
        )
        page = render_experiments(result, table.name, folder)
        write_atomic(folder / EXPERIMENTS_PAGE, page.encode())
    return result


def read_grid(texts: Sequence[str]) -> dict[str, list[str]]:
    """Read ``KEY=VALUE,VALUE`` texts; values are as in YAML, lists and mappings in brackets.

    Raises
    ------
    RecipeError
        A text is not of this form, a key or a value is given twice, or there are more than `MOST`
        points.
    """
    grid: dict[str, list[str]] = {}
    for text in texts:
        key, equals, values = (part.strip() for part in text.partition("="))
        if not (key and equals and values):
            raise RecipeError(f"--vary {text}: write KEY=VALUE,VALUE, as phases.3.rate=1e-4,1e-3")
        if key in grid:
            raise RecipeError(f"--vary {text}: {key} is given twice; put its values in one list")
        try:
            listed = load_yaml(f"[{values}]")
        except ValueError as error:
            raise RecipeError(f"--vary {text}: not YAML values ({error})") from error
        grid[key] = [json.dumps(value, ensure_ascii=False) for value in listed]
        if len(set(grid[key])) < len(grid[key]):
            raise RecipeError(f"--vary {text}: a value is given twice")
    if not grid:
        raise RecipeError("nothing varies: give --vary KEY=VALUE,VALUE, as folds=3,5")
    count = int(np.prod([len(values) for values in grid.values()]))
    if count > MOST:
        raise RecipeError(f"--vary asks for {count} runs; at most {MOST}: vary fewer values")
    return grid


def run_experiments(
    photos: Photos,
    recipe: Recipe,
    grid: Mapping[str, Sequence[str]],
    out: Path,
    *,
    group_alike: bool = False,
    weights_dir: Path | None = None,
    cache_dir: Path | None = None,
    device: Device = "auto",
    progress: Progress | None = None,
) -> Experiments:
    """Train every point of a grid; finished runs are read, an unfinished one goes on.

    Parameters
    ----------
    photos : Photos
        Labelled photos.
    recipe : Recipe
        The recipe whose values are varied.
    grid : mapping
        Values by key, from `read_grid`.
    out : Path
        Folder that gets one run folder for each point, named by its values.
    group_alike : bool
        See `Classifier.fit`.
    weights_dir, cache_dir, device, progress
        Parameters of `Classifier`.

    Raises
    ------
    RecipeError
        A key is unknown or a value out of range; told before anything is trained.
    RunError
        A folder holds a run of another recipe, or of other photos, labels, splits or groups.
    """
    combinations = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    recipes = [override(recipe, [f"{k}={v}" for k, v in values.items()]) for values in combinations]
    kept = user_cache() if cache_dir is None else cache_dir
    columns = cache(lambda: _columns(photos, kept, progress))
    points = []
    for number, (values, own_recipe) in enumerate(zip(combinations, recipes, strict=True)):
        path = out / _folder_name(values)
        tell(progress, "experiments", number, len(combinations))
        run = _finished(path, own_recipe, columns)
        new = run is None
        if run is None:
            classifier = Classifier(
                recipe=own_recipe, weights_dir=weights_dir, cache_dir=cache_dir, device=device
            )
            of_run = _named(progress, number, len(combinations))
            run = classifier.fit(photos, path, group_alike=group_alike, progress=of_run)
        points.append(Point(values, run, new))
    tell(progress, "experiments", len(points), len(points))
    best = min(points, key=lambda point: point.run.log_loss)
    return Experiments({k: list(v) for k, v in grid.items()}, _compared(points, best), best)


def _named(progress: Progress | None, number: int, count: int) -> Progress | None:
    """Return a progress callback for one run, which names its number."""
    if progress is None:
        return None

    def tell(what: str, done: int, total: int) -> None:
        progress(f"{number + 1} of {count}: {what}", done, total)

    return tell


def _folder_name(values: Mapping[str, str]) -> str:
    """Make a folder name from the values alone, so that a larger grid finds existing runs."""
    text = ",".join(f"{key}={value}" for key, value in values.items())
    plain = re.sub(r"[^\w.=,+@-]", "_", text.replace('"', ""))[:_NAME]
    if plain == text:
        return plain
    return f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _columns(photos: Photos, cache_dir: Path, progress: Progress | None) -> dict[str, list[Any]]:
    """Return the columns that `Run.photos` has after training on exactly these photos."""
    scans = scan_photos(photos, cache_dir=cache_dir, progress=progress)
    return {
        "path": photos.paths,
        "sha256": [scan.sha256 for scan in scans],
        "given_labels": [list(photo.labels) for photo in photos],
        "split": [photo.split for photo in photos],
        "given_group": [photo.group for photo in photos],
    }


def _finished(
    path: Path, recipe: Recipe, columns: Callable[[], dict[str, list[Any]]]
) -> Run | None:
    """Return the finished run in a folder, if it has this recipe and these photos."""
    if not is_finished(path):
        return None
    run = Run(path)
    if read_recipe(run.recipe_path) != recipe:
        raise RunError(f"{path}: holds a finished run of another recipe; choose another --out")
    found = run.photos("given_labels").to_pydict() | {"given_group": run.given_groups()}
    if any(found[name] != wanted for name, wanted in columns().items()):
        raise RunError(
            f"{path}: holds a finished run of other photos, labels, splits or groups; choose "
            "another --out"
        )
    return run


def _compared(points: Sequence[Point], best: Point) -> list[Point]:
    """Add to each point its difference to the best one."""
    measured, place = [_measured(point.run) for point in points], points.index(best)
    alike = [i for i, one in enumerate(measured) if one and one == measured[place]]
    if len(alike) < 2:
        return list(points)
    joined = join_runs([points[i].run for i in alike])
    differences = compare_models(
        joined.y,
        joined.proba,
        against=alike.index(place),
        groups=joined.group,
        folds=joined.fold,
    )
    to_best = {alike[one.model]: replace(one, model=0, against=1) for one in differences}
    return [replace(point, to_best=to_best.get(i)) for i, point in enumerate(points)]


def _measured(run: Run) -> set[tuple[str, str]]:
    """Return photos and labels that a run was measured on; empty for several labels."""
    table = run.oof()
    if "answer" in table.column_names:
        return set()
    return set(zip(table["path"].to_pylist(), table["label"].to_pylist(), strict=True))
