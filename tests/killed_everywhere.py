"""Everything that resumes but the training of networks, killed before each of its lines.

``python -m tests.killed_everywhere PHOTOS MEMBERS OUT``, for `test_kill_points`. What takes long
and keeps no state is stood in for: a network by some pixels, pages by a word, the proof of a
graph by nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow.parquet as pq

from pawlens import Photos, Recipe, Run, ensemble
from pawlens.audit import _appearance as _looks
from pawlens.audit import _audit, audit
from pawlens.audit import _folder as _audit_folder
from pawlens.backbones import find_backbone
from pawlens.base import _files
from pawlens.base import _row_cache as _kept
from pawlens.features import WholePhotos, _cache, _extract, extract_features
from pawlens.features import _matrix as _features
from pawlens.heads import HeadBudget, HeadTrainer, _trained
from pawlens.photos import scan_photos
from pawlens.photos.scan import _scan
from pawlens.recipes import Search, Train
from pawlens.runs import _folder
from pawlens.workflows import _audit as _writing
from pawlens.workflows import write_audit
from pawlens.workflows.ensemble import _ensemble
from pawlens.workflows.ensemble import _run as _ensemble_run
from pawlens.workflows.parts import _merge, _write, merge, write_part
from pawlens.workflows.search import (
    Study,
    _heads,
    _storage,
    _study,
    _summary,
    open_storage,
    summary,
    try_heads,
)
from pawlens.workflows.search import _trial as _drawn
from pawlens.workflows.train import _recipe_search as recipe_search
from pawlens.workflows.train._method import RunOptions, TrainingJob

from .kill_points import kill_everywhere, show

SPACE = {"rate": {"log": [0.01, 0.3]}, "dropout": [0.0, 0.2], "hidden": [[], [4]]}

RUN_FILES = (
    "classes.json",
    "decisions.jsonl",
    "history.jsonl",
    "metrics.json",
    "oof.parquet",
    "photos.parquet",
    "recipe.yaml",
)


class Glance:
    """An engine that takes some pixels of each photo for its features."""

    batch_size, precision, device = 4, "f32", "cpu"

    def __init__(self, width: int) -> None:
        self._width = width

    def run(self, batches: Iterable[tuple[Any, Sequence[Any]]]) -> Iterator[tuple[Any, Any]]:
        for tag, (pixels,) in batches:
            some = pixels.reshape(len(pixels), -1)[:, :: pixels[0].size // self._width]
            yield tag, some[:, : self._width].astype(np.float32) + 1


def digest(*parts: object) -> str:
    """Of arrays by their bytes, of other values by their text."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return found.hexdigest()


def extraction(photos: Path) -> Callable[[Path], str]:
    table, backbone = Photos.read(photos), find_backbone("paw", cache_dir=photos)

    def work(folder: Path) -> str:
        scans = scan_photos(table, cache_dir=folder)
        hashes = [scan.sha256 for scan in scans]
        engine = Glance(backbone.spec.feature_dim)
        found = extract_features(WholePhotos(table, hashes), backbone, engine, cache_dir=folder)
        return digest(found.matrix, found.index, scans)

    return work


def auditing(photos: Path) -> Callable[[Path], str]:
    table = Photos.read(photos)

    def work(folder: Path) -> str:
        found = audit(table, cache_dir=folder / "cache")
        page = write_audit(found, folder / "audit")
        rows = pq.read_table(folder / "audit" / "audit.parquet").to_pylist()
        facts = json.loads((folder / "audit" / "audit.json").read_text(encoding="utf-8"))
        del facts["seconds"]
        return digest(rows, facts, page.is_file())

    return work


def searching(_: Path) -> Callable[[Path], str]:
    rng = np.random.default_rng(0)
    labels = np.arange(48) % 2
    values = rng.normal(size=(48, 6)).astype(np.float32) + labels[:, None]
    phase = Search.model_validate(
        {"do": "search", "trials": 5, "together": 2, "pruner": "asha", "space": SPACE}
    )
    budget = HeadBudget(epochs=16, patience=16, batch=16, seed=0)

    def work(folder: Path) -> str:
        trainer = HeadTrainer(values, labels, np.arange(48) % 3, n_classes=2, budget=budget)
        with Study(phase, open_storage(folder / "trials.journal"), "test", seed=3) as study:
            try_heads(study, trainer)
            return digest(_timeless(summary(study)))

    return work


