"""The record: a row for each answer, whole parts, and a disk that is full."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import Server, ServerSettings
from pawlens.server._diary import Diary
from pawlens.server._incoming import Incoming
from pawlens.server._metrics import Metrics
from pawlens.server._record import Record
from pawlens.server._served import Answer

from .conftest import ask, photo_bytes


def test_what_was_answered_is_kept_without_the_photo(
    models: dict[str, Path], tmp_path: Path
) -> None:
    settings = ServerSettings(port=0, quiet=True, precision="f32", record=tmp_path / "kept")
    photos = [photo_bytes(1), photo_bytes(2), b"no photo"]
    with Server([f"pets={models['pets']}"], settings) as server:
        replies = [ask(server.link, "/predict", photo).json() for photo in photos]
    (part,) = (tmp_path / "kept").iterdir()
    rows = pq.read_table(part).to_pylist()
    assert [row["sha256"] for row in rows] == [hashlib.sha256(p).hexdigest() for p in photos]
    for row, reply in zip(rows, replies, strict=True):
        assert row["model_sha256"] == reply["model"]["sha256"]
        assert row["label"] == reply["photos"][0]["label"]
        assert dict(row["probabilities"]) == reply["photos"][0]["probabilities"]
    assert [len(row["embedding"] or ()) > 1 for row in rows] == [True, True, False]
    assert rows[0]["embedding"] != rows[1]["embedding"]
    assert rows[2]["status"].startswith("unreadable: ")
    assert not any(photo in part.read_bytes() for photo in photos)


def test_photos_are_kept_where_that_was_asked_for(models: dict[str, Path], tmp_path: Path) -> None:
    settings = ServerSettings(
        port=0, quiet=True, precision="f32", record=tmp_path, keep_photos=True
    )
    photo = photo_bytes(1)
    with Server([f"pets={models['pets']}"], settings) as server:
        ask(server.link, "/predict", photo)
    (kept,) = (tmp_path / "photos").iterdir()
    assert (kept.name, kept.read_bytes()) == (hashlib.sha256(photo).hexdigest(), photo)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can be written, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_stops_no_answer_and_loses_no_row_once_there_is_room(
    models: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("pawlens.server._record._SECONDS", 0)
    settings = ServerSettings(
        port=0, quiet=True, precision="f32", record=tmp_path, keep_photos=True
    )
    photos = [photo_bytes(seed) for seed in range(4)]
    with Server([f"pets={models['pets']}"], settings) as server:
        with full_disk():
            assert all(ask(server.link, "/predict", photo).status == 200 for photo in photos[:3])
            time.sleep(0.6)  # the record is written five times a second
            figures = ask(server.link, "/metrics").body.decode()
        assert ask(server.link, "/predict", photos[3]).status == 200
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert events == ["the record cannot be written", "the record is written again"]
    failures = float(figures.split("\npawlens_record_failures_total ")[1].split()[0])
    assert failures >= 4  # three photos that could not be kept, and the part
    rows = [row for part in tmp_path.glob("*.parquet") for row in pq.read_table(part).to_pylist()]
    assert {row["sha256"] for row in rows} == {hashlib.sha256(p).hexdigest() for p in photos}
    assert len(list(tmp_path.iterdir())) == len(list(tmp_path.glob("*.parquet"))) + 1  # photos/
    assert len(list((tmp_path / "photos").iterdir())) == 1


def test_what_waits_for_a_full_disk_is_bounded_features_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pawlens.server._record._MOST", 5)
    monkeypatch.setattr("pawlens.server._record._MOST_BYTES", 2 * 4 * 3)
    log = io.StringIO()
    metrics = Metrics()
    record = Record(tmp_path / "kept", False, metrics, Diary(metrics, log))
    model: Any = SimpleNamespace(name="pets", version="1", sha256="0")
    for number in range(7):
        answer = Answer("ok", "cat", embedding=np.full(3, number, np.float32))
        asyncio.run(record.add(model, Incoming(str(number), b"%d" % number), answer))
    with full_disk():
        record._write()
    assert json.loads(log.getvalue().splitlines()[-1])["rows"] == 2
    assert json.loads(log.getvalue().splitlines()[-1])["embeddings"] == 3
    record.close()
    (part,) = (tmp_path / "kept").iterdir()
    rows = pq.read_table(part)["embedding"].to_pylist()
    assert rows == [None, None, None, [5.0] * 3, [6.0] * 3]
