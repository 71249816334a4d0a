"""What two versions of pawlens are compared by: all numbers, and no wording."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


@pytest.fixture(scope="module")
def collected() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "benchmarks" / "collected.py"
    spec = importlib.util.spec_from_file_location("collected", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_folder(folder: Path, loss: float, seconds: float, words: str) -> Path:
    folder.mkdir()
    metrics = {"log_loss": {"value": loss}, "seconds": seconds, "in_words": words}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    style = f"<style>p {{line-height: {seconds}}}</style>"
    varying = (
        f"peak_memory_mb {seconds}, {seconds} s on 2026-11-2{seconds:.0f}, {seconds:.0f} photos/s"
    )
    (folder / "report.html").write_text(f"{style}<p>{words}, loss {loss}, {varying}</p>")
    pq.write_table(pa.table({"p:cat": [0.25, loss]}), folder / "oof.parquet")
    return folder


def test_every_number_that_differs_is_named(collected: ModuleType, tmp_path: Path) -> None:
    old = run_folder(tmp_path / "old", 0.5, 1.0, "It is right")
    new = run_folder(tmp_path / "new", 0.75, 1.0, "It is right")
    before, after = (collected.from_files(path, Path("run")) for path in (old, new))
    differ, added = collected.differences(before, after)
    assert [line.partition(": ")[0] for line in differ] == [
        "run/metrics.json",
        "run/oof.parquet",
        "run/report.html",
    ]
    assert "1 of 2 rows, the first 1: 0.5 -> 0.75, at most 0.25 apart" in differ[1]
    assert added == []


def test_times_and_wording_do_not_count(collected: ModuleType, tmp_path: Path) -> None:
    old = run_folder(tmp_path / "old", 0.5, 1.0, "It is right")
    new = run_folder(tmp_path / "new", 0.5, 9.0, "It was not wrong")
    before, after = (collected.from_files(path, Path("run")) for path in (old, new))
    assert collected.differences(before, after) == ([], [])


def test_a_number_in_a_sentence_counts(collected: ModuleType) -> None:
    before, after = {"in_words": "3 of 4 photos"}, {"in_words": "2 of 4 photos"}
    assert len(collected.differences(before, after)[0]) == 1


def test_what_is_gone_differs_and_what_is_new_does_not(collected: ModuleType) -> None:
    assert collected.differences({"a": 1, "b": 2}, {"a": 1}) == (["b: gone"], [])
    assert collected.differences({"a": 1}, {"a": 1, "b": 2}) == ([], ["b"])
