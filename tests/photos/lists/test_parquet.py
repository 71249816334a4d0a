"""Parquet lists: cells as text, names of classes, and files that would unpack to far more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos.lists import _parquet as module
from pawlens.photos.lists._lists import read_list
from pawlens.photos.lists._parquet import ParquetList, holds_pictures


def write(path: Path, columns: Mapping[str, object], **how: object) -> ParquetList:
    pq.write_table(pa.table(columns), path, **how)
    return ParquetList(path, path)


def test_cells_are_text(tmp_path: Path) -> None:
    table = write(
        tmp_path / "x.parquet",
        {
            "path": ["007", "1e5", "NA"],
            "whole": [1, 2, None],
            "part": [1.0, float("nan"), 0.5],
            "flag": [True, None, False],
            "many": [["cat", "dog"], [], None],
            "coded": pa.array(["a", "b", "a"]).dictionary_encode(),
            "vector": [[0.5, 1.5], [], None],
            "nested": [{"x": 1}, None, {"x": 2}],
        },
    )
    assert table.text() == [
        ["path", "whole", "part", "flag", "many", "coded", "vector", "nested"],
        ["007", "1", "1.0", "true", "cat;dog", "a", "", ""],
        ["1e5", "2", "", "", "", "b", "", ""],
        ["NA", "", "0.5", "false", "", "a", "", ""],
    ]


def hugging_face(features: object) -> dict[bytes, bytes]:
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


def test_names_of_classes_that_hugging_face_keeps(tmp_path: Path) -> None:
    classes = {"names": ["cat", "dog"], "_type": "ClassLabel"}
    several = {"feature": classes, "_type": "List"}
    schema = pa.schema(
        {"path": pa.string(), "label": pa.int64(), "labels": pa.list_(pa.int64())},
        metadata=hugging_face({"label": classes, "labels": several, "path": {"_type": "Value"}}),
    )
    rows = {"path": ["a", "b", "c"], "label": [0, 1, -1], "labels": [[0, 1], [1], []]}
    pq.write_table(pa.table(rows, schema=schema), tmp_path / "x.parquet")
    cells = ParquetList(tmp_path / "x.parquet", tmp_path / "x.parquet").text()[1:]
    assert cells == [["a", "cat", "cat;dog"], ["b", "dog", "dog"], ["c", "", ""]]
    pq.write_table(pa.table({**rows, "label": [0, 2, 1]}, schema=schema), tmp_path / "x.parquet")
    with pytest.raises(PhotosError, match=r"x\.parquet: class 2 has no name; there are 2"):
        ParquetList(tmp_path / "x.parquet", tmp_path / "x.parquet").text()


@pytest.mark.parametrize(
    "features", [3, [], {"label": 3}, {"label": {"names": 3}}, {"label": {"names": [1]}}]
)
def test_strange_metadata_names_nothing(tmp_path: Path, features: object) -> None:
    schema = pa.schema({"label": pa.int64()}, metadata=hugging_face(features))
    pq.write_table(pa.table({"label": [0]}, schema=schema), tmp_path / "x.parquet")
    assert ParquetList(tmp_path / "x.parquet", tmp_path / "x.parquet").text()[1] == ["0"]


def test_pictures_and_paths_of_pictures(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    image = [{"bytes": b"1", "path": "a.jpg"}, {"bytes": None, "path": None}]
    table = write(path, {"image": image, "label": ["cat", "dog"]})
    assert table.pictures == "image"
    assert list(table.photos()) == [(b"1", "a.jpg"), (b"", "")]
    assert holds_pictures(path, path)
    assert list(write(path, {"img": [b"1", None]}).photos()) == [(b"1", ""), (b"", "")]
    assert write(path, {"mask": [b"1"]}).pictures is None
    both = {"image": [b"1"], "photo": [b"2"]}
    with pytest.raises(PhotosError, match="'image' and 'photo' both hold pictures; choose with"):
        write(path, both)
    assert list(ParquetList(path, path, "photo").photos()) == [(b"2", "")]
    write(path, {"image": [{"bytes": None, "path": "a.jpg"}], "label": ["cat"]})
    assert not holds_pictures(path, path)
    (tmp_path / "a.jpg").write_bytes(b"")
    assert [photo.path for photo in read_list(path).photos] == ["a.jpg"]


READER = """
import sys
from collections.abc import Mapping
from pathlib import Path
from pawlens.errors import PhotosError
from pawlens.photos.lists._parquet import ParquetList

