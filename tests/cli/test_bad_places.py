"""Run folders that are taken, disks that are full, caches that are torn."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import LEFT_BY_A_RUN, Command


def test_finished_run_stays(pawlens: Command, trained: Path, photos: Path) -> None:
    before = {p.name: p.stat().st_mtime_ns for p in trained.iterdir()}
    found = pawlens("train", photos, "--out", trained)
    found.in_one_line(str(trained), "holds a finished run")
    assert {p.name: p.stat().st_mtime_ns for p in trained.iterdir()} == before


def test_run_folder_that_cannot_be_made(pawlens: Command, photos: Path) -> None:
    (photos / "file").write_bytes(b"")
    found = pawlens("train", photos, "--out", photos / "file" / "run")
    found.in_one_line(str(photos / "file" / "run"), "cannot be created")


def test_folder_with_other_files_stays(pawlens: Command, photos: Path) -> None:
    found = pawlens("train", photos, "--out", photos)
    found.in_one_line(str(photos), "holds other files")
    assert sorted(p.name for p in photos.iterdir()) == ["cat", "dog"]


@pytest.mark.parametrize("written", [0, 1, 4])
def test_full_disk(
    pawlens: Command,
    photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: int,
) -> None:
    done: list[int] = []

    def fsync(number: int) -> None:
        if len(done) == written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done.append(number)

    monkeypatch.setattr(os, "fsync", fsync)
    arguments = ("train", photos, "--out", tmp_path / "run", "--folds", "2")
    pawlens(*arguments).in_one_line("cannot be written (No space left on device)", "free space")
    leftovers = {p.name for p in (tmp_path / "run").glob("*")}
    assert leftovers < LEFT_BY_A_RUN
    assert "report.html" not in leftovers


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte; only root can mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False, timeout=60)
    except OSError:
        pytest.skip("no mount here")
    if done.returncode:
        pytest.skip("cannot mount a small disk here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True, timeout=60)


def test_disk_that_is_really_full(
    pawlens: Command, photos: Path, tmp_path: Path, small_disk: Path
) -> None:
    found = pawlens("train", photos, "--out", small_disk / "run", "--folds", "2")
    found.in_one_line(str(small_disk / "run"), "No space left on device", "free space")
    assert {p.name for p in (small_disk / "run").iterdir()} < LEFT_BY_A_RUN
    with suppress(OSError):
        (small_disk / "filler").write_bytes(bytes(1_000_000))
    found = pawlens("train", photos, "--out", tmp_path / "run", "--cache-dir", small_disk)
    found.in_one_line(str(small_disk / "scans.sqlite"), "free space")


def test_torn_cache_is_computed_again(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "run"
    shutil.copytree(trained.parent / "cache", cache)
    (shard,) = cache.rglob("*.safetensors")
    data = bytearray(shard.read_bytes())
    data[-3] ^= 0xFF
    shard.write_bytes(data)
    (cache / "scans.sqlite").write_bytes(b"no database at all" * 99)
    source = trained.parent / "photos"
    found = pawlens("train", source, "--out", out, "--cache-dir", cache, "--folds", "2")
    assert (found.code, found.err) == (0, "")
    assert (out / "oof.parquet").read_bytes() == (trained / "oof.parquet").read_bytes()
    assert bytes(data) == shard.with_suffix(".corrupt").read_bytes()
    assert json.loads((out / "environment.json").read_text())["extracted"] == 24


# Backbones, recipes and options
