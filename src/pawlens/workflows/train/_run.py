"""A training run from start to end: photos, table, method, graph, examination, files, report."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ...backbones import licence_notes
from ...base import Clock, Progress, __version__, environment
from ...export import (
    GraphFacts,
    TrainedOn,
    check_parity,
    compose_graph,
    note_photos,
    note_rules,
    write_model_file,
)
from ...metrics import METRICS
from ...models import prove_from_files
from ...photos import FirstLook, Photos, Table, prepare_table
from ...runs import OWN_CACHE, RunFolder, decoded, on_readable, proof_rows
from ...trust import cost_matrix
from .._alike import joiner, told_of_alike
from .._card import papers_of
from ._examine import examine
from ._examples import read_examples
from ._first_look import first_look
from ._frozen import FrozenTraining
from ._head_search import HeadSearch
from ._method import Fitted, RunOptions, TrainingJob, TrainingMethod
from ._network import NetworkTraining
from ._phases import PhasesOfRun
from ._recipe_search import RecipeSearch
from ._results import Examination
from ._trust import Trust, find_trust
from ._what_is_usual import keep_reference

__all__ = ["job_of", "scan_table", "train_run"]


def train_run(
    photos: Photos,
    path: Path,
    options: RunOptions,
    progress: Progress | None = None,
    *,
    table: Table | None = None,
) -> None:
    """Train into the folder `path`; files of the same unfinished run are used again.

    `table` is the photos as they were scanned before, for the same recipe and options.
    """
    tuple(METRICS)  # those of packages are loaded now: what cannot be used is told before any work
    clock, folder = Clock(), RunFolder(path, options.recipe)
    cache = options.cache_dir or path / OWN_CACHE
    extractors, scan = None, "scan"
    if table is None:
        with clock.step("backbones"):
            first = first_look(photos, options, cache)
        extractors, look = first or (None, None)
        scan = "scan and features" if first else scan
        with clock.step(scan):
            table = scan_table(photos, options, cache, progress, look)
    job = replace(job_of(table, options, cache, path / OWN_CACHE), extractors=extractors)
    with clock.step(scan):
        examples = read_examples(job, progress)
    method = choose_method(job)
    with clock.step("backbones"):
        method.prepare()
    folder.start([asdict(decision) for decision in job.decisions])
    steps = PhasesOfRun(folder, job, progress)
    for phase in options.recipe.phases:
        phase.before_training(steps)
    fitted = method.train(clock, progress)
    with clock.step("groups"):
        fitted = _with_notes(fitted, job, progress)
    with clock.step("trust"):
        trust = find_trust(job, fitted, examples, progress)
    with clock.step("export"):
        parity, lost = _export(folder, job, fitted, trust)
    own = None if trust.neither is None else trust.neither.own
    examination = replace(examine(steps, fitted, clock), trust=trust.facts, neither=own)
    _write(folder, job, fitted, examination, parity, lost, clock)
    shutil.rmtree(path / OWN_CACHE, ignore_errors=True)


def choose_method(job: TrainingJob) -> TrainingMethod:
    """Return the way of training that the recipe of a job asks for."""
    search = job.recipe.search
    if search is None:
        return NetworkTraining(job) if job.recipe.phases else FrozenTraining(job)
    return RecipeSearch(job) if search.head is None else HeadSearch(job)


def scan_table(
    photos: Photos,
    options: RunOptions,
    cache: Path,
    progress: Progress | None,
    look: FirstLook | None = None,
) -> Table:
    """Scan the photos, apply decisions, and deal folds."""
    recipe = options.recipe
    return prepare_table(
        photos,
        n_folds=recipe.folds,
        seed=recipe.seed,
        several=recipe.labels == "several",
        decisions=options.decisions,
        join_alike=joiner(cache, options.device, progress) if options.join_alike else None,
        cache_dir=cache,
        progress=progress,
        look=look,
    )


def job_of(table: Table, options: RunOptions, cache: Path, work: Path) -> TrainingJob:
    """Return the job of a table, with the decisions that concern its photos."""
    cost_matrix(options.recipe.costs, table.classes)  # a class that is none is told before any work
    contents = dict.fromkeys(scan.sha256 for scan in table.scans)
    decisions = [options.decisions[sha] for sha in contents if sha in options.decisions]
    return TrainingJob(table, options, decisions, cache, work)


def _with_notes(fitted: Fitted, job: TrainingJob, progress: Progress | None) -> Fitted:
    """Add to the table what features say of photos that belong together, and of licences."""
    table, options = fitted.results.table, job.options
    told = licence_notes(backbone.spec for backbone in fitted.matrix.backbones)
    if not options.join_alike:
        told += told_of_alike(
            table, fitted.matrix, cache_dir=job.cache, device=options.device, progress=progress
        )
    noted = replace(table, notes=[*table.notes, *told])
    return replace(fitted, results=replace(fitted.results, table=noted))


def _export(
    folder: RunFolder, job: TrainingJob, fitted: Fitted, trust: Trust
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
    rows = proof_rows(results.evaluated, results.recipe.seed)
    with folder.model() as draft:
        graph = compose_graph(backbones, results.head, facts, trust.neither)
        note_photos(graph, TrainedOn.of(results.learnt_from()))
        note_rules(graph, trust.rules)
        write_model_file(draft, graph)

        def prove(rows: list[int]) -> dict[str, Any]:
            cut = job.table.trimmed if results.recipe.borders == "keep" else ()
            photos = job.table.photos
            pixels = [partial(decoded, photos, row, trimmed=row in cut) for row in rows]
            evaluated = fitted.probabilities(np.array(rows))
            return check_parity(draft, facts, results.head, backbones, pixels, evaluated)

        parity, lost = on_readable(job.table.photos, rows.tolist(), prove)
        parity |= prove_from_files(graph, facts, job.table.photos.subset(rows.tolist()))
        write_model_file(draft, graph)  # it may have been marked to be exact
        return parity, lost


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
    if examination.choice:
        folder.write_choice(examination.choice)
    with clock.step("reference"):
        folder.write_reference(keep_reference(folder.model_path, job, fitted))
    facts = environment(
        clock.seconds, matrix.precisions, matrix.extracted, lost, busy=clock.processor_seconds
    )
    report = results.report(matrix.backbones, parity, facts, examination)
    folder.write_facts(job.table.photos.location, parity, facts)
    folder.write_papers(papers_of(folder.as_run(), [one.spec for one in matrix.backbones]))
    folder.finish(report)
