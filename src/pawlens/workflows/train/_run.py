"""A training run, one way: table -> training -> evaluation -> export -> report."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Clock, Progress
from ...export import GraphFacts, check_parity, compose_graph
from ...models import load
from ...photos import Photos, Table, prepare_table, trim
from ...recipes import Recipe, Search
from ...runs import OWN_CACHE, RunFolder
from ._advice import advise
from ._around import after_export, before_training
from ._diagnosis import find_failures
from ._frozen import frozen_training
from ._maps import answer_maps
from ._method import Outcome, Settings, Training
from ._results import environment
from ._results_one_label import Results

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...audit import Decision

__all__ = ["fit_run"]

_PARITY_PHOTOS = 64


def fit_run(
    photos: Photos, path: Path, settings: Settings, progress: Progress | None = None
) -> None:
    """Train into the folder `path`; what is there of the same unfinished run is used again."""
    recipe, clock = settings.recipe, Clock()
    folder = RunFolder(path, recipe)
    cache = settings.cache_dir or path / OWN_CACHE
    try:
        table, decisions, train = _prepared(photos, path, settings, cache, clock, progress)
    except BaseException:
        folder.abandon()
        raise
    folder.start([asdict(decision) for decision in decisions])
    before_training(folder, photos, recipe, cache, progress)
    outcome = train(clock, progress)
    with clock.step("export"):
        parity = _export(folder, table, outcome)
    results = after_export(folder, outcome.results, progress)
    if isinstance(results, Results):
        with clock.step("failures"):
            results = _examined(folder, results, outcome, cache, progress)
    results.write(folder)
    facts = environment(clock.seconds, outcome.precisions, outcome.extracted)
    folder.write_json("parity.json", parity)
    folder.write_json("environment.json", {"photos": str(photos.location.resolve())} | facts)
    folder.write("report.html", results.report(outcome.backbones, parity, facts))
    shutil.rmtree(path / OWN_CACHE, ignore_errors=True)


def _prepared(
    photos: Photos,
    path: Path,
    settings: Settings,
    cache: Path,
    clock: Clock,
    progress: Progress | None,
) -> tuple[Table, list[Decision], Training]:
    """The scanned photos, what was decided about them, and how the recipe trains on them."""
    recipe = settings.recipe
    with clock.step("scan"):
        table = prepare_table(
            photos,
            n_folds=recipe.folds,
            seed=recipe.seed,
            several=recipe.labels == "several",
            decisions=settings.decisions,
            cache_dir=cache,
            progress=progress,
        )
    contents = dict.fromkeys(scan.sha256 for scan in table.scans)
    decisions = [settings.decisions[one] for one in contents if one in settings.decisions]
    search = next((phase for phase in recipe.phases if isinstance(phase, Search)), None)
    if search is not None and search.head is None:
        from ._recipe_search import recipe_search as training
    elif search is not None:
        from ._head_search import search_training as training
    elif recipe.phases:
        from ._network import network_training as training
    else:
        training = frozen_training
    with clock.step("backbones"):
        return table, decisions, training(table, settings, decisions, cache, path / OWN_CACHE)


def _export(folder: RunFolder, table: Table, outcome: Outcome) -> dict[str, Any]:
    from ... import __version__

    results, backbones = outcome.results, outcome.backbones
    facts = GraphFacts(
        classes=tuple(table.classes),
        backbones=tuple(b.spec for b in backbones),
        weights_hashes=tuple(b.weights_hash for b in backbones),
        version=__version__,
        borders=results.recipe.borders,
        **results.shipped,
    )
    rows = results.evaluated
    count = min(_PARITY_PHOTOS, len(rows))
    rows = np.sort(np.random.default_rng(results.recipe.seed).choice(rows, count, replace=False))
    pixels = [partial(_decoded, table, int(row), results.recipe) for row in rows]
    with folder.proven("model.onnx") as draft:
        draft.write_bytes(compose_graph(backbones, results.head, facts).SerializeToString())
        return check_parity(
            draft, facts, results.head, backbones, pixels, outcome.probabilities(rows)
        )


def _examined(
    folder: RunFolder,
    results: Results,
    outcome: Outcome,
    cache: Path,
    progress: Progress | None,
) -> Results:
    """Why the wrong answers are wrong, asked of the model that ships, and what to do next."""
    model = load(folder.path / "model.onnx")
    failures = find_failures(model, results, outcome.features, cache=cache, progress=progress)
    maps = answer_maps(model, results, progress)
    results = replace(results, failures=failures, maps=maps)
    return replace(results, advice=advise(results))


def _decoded(table: Table, row: int, recipe: Recipe) -> npt.NDArray[np.uint8]:
    """What the graph is given: a border that was decided upon is no part of its task."""
    pixels = table.photos.decode(row)
    return trim(pixels) if recipe.borders == "keep" and row in table.trimmed else pixels