def searching_recipes(_: Path) -> Callable[[Path], str]:
    """Trials that train in three steps, and note each one in their folder."""
    phases = [
        {"do": "search", "head": None, "trials": 4, "space": {"phases.2.rate": {"log": [0.01, 1]}}},
        {"do": "fuse"},
        {"do": "train", "epochs": 3},
    ]
    recipe = Recipe.parse({"phases": phases}, "test")
    phase = recipe.phases[0]
    assert isinstance(phase, Search)

    class Training:
        def __init__(self, job: TrainingJob, *, shared: Path) -> None:
            train = job.recipe.phases[2]
            assert isinstance(train, Train)
            assert isinstance(train.rate, float)
            self._distance, self._folder = abs(math.log(train.rate / 0.1)), job.work

        def prepare(self) -> None:
            self._folder.mkdir(parents=True, exist_ok=True)

        def train_network(self, progress: Any) -> Any:
            file = self._folder / "steps.json"
            rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
            while len(rows) < 3:
                loss = self._distance + 1 / (1 + len(rows))
                rows.append({"phase": 2, "do": "train", "valid_loss": loss})
                _files.write_atomic(file, json.dumps(rows).encode())
            return SimpleNamespace(history=rows)

    patch.object(recipe_search, "NetworkTraining", Training).start()

    def work(folder: Path) -> str:
        nothing: Any = None
        with Study(phase, open_storage(folder / "trials.journal"), "test", seed=0) as study:
            job = TrainingJob(nothing, RunOptions(recipe), [], folder, folder)
            trials = recipe_search._Trials(study, job, None)
            trials.run_all()
            found = summary(study)
        kept = sorted(path.name for path in folder.glob("trial-*"))
        best = recipe_search.trial_folder(found["best"]["trial"], found["best"]["values"])
        return digest(_timeless(found), kept == [best])

    return work


def combining(members: Path) -> Callable[[Path], str]:
    def work(folder: Path) -> str:
        out = folder / "run"
        finished = (out / "report.html").exists()  # then the command says so, and does nothing
        parts = [members / "loose", members / "strict"]
        run = Run(out) if finished else ensemble(parts, out)
        found = [(run.path / name).read_bytes() for name in RUN_FILES]
        left = [path.name for path in run.path.iterdir() if path.name.startswith(_files.PARTIAL)]
        return digest(found, left)

    return work


def working_in_parts(photos: Path) -> Callable[[Path], str]:
    table = Photos.read(photos, labels=False)

    def work(folder: Path) -> str:
        for number in (1, 2):
            write_part("audit", table, f"{number}/2", folder / "parts")
        files = sorted(path.name for path in (folder / "parts").glob("part-*/*"))
        return digest(pq.read_table(merge(folder / "parts").path).to_pylist(), files)

    return work


def _timeless(value: Any) -> Any:
    """Plain data without seconds."""
    if isinstance(value, dict):
        return {key: _timeless(one) for key, one in value.items() if key != "seconds"}
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def main(photos: str, members: str, out: str, *chosen: str) -> None:
    _extract._SHARD_ROWS = 5
    _kept._WRITE_EVERY = 0.0
    width = find_backbone("paw", cache_dir=Path(out)).spec.feature_dim
    patch.object(_features, "open_engine", lambda *_, **__: Glance(width)).start()
    patch.object(_trained, "cores", lambda: 1).start()  # plans take turns
    patch.object(_ensemble_run, "render_report", lambda *_: "a page").start()
    patch.object(_writing, "render_audit", lambda *_: "a page").start()
    patch.object(_ensemble_run, "_export", lambda *_: (({}, []), None)).start()
    model = SimpleNamespace(facts=SimpleNamespace(backbones=[]))  # there is none: no export
    patch.object(_ensemble_run, "read_model", lambda _: model).start()
    papers = SimpleNamespace(by_name=lambda: {"model-card.md": "a card"})
    patch.object(_ensemble_run, "papers_of", lambda *_: papers).start()
    shared = [_files]
    loops = {
        "extraction": (extraction, Path(photos), [_cache, _extract, _kept, _scan]),
        "audit": (
            auditing, Path(photos), [_audit, _audit_folder, _features, _kept, _looks, _writing],
        ),
        "search": (searching, Path(out), [_drawn, _heads, _storage, _study, _summary]),
        "search of recipes": (
            searching_recipes, Path(out), [recipe_search, _drawn, _storage, _study, _summary],
        ),
        "ensemble": (combining, Path(members), [_ensemble, _ensemble_run, _folder]),
    }  # fmt: skip
    _write._FILE_ROWS = 2
    loops["parts"] = (working_in_parts, Path(photos), [_write, _merge])
    outcomes = {}
    for name, (make, source, modules) in loops.items():
        if chosen and name not in chosen:
            continue
        where = Path(out, name)
        where.mkdir()
        outcomes[name] = kill_everywhere(make(source), [*modules, *shared], where)
        print(name, outcomes[name], file=sys.stderr, flush=True)
    show(outcomes)


if __name__ == "__main__":
    main(*sys.argv[1:])