for name in sys.argv[1:]:
    try:
        table = ParquetList(Path(name), Path(name))
        list(table.photos()) if table.pictures else table.text()
        print("read")
    except PhotosError as error:
        print(error)
print(next(x for x in open("/proc/self/status") if x.startswith("VmHWM")).split()[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_files_that_unpack_to_far_more_are_refused_before_they_do(tmp_path: Path) -> None:
    rows = np.zeros(1_000_000, np.int32)
    repeated = pa.DictionaryArray.from_arrays(rows, pa.array(["z" * 2400]))
    pq.write_table(pa.table({"path": repeated}), tmp_path / "repeated.parquet")
    assert (tmp_path / "repeated.parquet").stat().st_size < 300_000
    flat = {"use_dictionary": False, "compression": "zstd"}
    pq.write_table(pa.table({"path": ["z" * 100_000_000]}), tmp_path / "zeros.parquet", **flat)
    pictures = pa.array([{"bytes": b"z" * 240_000, "path": "a"}] * 1000)
    whole = {"dictionary_pagesize_limit": 10_000_000}
    pq.write_table(pa.table({"image": pictures}), tmp_path / "pictures.parquet", **whole)
    files = sorted(map(str, tmp_path.glob("*.parquet")))
    found = subprocess.run(
        [sys.executable, "-c", READER, *files], capture_output=True, text=True, check=True
    )
    *lines, peak = found.stdout.splitlines()
    assert len(lines) == 3
    assert all("it would unpack to more than 20 times its own size" in line for line in lines)
    assert int(peak) < 300_000  # KiB, of 2.4 GB, 100 MB and 240 MB


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_ROWS", 2)
    with pytest.raises(PhotosError, match="3 rows are too many; split it"):
        write(tmp_path / "x.parquet", {"path": ["a", "b", "c"]})


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files_are_refused_in_one_line(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "x.parquet"
    if not path.exists():
        write(path, {"path": ["a.jpg", "b.jpg"], "label": [["cat"], ["dog"]], "n": [1, 2]})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = ParquetList(bytes(raw), Path("x.parquet")).text()
    except PhotosError as error:
        reason = str(error)
        assert reason.startswith("x.parquet: ")
        assert "\n" not in reason
    else:
        assert all(isinstance(cell, str) for row in rows for cell in row)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_is_refused_and_does_not_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.parquet")
    with pytest.raises(PhotosError, match=r"x\.parquet: not a readable Parquet file \(.*not a reg"):
        ParquetList(tmp_path / "x.parquet", tmp_path / "x.parquet")


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_pictures_come_whatever_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(module, "_BATCH", batch)
    pictures = [b"1", None, b"3", b"4", b"5"]
    found = write(tmp_path / "x.parquet", {"img": pictures}).photos()
    assert [data for data, _ in found] == [b"1", b"", b"3", b"4", b"5"]
    held = [{"bytes": data, "path": f"{i}.jpg"} for i, data in enumerate(pictures)]
    table = write(tmp_path / "x.parquet", {"image": held, "n": [1, 2, 3, 4, 5]})
    assert list(table.photos()) == [(data or b"", f"{i}.jpg") for i, data in enumerate(pictures)]
    assert [row[1] for row in table.text()] == ["n", "1", "2", "3", "4", "5"]
