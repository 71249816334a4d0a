"""A training run, one way: table -> features -> head -> evaluation -> export -> report."""

from __future__ import annotations

import shutil
from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ._clock import Clock
from ._errors import PhotosError
from ._head import FittedHead, fit_head
from ._parallel import Progress
from ._results import Results, environment, report_data
from .audit import Decision
from .backbones import (
    CALIBRATION_PHOTOS,
    Backbone,
    Device,
    Engine,
    find_backbone,
    open_engine,
    quantise,
)
from .evaluation import (
    Calibration,
    apply_clip,
    apply_temperature,
    evaluate,
    render_report,
)
from .export import GraphFacts, check_parity, compose_graph
from .features import extract_features, photo_batches
from .heads import LogisticFit, unit_rows
from .photos import Photos, Table, prepare_table, trim
from .recipes import Recipe
from .runs import OWN_CACHE, RunFolder

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Settings", "fit_run"]

_PARITY_PHOTOS = 64


@dataclass(frozen=True)
class Settings:
    """What a run needs besides its photos; only recipe and decisions decide the outcome."""

    recipe: Recipe
    weights_dir: Path | None = None
    cache_dir: Path | None = None
    device: Device = "auto"
    decisions: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True)
class _Matrix:
    """Features of all backbones side by side, one row for each distinct photo content."""

    values: npt.NDArray[np.float32]
    row: npt.NDArray[np.int64]
    backbones: list[Backbone]
    precisions: list[str]
    extracted: int


def fit_run(
    photos: Photos, path: Path, settings: Settings, progress: Progress | None = None
) -> None:
    """Train into the folder `path`; what is there of the same unfinished run is used again."""
    recipe, clock = settings.recipe, Clock()
    folder = RunFolder(path, recipe)
    cache = settings.cache_dir or path / OWN_CACHE
    with clock.step("scan"):
        table = prepare_table(
            photos,
            n_folds=recipe.folds,
            seed=recipe.seed,
            decisions=settings.decisions,
            cache_dir=cache,
            progress=progress,
        )
    contents = dict.fromkeys(scan.sha256 for scan in table.scans)
    decisions = [settings.decisions[one] for one in contents if one in settings.decisions]
    with clock.step("backbones"):
        opened = _open_backbones(table, settings, cache)
    folder.start([asdict(decision) for decision in decisions])
    with clock.step("features"):
        trimmed = _trimmed(table, recipe)
        matrix = _features(table, opened, trimmed, cache, progress)
    with clock.step("head"):
        head = fit_head(table, matrix.values, matrix.row, recipe, progress)
    with clock.step("evaluation"):
        results = _evaluate(table, matrix, head, recipe, decisions)
    with clock.step("export"):
        parity = _export(folder, table, matrix, results)
    results.write(folder)
    facts = environment(clock.seconds, matrix.precisions, matrix.extracted)
    folder.write_json("parity.json", parity)
    folder.write_json("environment.json", facts)
    folder.write(
        "report.html", render_report(report_data(results, matrix.backbones, parity, facts))
    )
    shutil.rmtree(path / OWN_CACHE, ignore_errors=True)


def _trimmed(table: Table, recipe: Recipe) -> Container[int]:
    """Rows whose border is cut off before a backbone sees them."""
    return range(len(table.photos)) if recipe.borders == "trim" else table.trimmed


def _open_backbones(
    table: Table, settings: Settings, cache: Path
) -> list[tuple[Backbone, Backbone, Engine]]:
    """Each backbone as it is exported, as it is seen through here, and the engine for that."""
    recipe = settings.recipe
    opened = []
    for name in recipe.backbones:
        backbone = find_backbone(name, weights_dir=settings.weights_dir, cache_dir=cache)
        seen = backbone
        if recipe.precision == "int8":
            train = table.rows("train")
            order = np.random.default_rng(recipe.seed).permutation(train)[:CALIBRATION_PHOTOS]
            batches = photo_batches(
                table.photos, order.tolist(), [backbone.spec], 8, trimmed=_trimmed(table, recipe)
            )
            seen = quantise(backbone, (pixels for _, (pixels,) in batches), cache_dir=cache)
        engine = open_engine(seen, precision=recipe.precision, device=settings.device)
        opened.append((backbone, seen, engine))
    return opened


