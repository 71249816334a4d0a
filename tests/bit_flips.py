"""One bit at a time, in every file that pawlens keeps and reads again.

``python -m tests.bit_flips 2000`` makes a run, an audit with decisions, a cache, a journal of
trials and the files of an unfinished training, flips bits, and reads each file as pawlens does.
What is read must be what was written; or it is made again (caches), or refused in one line.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pawlens import Classifier, Decision, Photos, Recipe, Run, audit, load, read_decisions
from pawlens.audit import DECISIONS, AuditTable, Journal
from pawlens.audit._appearance import measure_appearance
from pawlens.backbones._cache import cached, store
from pawlens.backbones._onnx import parse_graph
from pawlens.base import is_intact
from pawlens.errors import PawlensError
from pawlens.features._cache import DamagedShard, FeatureCache
from pawlens.features._index import INDEX
from pawlens.photos import read_headers, scan_photos

from .striped import fill

__all__ = ["Kept", "flip_bits", "kept_files"]

NOT_READ = (".html",)  # pages are for people


class Kept(NamedTuple):
    """A kept file, and how pawlens reads it.

    Attributes
    ----------
    path : Path
    read : callable
        Gives what the file says, as values that can be compared.
    folder : Path
        What is put back before the next flip.
    """

    path: Path
    read: Callable[[], Any]
    folder: Path


def flip_bits(kept: list[Kept], flips: int, seed: int = 0) -> tuple[Counter[str], list[str]]:
    """Flip so many bits, spread over the files.

    Returns
    -------
    outcomes : Counter of str
        How many were harmless, made again or refused.
    wrong : list of str
        What gave other values, or an error that is not one of pawlens'.
    """
    draw, outcomes, wrong = random.Random(seed), Counter[str](), list[str]()
    truth = [one.read() for one in kept]
    for number in range(flips):
        place = number % len(kept)
        one = kept[place]
        data = bytearray(one.path.read_bytes())
        bit = draw.randrange(8 * len(data))
        data[bit // 8] ^= 1 << bit % 8
        aside = one.folder.with_name(f"{one.folder.name}-whole")
        shutil.copytree(one.folder, aside)
        one.path.write_bytes(data)
        try:
            found = one.read()
        except PawlensError as error:
            outcomes["refused"] += 1
            if "\n" in str(error):
                wrong.append(f"{one.path.name} bit {bit}: more than a line: {error}")
        except Exception as error:
            wrong.append(f"{one.path.name} bit {bit}: {type(error).__name__}: {error}")
        else:
            outcomes["the same values"] += 1
            if found != truth[place]:
                wrong.append(f"{one.path.name} bit {bit}: other values")
        shutil.rmtree(one.folder)
        aside.rename(one.folder)
    return outcomes, wrong


def kept_files(base: Path) -> list[Kept]:
    """Make one file of each kind that is kept."""
    photos, run, cache = fill(base / "photos", 6), base / "run", base / "cache"
    Classifier(recipe=Recipe(folds=2, l2=[0.1]), cache_dir=cache).fit(photos, run)
    audit(photos, base / "audit", cache_dir=cache)
    return [
        *_of_run(run),
        *_of_audit(base / "audit", photos),
        *_of_cache(cache, photos),
        *_of_search(base / "search"),
        *_of_training(base / "training"),
    ]


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in NOT_READ and path.stat().st_size:
            yield path


def _of_run(folder: Path) -> Iterator[Kept]:
    def read() -> Any:
        run = Run(folder)
        tables = [run.photos().to_pydict(), run.oof().to_pydict()]
        facts = [dict(run.metrics), dict(run.environment), run.recipe]
        return [run.classes, *facts, run.history, run.decisions, *tables]

    def model() -> Any:
        return load(folder).to_onnx().SerializeToString(deterministic=True)

    for path in _files(folder):
        if path.name != "parity.json":  # nobody reads it back
            yield Kept(path, model if path.suffix == ".onnx" else read, folder)


def _of_audit(folder: Path, photos: Path) -> Iterator[Kept]:
    journal = Journal(folder / DECISIONS)
    for number in range(4):
        journal.decide(Decision(f"{number:064x}", "drop", path=f"cat/{number}.jpg"))

    def read() -> Any:
        table = AuditTable.read(folder)
        decisions = {key: astuple(one) for key, one in read_decisions(folder).items()}
        return [table.photos, table.classes, table.kinds, repr(table.columns), decisions]

    yield from (Kept(path, read, folder) for path in _files(folder) if path.suffix != ".lock")


def _of_cache(cache: Path, photos: Path) -> Iterator[Kept]:
    table = Photos.read(photos)
    hashes = [scan.sha256 for scan in scan_photos(table)]

    def rows() -> Any:
        scans = scan_photos(table, cache_dir=cache)
        headers = read_headers(table, scans, cache_dir=cache)
        appearances = measure_appearance(table, hashes, cache_dir=cache)
        found: list[Any] = [*scans, *headers, *(one for one in appearances if one)]
        return [astuple(one) for one in found]

    yield from (Kept(path, rows, cache) for path in sorted(cache.glob("*.sqlite")))
    yield from _of_features(cache)


def _of_features(cache: Path) -> Iterator[Kept]:
    from safetensors.numpy import load_file

    for path in sorted(cache.glob("features/*/*.safetensors")):
        shard = load_file(path)
        keys = [bytes(key).hex() for key in shard["keys"]]
        features = shard["features"]

        def read(path: Path = path, keys: list[str] = keys, features: Any = features) -> Any:
            found = FeatureCache(path.parent, features.shape[1])
            while True:
                there = [row for row, key in enumerate(keys) if key in found]
                with suppress(DamagedShard):
                    gathered = found.gather([keys[row] for row in there])
                    return bool(np.array_equal(gathered, features[there]))

        yield Kept(path, read, cache)
        yield Kept(path.with_name(INDEX), read, cache)


def _of_search(folder: Path) -> Iterator[Kept]:
    try:
        import optuna
    except ImportError:
        return
    from pawlens.workflows.search import open_storage

    path = folder / "trials.journal"
    study = optuna.create_study(study_name="flips", storage=open_storage(path))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1) ** 2, n_trials=5)

    def trials() -> list[Any]:
        again = optuna.load_study(study_name="flips", storage=open_storage(path))
        return [
            (one.number, one.value, one.params) for one in again.trials if one.state.is_finished()
        ]

    truth = trials()

    def read() -> Any:
        found = trials()  # the last line may look torn, as by a crash; its trial is run again
        return len(found) >= len(truth) - 1 and found == truth[: len(found)]

    yield Kept(path, read, folder)


def _of_training(folder: Path) -> Iterator[Kept]:
    from pawlens.backbones import find_backbone

    paw = find_backbone("paw", cache_dir=folder)
    graph = folder / "graph.onnx"
    folder.mkdir(exist_ok=True)
    store(parse_graph(paw.path), paw.spec, graph, "weights")

    def conversion() -> Any:
        found = cached(graph, "weights")
        return found is None or found.spec == paw.spec

    yield Kept(graph, conversion, folder)
    try:
        import torch
    except ImportError:
        return
    from pawlens.training._activations import _write
    from pawlens.training._checkpoint import load_checkpoint, save_checkpoint

    point, array = folder / "phase-01.pt", folder / "features-0.npy"
    save_checkpoint(point, {"weights": torch.arange(50.0), "step": 3})
    _write(array, np.arange(60, dtype=np.float32).reshape(6, 10))
    yield Kept(point, lambda: repr(load_checkpoint(point)), folder)
    values = np.load(array)

    def kept_array() -> Any:
        return not is_intact(array) or bool(np.array_equal(np.load(array), values))

    yield Kept(array, kept_array, folder)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        files = kept_files(Path(place))
        counts, failures = flip_bits(files, int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(f"{len(files)} files, {sum(counts.values()) + len(failures)} flips: {dict(counts)}")
    print(f"wrong: {len(failures)}")
    print("\n".join(failures[:20]))
    sys.exit(bool(failures))
