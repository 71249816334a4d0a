"""The record: a row for each answer, whole parts, and a disk that is full."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import Server, ServerSettings

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


def test_a_record_that_cannot_be_written_stops_no_answer(
    models: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pawlens.server._record.write_atomic", full)
    settings = ServerSettings(port=0, precision="f32", record=tmp_path, keep_photos=True)
    with Server([f"pets={models['pets']}"], settings) as server:
        assert ask(server.link, "/predict", photo_bytes(1)).status == 200
        figures = ask(server.link, "/metrics").body.decode()
    assert "pawlens_record_failures_total 1.0" in figures