def _features(
    table: Table,
    opened: list[tuple[Backbone, Backbone, Engine]],
    trimmed: Container[int],
    cache: Path,
    progress: Progress | None,
) -> _Matrix:
    keys = [scan.sha256 if not scan.problem else "" for scan in table.scans]
    parts, extracted = [], 0
    row = np.full(len(keys), -1, np.int64)
    backbones, precisions = [], []
    while opened:
        backbone, seen, engine = opened.pop(0)  # so that each engine is let go when it is done
        found = extract_features(
            table.photos,
            seen,
            engine,
            hashes=keys,
            trimmed=trimmed,
            cache_dir=cache,
            progress=progress,
        )
        lost = [i for i, key in enumerate(keys) if key and found.index[i] < 0]
        if lost:
            raise PhotosError(
                f"{table.photos.paths[lost[0]]}: changed or vanished during the run; start it again"
            )
        parts.append(unit_rows(found.matrix))
        row = found.index
        extracted += found.extracted
        backbones.append(backbone)
        precisions.append(f"{engine.precision} on {engine.device}")
    values = parts[0] if len(parts) == 1 else np.hstack(parts)
    return _Matrix(values, row, backbones, precisions, extracted)


def _evaluate(
    table: Table,
    matrix: _Matrix,
    head: FittedHead,
    recipe: Recipe,
    decisions: list[Decision],
) -> Results:
    train = table.rows("train")
    label, calibration = table.label[train], head.calibration
    metrics = evaluate(
        label, calibration.proba, table.classes, seed=recipe.seed, groups=table.group[train]
    )
    held_out = {}
    for split in ("valid", "test"):
        rows = table.rows(split)
        if len(rows):
            proba = _probabilities(head.fit, calibration, matrix.values[matrix.row[rows]])
            held_out[split] = evaluate(
                table.label[rows], proba, table.classes, seed=recipe.seed, groups=table.group[rows]
            )
    return Results(
        table, recipe, head.fit, calibration, metrics, held_out, decisions, head.cleaning
    )


def _export(folder: RunFolder, table: Table, matrix: _Matrix, results: Results) -> dict[str, Any]:
    from . import __version__

    facts = GraphFacts(
        classes=tuple(table.classes),
        backbones=tuple(b.spec for b in matrix.backbones),
        weights_hashes=tuple(b.weights_hash for b in matrix.backbones),
        temperature=results.calibration.temperature,
        clip=results.calibration.clip,
        version=__version__,
        borders=results.recipe.borders,
    )
    train = table.rows("train")
    count = min(_PARITY_PHOTOS, len(train))
    rows = np.sort(np.random.default_rng(results.recipe.seed).choice(train, count, replace=False))
    evaluated = _probabilities(results.fit, results.calibration, matrix.values[matrix.row[rows]])
    head, backbones = results.fit.head, matrix.backbones
    pixels = [partial(_decoded, table, int(row), results.recipe) for row in rows]
    with folder.proven("model.onnx") as draft:
        draft.write_bytes(compose_graph(backbones, head, facts).SerializeToString())
        return check_parity(draft, facts, head, backbones, pixels, evaluated)


def _decoded(table: Table, row: int, recipe: Recipe) -> npt.NDArray[np.uint8]:
    """What the graph is given: a border that was decided upon is no part of its task."""
    pixels = table.photos.decode(row)
    return trim(pixels) if recipe.borders == "keep" and row in table.trimmed else pixels


def _probabilities(
    fit: LogisticFit, calibration: Calibration, features: npt.NDArray[np.float32]
) -> npt.NDArray[np.float64]:
    """What the shipped model says: the final head, temperature and clip."""
    proba = apply_temperature(fit.head.logits(features), calibration.temperature)
    return apply_clip(proba, calibration.clip)
