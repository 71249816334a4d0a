"""Photos that become others in the middle of a run: what is kept is always of the bytes it names.

A call of a progress callback is the moment at which another picture takes the place of a photo.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pawlens import Classifier, PawlensError, Photo, Photos, Recipe, audit, evaluate
from pawlens.backbones import Backbone, open_engine
from pawlens.errors import UnreadablePhoto
from pawlens.features import WholePhotos, extract_features
from pawlens.photos import pinned, prepare_table, scan_photos
from pawlens.photos.stores._stores import FolderStore

from .kill_points import EVERY_LINE
from .striped import fill

ROUNDS = 20 if EVERY_LINE else 3  # of each job
EACH = 8  # photos of a class
TABLES = ("appearance", "header")

Row = npt.NDArray[np.float32]


class Swap:
    """Progress that puts another picture in the place of a photo at its call number `moment`."""

    def __init__(self, moment: int, target: Path, other: Path) -> None:
        self._moment, self._target, self._other = moment, target, other
        self.calls = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        self.calls += 1
        if self.calls == self._moment:
            shutil.copy(self._other, self._target)


@dataclass(frozen=True)
class Truth:
    """Photos, other pictures, and what is right for every content."""

    photos: Path
    others: list[Path]
    features: dict[str, Row]
    rows: dict[str, dict[str, tuple[object, ...]]]


def cached(folder: Path) -> Iterator[tuple[str, Row]]:
    """Every row of every shard of features, with its key."""
    from safetensors.numpy import load_file

    for path in folder.rglob("features/*/*.safetensors"):
        shard = load_file(path)
        for key, row in zip(shard["keys"], shard["features"], strict=True):
            yield key.tobytes().hex(), row


def kept(folder: Path, table: str) -> dict[str, tuple[object, ...]]:
    """Rows of a cache of rows, by the hash that they are kept under."""
    path = folder / f"{table}s.sqlite"
    if not path.exists():
        return {}
    db = sqlite3.connect(path)
    (name,) = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchone()
    rows = {row[0]: row[1:] for row in db.execute(f"SELECT * FROM {name}")}
    db.close()
    return rows


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    base = tmp_path_factory.mktemp("changed")
    folders = [fill(base / "photos", EACH), fill(base / "others", EACH, start=100)]
    features: dict[str, Row] = {}
    rows: dict[str, dict[str, tuple[object, ...]]] = {table: {} for table in TABLES}
    for folder in folders:
        cache = base / f"cache-{folder.name}"
        audit(folder, cache_dir=cache, precision="f32")
        features |= dict(cached(cache))
        for table in TABLES:
            rows[table] |= kept(cache, table)
    return Truth(folders[0], sorted(folders[1].rglob("*.jpg")), features, rows)


RECIPE = Recipe(folds=3, l2=[0.1], precision="f32")


def of_job(job: str, photos: Path, out: Path, cache: Path, told: Swap) -> dict[str, Any] | None:
    """The result of a job; None where photos that changed were refused in one line."""
    try:
        if job == "audit":
            return audit(photos, cache_dir=cache, precision="f32", progress=told).counts
        run = Classifier(recipe=RECIPE, cache_dir=cache).fit(photos, out, progress=told)
        return {"contents": run.photos()["sha256"].to_pylist(), "metrics": run.metrics}
    except PawlensError as error:
        if "changed or vanished during" not in str(error):
            raise
        return None


@pytest.mark.parametrize("job", ["train", "audit"])
def test_what_is_kept_is_of_the_bytes_that_it_names(job: str, truth: Truth, tmp_path: Path) -> None:
    trial = Swap(0, truth.photos, truth.photos)
    whole = of_job(job, truth.photos, tmp_path / "whole", tmp_path / "cache", trial)
    draw = random.Random(job)
    refused = 0
    for number in range(ROUNDS):
        work = tmp_path / str(number)
        mine = Path(shutil.copytree(truth.photos, work / "photos"))
        target, other = draw.choice(sorted(mine.rglob("*.jpg"))), draw.choice(truth.others)
        moment = draw.randint(1, trial.calls)
        found = of_job(job, mine, work / "out", work / "cache", Swap(moment, target, other))
        whole_photos = [pair for pair in cached(work / "cache") if pair[0] in truth.features]
        for sha256, row in whole_photos:
            assert np.allclose(row, truth.features[sha256], atol=1e-4), (moment, target)
        for table, expected in truth.rows.items():
            for sha256, values in kept(work / "cache", table).items():
                assert values == expected[sha256], (moment, target)
        refused += found is None
        if job != "audit" and found and whole and found["contents"] == whole["contents"]:
            assert found["metrics"] == whole["metrics"], (moment, target)
    assert job == "audit" or not EVERY_LINE or 0 < refused < ROUNDS


class Flickering(FolderStore):
    """A folder in which every photo is another one from its second reading on."""

    def __init__(self, location: Path, other: bytes) -> None:
        super().__init__(location)
        self._other = other
        self._seen: set[str] = set()

    def read(self, name: str) -> bytes:
        if name in self._seen:
            return self._other
        self._seen.add(name)
        return super().read(name)


def flickering(truth: Truth, other: Path) -> Photos:
    names = [path.relative_to(truth.others[0].parents[1]) for path in truth.others]
    rows = [Photo(name.as_posix(), (name.parts[0],)) for name in names]
    store = Flickering(truth.others[0].parents[1], other.read_bytes())
    return Photos(rows, store, name="flickering")


def test_features_are_not_those_of_a_second_reading(
    truth: Truth, paw: Backbone, tmp_path: Path
) -> None:
    photos = flickering(truth, truth.others[0])
    engine = open_engine(paw, precision="f32")
    found = extract_features(WholePhotos(photos), paw, engine, cache_dir=tmp_path)
    assert (found.index >= 0).sum() == 1  # the one that is the other one itself
    ((sha256, row),) = cached(tmp_path)
    assert np.allclose(row, truth.features[sha256], atol=1e-4)


def test_what_a_model_learnt_from_is_not_measured_by_the_way(truth: Truth, tmp_path: Path) -> None:
    run = Classifier(recipe=RECIPE, cache_dir=tmp_path / "cache").fit(
        truth.photos, tmp_path / "run"
    )
    learnt = sorted(truth.photos.rglob("*.jpg"))[0]
    with pytest.raises(PawlensError, match="no labelled photo that can be read"):
        evaluate(flickering(truth, learnt), run)


def test_pixels_that_a_network_trains_on_are_those_that_were_hashed(
    truth: Truth, paw: Backbone, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    from pawlens.training._pixels import store_pixels

    photos = flickering(truth, truth.others[0])
    table = prepare_table(photos, n_folds=2, seed=0)
    with pytest.raises(PawlensError, match=r"jpg: changed or vanished during the run"):
        store_pixels(table.photos, paw.spec, tmp_path)


def test_a_table_made_from_a_pinned_one_is_pinned(truth: Truth) -> None:
    photos = flickering(truth, truth.others[0])
    scans = scan_photos(photos)
    table = pinned(photos, [scan.sha256 for scan in scans])
    for one in (table, table.subset([3, 1]), pinned(table, ["", *[s.sha256 for s in scans[1:]]])):
        with pytest.raises(UnreadablePhoto, match="changed during the run"):
            one.decode(1)
