"""Rows by content on disk: shared by processes, and never worth a run."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from pawlens.base import _row_cache as module
from pawlens.base._row_cache import RowCache


@dataclass(frozen=True)
class Fact:
    sha256: str
    value: float = 0.0
    count: int = 0


WRITER = """
import sys, time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from pawlens.base._row_cache import RowCache

@dataclass(frozen=True)
class Fact:
    sha256: str
    value: float = 0.0
    count: int = 0

folder, who, rows, pause = sys.argv[1:]
with closing(RowCache(Path(folder), Fact, version=1)) as kept:
    print("open", flush=True)
    for number in range(int(rows)):
        kept.add(Fact(f"{who}{number}", number / 7, number))
        time.sleep(float(pause))
        if Path(folder, f"stop {who}").exists():
            break
"""


def writer(folder: Path, who: str, rows: int, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), who, str(rows), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def contents(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "facts.sqlite")) as db:
        return [row[0] for row in db.execute("SELECT sha256 FROM fact_1 ORDER BY sha256")]


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [Fact("a", 0.1, 3), Fact("b", 1e-9, -1)]
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        for row in rows:
            kept.add(row)
        assert kept.get("c") is None
    assert (tmp_path / "facts.sqlite").exists()
    with closing(RowCache(tmp_path, Fact, version=1)) as again:
        assert [again.get("a"), again.get("b")] == rows


def test_another_version_begins_anew_and_leaves_the_first(tmp_path: Path) -> None:
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0))
    with closing(RowCache(tmp_path, Fact, version=2)) as newer:
        assert newer.get("a") is None
        newer.add(Fact("a", 2.0))
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        assert kept.get("a") == Fact("a", 1.0)


def test_nothing_is_kept_without_a_folder() -> None:
    with closing(RowCache(None, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0))
        assert kept.get("a") == Fact("a", 1.0)


def test_the_first_row_of_a_content_stays_in_memory_and_on_disk(tmp_path: Path) -> None:
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0))
        kept.add(Fact("a", 2.0))
        assert kept.get("a") == Fact("a", 1.0)
    with closing(RowCache(tmp_path, Fact, version=1)) as again:
        assert again.get("a") == Fact("a", 1.0)


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """A slow one, which has new rows for seconds, does not keep a quick one waiting."""
    slow = writer(tmp_path, "slow", rows=300, pause=0.2)
    assert slow.stdout is not None
    assert slow.stdout.readline() == "open\n"
    time.sleep(0.5)
    quick = writer(tmp_path, "quick", rows=50, pause=0)
    try:
        assert quick.communicate(timeout=20) == ("open\n", "")
        assert slow.poll() is None, "the slow one was to be at work still"
        assert len([name for name in contents(tmp_path) if name.startswith("quick")]) == 50
        (tmp_path / "stop slow").touch()
        assert slow.communicate(timeout=40)[1] == ""
    finally:
        for process in (slow, quick):
            process.kill()
    slow_rows = [name for name in contents(tmp_path) if name.startswith("slow")]
    assert set(slow_rows) == {f"slow{number}" for number in range(len(slow_rows))}
    assert len(slow_rows) >= 2


def test_rows_are_on_disk_a_second_after_they_came(tmp_path: Path) -> None:
    """What kills a process costs it the rows of a moment."""
    process = writer(tmp_path, "a", rows=200, pause=0.1)
    try:
        deadline = time.monotonic() + 30
        while not (tmp_path / "facts.sqlite").exists() or not contents_if_any(tmp_path):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate(timeout=20)
    assert 0 < len(contents(tmp_path)) < 200


def contents_if_any(folder: Path) -> list[str]:
    try:
        return contents(folder)
    except sqlite3.OperationalError:  # the table is not made yet
        return []


def test_a_busy_file_costs_rows_and_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    monkeypatch.setattr(module, "_WRITE_EVERY", 0.0)
    with closing(sqlite3.connect(tmp_path / "facts.sqlite")) as other:
        with closing(RowCache(tmp_path, Fact, version=1)) as kept:
            other.execute("BEGIN EXCLUSIVE")
            kept.add(Fact("a"))
            with closing(RowCache(tmp_path, Fact, version=1)) as none:
                none.add(Fact("lost"))
                assert none.get("lost") == Fact("lost")
            other.rollback()
            kept.add(Fact("b"))  # and what waited
            assert contents(tmp_path) == ["a", "b"]
            other.execute("BEGIN EXCLUSIVE")
            kept.add(Fact("c"))
        other.rollback()
    assert contents(tmp_path) == ["a", "b"]


def test_a_flipped_bit_costs_its_row_alone(tmp_path: Path) -> None:
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0, 258))
        kept.add(Fact("b", 2.0))
        kept.add(Fact("cherry", 3.0))
    path = tmp_path / "facts.sqlite"
    data = path.read_bytes()
    assert data.count(b"\x01\x02") == 1
    assert data.count(b"cherry") == 2  # in the row and in the index
    data = data.replace(b"\x01\x02", b"\x01\x03")  # 258 becomes 259
    row = max(data.index(b"cherry"), data.rindex(b"cherry"))
    damaged = bytearray(data)
    damaged[row] ^= 0x80  # no UTF-8 any more, in one of the two
    path.write_bytes(damaged)
    with closing(RowCache(tmp_path, Fact, version=1)) as again:
        assert (again.get("a"), again.get("b")) == (None, Fact("b", 2.0))
        again.add(Fact("a", 1.0, 258))
    with closing(RowCache(tmp_path, Fact, version=1)) as mended:
        assert mended.get("a") == Fact("a", 1.0, 258)


def test_rows_of_a_version_without_checksums_are_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "facts.sqlite")) as db, db:
        db.execute("CREATE TABLE fact_1 (sha256 TEXT PRIMARY KEY, value, count)")
        db.execute("INSERT INTO fact_1 VALUES ('a', 0.5, 3)")
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        assert kept.get("a") == Fact("a", 0.5, 3)
        kept.add(Fact("b", 1.5))
    with closing(RowCache(tmp_path, Fact, version=1)) as again:
        assert (again.get("a"), again.get("b")) == (Fact("a", 0.5, 3), Fact("b", 1.5))


def test_the_journal_of_a_damaged_file_is_not_applied_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "facts.sqlite").write_bytes(b"no database" * 999)
    (tmp_path / "facts.sqlite-journal").write_bytes(b"nor a journal" * 99)
    with closing(RowCache(tmp_path, Fact, version=1)) as kept:
        kept.add(Fact("a"))
    assert contents(tmp_path) == ["a"]
    assert (tmp_path / "facts.damaged").read_bytes().startswith(b"no database")
    assert not (tmp_path / "facts.sqlite-journal").exists()
