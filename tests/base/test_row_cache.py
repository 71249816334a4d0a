from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pawlens.base._row_cache import Kept


@dataclass(frozen=True)
class Fact:
    sha256: str
    value: float = 0.0
    count: int = 0


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [Fact("a", 0.1, 3), Fact("b", 1e-9, -1)]
    with closing(Kept(tmp_path, Fact, version=1)) as kept:
        for row in rows:
            kept.add(row)
        assert kept.get("c") is None
    assert (tmp_path / "facts.sqlite").exists()
    with closing(Kept(tmp_path, Fact, version=1)) as again:
        assert [again.get("a"), again.get("b")] == rows


def test_another_version_begins_anew_and_leaves_the_first(tmp_path: Path) -> None:
    with closing(Kept(tmp_path, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0))
    with closing(Kept(tmp_path, Fact, version=2)) as newer:
        assert newer.get("a") is None
        newer.add(Fact("a", 2.0))
    with closing(Kept(tmp_path, Fact, version=1)) as kept:
        assert kept.get("a") == Fact("a", 1.0)


def test_nothing_is_kept_without_a_folder() -> None:
    with closing(Kept(None, Fact, version=1)) as kept:
        kept.add(Fact("a", 1.0))
        assert kept.get("a") == Fact("a", 1.0)
