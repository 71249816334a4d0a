"""A training run from start to end: photos, table, method, graph, examination, files, report."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Clock, Progress, __version__, environment
from ...export import GraphFacts, TrainedOn, check_parity, compose_graph, note_photos
from ...models import Model, load, predictions_csv
from ...photos import Photos, prepare_table
from ...recipes import Evaluate, Explore, Predict, Recipe, Search
from ...runs import OWN_CACHE, RunFolder, decoded, on_readable
from .._explore import write_exploration
from ._advice import advise
from ._diagnosis import answer_maps, find_failures
from ._frozen import FrozenTraining
from ._head_search import HeadSearch
from ._method import Fitted, Method, RunOptions, TrainingJob
from ._network import NetworkTraining
from ._recipe_search import RecipeSearch
from ._results import Examination, TrainingResults
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    pass

__all__ = ["train_run"]

_PARITY_PHOTOS = 64


def train_run(
    photos: Photos, path: Path, options: RunOptions, progress: Progress | None = None
) -> None:
    """Train into the folder `path`; files of the same unfinished run are used again."""
    clock, folder = Clock(), RunFolder(path, options.recipe)
    try:
        job = _scan(photos, path, options, clock, progress)
        method = choose_method(options.recipe)(job)
        with clock.step("backbones"):
            method.prepare()
    except BaseException:
        folder.abandon()
        raise
    folder.start([asdict(decision) for decision in job.decisions])
    _explore(folder, job, progress)
    fitted = method.train(clock, progress)
    with clock.step("export"):
        parity, lost = _export(folder, job, fitted)
    examination = _examine(folder, job, fitted, clock, progress)
    _write(folder, job, fitted, examination, parity, lost, clock)
    shutil.rmtree(path / OWN_CACHE, ignore_errors=True)


def choose_method(recipe: Recipe) -> type[Method]:
    """Return the training method that a recipe asks for."""
    search = next((phase for phase in recipe.phases if isinstance(phase, Search)), None)
    if search is not None:
        return RecipeSearch if search.head is None else HeadSearch
    return NetworkTraining if recipe.phases else FrozenTraining


def _scan(
    photos: Photos, path: Path, options: RunOptions, clock: Clock, progress: Progress | None
) -> TrainingJob:
    """Scan the photos, apply decisions, and return the job."""
    recipe, cache = options.recipe, options.cache_dir or path / OWN_CACHE
    with clock.step("scan"):
        table = prepare_table(
            photos,
            n_folds=recipe.folds,
            seed=recipe.seed,
            several=recipe.labels == "several",
            decisions=options.decisions,
            cache_dir=cache,
            progress=progress,
        )
    contents = dict.fromkeys(scan.sha256 for scan in table.scans)
    decisions = [options.decisions[sha] for sha in contents if sha in options.decisions]
    return TrainingJob(table, options, decisions, cache, path / OWN_CACHE)


def _explore(folder: RunFolder, job: TrainingJob, progress: Progress | None) -> None:
    """Write ``explore.html`` where the recipe asks for it."""
    if any(isinstance(phase, Explore) for phase in job.recipe.phases):
        page = folder.path / "explore.html"
        write_exploration(job.table.photos, page, cache_dir=job.cache, progress=progress)


def _export(
    folder: RunFolder, job: TrainingJob, fitted: Fitted
) -> tuple[dict[str, Any], list[str]]:
    """Compose ``model.onnx``, and keep it only if it gives the answers that were evaluated.

    Returns the figures of the parity check, and the photos that could not be read for it.
    """
    results, backbones = fitted.results, fitted.matrix.backbones
    facts = GraphFacts(
        classes=tuple(job.table.classes),
        backbones=tuple(backbone.spec for backbone in backbones),
        weights_hashes=tuple(backbone.weights_hash for backbone in backbones),
        version=__version__,
        borders=results.recipe.borders,
        **results.shipped,
    )
    rows = results.evaluated
    count = min(_PARITY_PHOTOS, len(rows))
    rows = np.sort(np.random.default_rng(results.recipe.seed).choice(rows, count, replace=False))
    with folder.proven("model.onnx") as draft:
        graph = compose_graph(backbones, results.head, facts)
        note_photos(graph, TrainedOn.of(results.learnt_from()))
        draft.write_bytes(graph.SerializeToString())

        def prove(rows: list[int]) -> dict[str, Any]:
            cut = job.table.trimmed if results.recipe.borders == "keep" else ()
            photos = job.table.photos
            pixels = [partial(decoded, photos, row, trimmed=row in cut) for row in rows]
            evaluated = fitted.probabilities(np.array(rows))
            return check_parity(draft, facts, results.head, backbones, pixels, evaluated)

        return on_readable(job.table.photos, rows.tolist(), prove)


def _examine(
    folder: RunFolder, job: TrainingJob, fitted: Fitted, clock: Clock, progress: Progress | None
) -> Examination:
    """Examine the exported model: other views, and the reasons for wrong answers."""
    results, model = fitted.results, load(folder.path / "model.onnx")
    views: dict[str, Any] = {}
    for phase in job.recipe.phases:
        if isinstance(phase, Predict):
            answers = model.answer(Photos.read(phase.photos, labels=False), progress=progress)
            folder.write("predictions.csv", predictions_csv(answers))
        elif isinstance(phase, Evaluate) and phase.views:
            views = _with_views(model, results, phase, progress)
    if not isinstance(results, OneLabelResults):
        return Examination(views=views)
    with clock.step("failures"):
        failures = find_failures(model, job, fitted, results, cache=job.cache, progress=progress)
        return Examination(
            views=views,
            failures=failures,
            advice=advise(results, failures),
            maps=answer_maps(model, job, results, progress),
        )


def _with_views(
    model: Model, results: TrainingResults, phase: Evaluate, progress: Progress | None
) -> dict[str, Any]:
    """Measure the held-out photos with and without test-time augmentation, and the difference.

    Both are answers of the exported model to whole photos. Photos that cannot be read any more are
    left out and named; nothing is measured where none is left.
    """
    photos = results.table.photos.subset(results.evaluated.tolist())
    plain, views = (
        model.answer(photos, views=names, progress=progress).proba for names in ((), phase.views)
    )
    read = ~np.isnan(plain[:, 0]) & ~np.isnan(views[:, 0])
    if not read.any():
        return {}
    measured = replace(results, evaluated=results.evaluated[read])
    plain, views = plain[read], views[read]
    return {
        "views": list(phase.views),
        "log_loss": {
            "plain": asdict(measured.log_loss(plain)),
            "views": asdict(measured.log_loss(views)),
        },
        "difference": asdict(measured.difference(views, plain)),
        "no longer readable": [photos.paths[row] for row in np.flatnonzero(~read)],
    }


def _write(
    folder: RunFolder,
    job: TrainingJob,
    fitted: Fitted,
    examination: Examination,
    parity: dict[str, Any],
    lost: list[str],
    clock: Clock,
) -> None:
    """Write every file; ``report.html`` comes last and marks the run as finished."""
    results, matrix = fitted.results, fitted.matrix
    results.write(folder, examination)
    facts = environment(clock.seconds, matrix.precisions, matrix.extracted)
    if lost:
        facts["no longer readable"] = lost
    folder.write_json("parity.json", parity)
    location = str(job.table.photos.location.resolve())
    folder.write_json("environment.json", {"photos": location} | facts)
    folder.write("report.html", results.report(matrix.backbones, parity, facts, examination))
