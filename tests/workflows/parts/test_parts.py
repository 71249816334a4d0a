"""Work in parts: the same rows as in one piece, whatever the split and whatever happens."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens import Photos, embed, merge, predict, write_part
from pawlens.errors import RunError, UnreachablePhoto, UsageError
from pawlens.photos import near_duplicate_groups, scan_photos
from pawlens.workflows.parts import PartNumber
from pawlens.workflows.parts import _write as module


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.conftest import paint

    place = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(11):
        paint(rng, "cat" if number % 2 else "dog").save(place / f"{number}.jpg")
    (place / "5.jpg").write_bytes(b"no photo")
    shutil.copy(place / "1.jpg", place / "9.jpg")
    return place


@pytest.fixture(autouse=True)
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FILE_ROWS", 4)


@given(count=st.integers(0, 300), of=st.integers(1, 40))
def test_parts_have_every_row_once(count: int, of: int) -> None:
    parts = [PartNumber(number, of).rows(count) for number in range(1, of + 1)]
    assert [row for part in parts for row in part] == list(range(count))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("text", ["0/3", "4/3", "3", "1/0", "-1/3", "a/b", "1/100000", "1/3/5"])
def test_a_part_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 3/64"):
        PartNumber.parse(text)


@pytest.mark.parametrize("of", [1, 3, 13])
def test_features_are_the_same_bytes_whatever_the_split(
    folder: Path, tmp_path: Path, of: int
) -> None:
    whole = embed(folder)
    for number in range(of, 0, -1):
        done = write_part("embed", folder, f"{number}/{of}", tmp_path)
        assert done.computed == done.rows
    found = merge(tmp_path)
    table = pq.read_table(found.path)
    assert (found.rows, found.parts, found.unreadable) == (11, of, 1)
    assert table["path"].to_pylist() == whole.paths
    assert table["status"].to_pylist() == whole.status
    values = np.array([row or [np.nan] * 512 for row in table["embedding"].to_pylist()], np.float32)
    assert values.tobytes() == whole.values.tobytes()


def test_answers_are_those_of_one_piece(folder: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        write_part("predict", folder, f"{number}/2", tmp_path / "parts")
    found = pq.read_table(merge(tmp_path / "parts", tmp_path / "answers" / "all.parquet").path)
    whole = predict(folder).to_arrow()
    assert found.schema.equals(whole.schema)
    for name, kind in zip(whole.column_names, whole.schema.types, strict=True):
        expected = whole[name].to_pylist()
        if pa.types.is_floating(kind):  # old engines answer other batches a little otherwise
            expected = pytest.approx(expected, abs=1e-6)
        assert found[name].to_pylist() == expected


def test_an_audit_in_parts_finds_copies_across_parts(folder: Path, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write_part("audit", folder, f"{number}/3", tmp_path)
    table = pq.read_table(merge(tmp_path).path)
    scans = scan_photos(Photos.read(folder, labels=False))
    assert table["sha256"].to_pylist() == [scan.sha256 for scan in scans]
    assert table["width"].to_pylist() == [scan.width for scan in scans]
    assert table["group"].to_pylist() == near_duplicate_groups(scans).tolist()
    assert table["group"].to_pylist()[9] == table["group"].to_pylist()[1]
    assert table["status"].to_pylist()[5].startswith("unreadable: ")
    assert table["sharpness"].null_count == 1


def test_the_second_time_nothing_is_computed(folder: Path, tmp_path: Path) -> None:
    first = write_part("embed", folder, "2/2", tmp_path)
    before = {path: path.read_bytes() for path in first.folder.iterdir()}
    again = write_part("embed", folder, "2/2", tmp_path)
    assert (first.computed, again.computed, again.unreadable) == (6, 0, 1)
    assert {path: path.read_bytes() for path in first.folder.iterdir()} == before


def test_a_file_that_is_damaged_or_gone_is_computed_again(folder: Path, tmp_path: Path) -> None:
    done = write_part("embed", folder, "1/1", tmp_path)
    whole = {path.name: path.read_bytes() for path in done.folder.iterdir()}
    one, other, *_ = sorted(done.folder.glob("rows-*"))
    one.write_bytes(one.read_bytes()[:-30])
    other.unlink()
    with pytest.raises(UsageError, match=r"missing or damaged; run .* --shard 1/1 again"):
        merge(tmp_path)
    assert write_part("embed", folder, "1/1", tmp_path).computed == 7
    assert {path.name: path.read_bytes() for path in done.folder.iterdir()} == whole


def test_what_was_unreachable_is_tried_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no unreadable photo, and its part is not done until it was read."""
    lost = {"3.jpg", "4.jpg"}
    real = Photos.read_bytes

    def read_bytes(photos: Photos, row: int) -> bytes:
        if photos[row].path in lost:
            raise UnreachablePhoto("no answer within 10 s")
        return real(photos, row)

    monkeypatch.setattr(Photos, "read_bytes", read_bytes)
    for job in ("embed", "audit"):
        lost.update({"3.jpg", "4.jpg"})
        out = tmp_path / job
        done = write_part(job, folder, "1/1", out)
        assert (done.unreadable, done.unreachable) == (1, 2)
        with pytest.raises(UsageError, match="1 of 1 parts are not done: 1/1"):
            merge(out)
        lost.clear()
        again = write_part(job, folder, "1/1", out)
        assert (again.computed, again.unreadable, again.unreachable) == (2, 1, 0)
        statuses = pq.read_table(merge(out).path)["status"].to_pylist()
        assert [s == "ok" for s in statuses] == [row != 5 for row in range(11)]
    mended = pq.read_table(tmp_path / "embed" / "merged.parquet")
    assert mended.to_pylist() == embed(folder).to_arrow().to_pylist()


def test_another_list_or_model_is_refused(folder: Path, tmp_path: Path) -> None:
    write_part("audit", folder, "1/2", tmp_path)
    with pytest.raises(RunError, match="begun with another job"):
        write_part("embed", folder, "1/2", tmp_path)
    with pytest.raises(RunError, match="begun with another photos"):
        write_part("audit", Photos.read(folder)[1:], "1/2", tmp_path)
    with pytest.raises(RunError, match="begun with another list"):
        write_part("audit", Photos.read(folder)[::-1], "1/2", tmp_path)
    with pytest.raises(RunError, match="lies among the photos"):
        write_part("audit", folder, "1/2", folder / "parts")


def done_parts(folder: Path, out: Path, of: int = 3) -> list[Path]:
    return [write_part("audit", folder, f"{i}/{of}", out).folder for i in range(1, of + 1)]


def edit(path: Path, change: Callable[[dict], object]) -> None:  # type: ignore[type-arg]
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_a_merge_says_what_is_missing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no parts in it"):
        merge(tmp_path / "nowhere")
    parts = done_parts(folder, tmp_path)
    shutil.rmtree(parts[2])
    (parts[0] / "manifest.json").unlink()
    with pytest.raises(UsageError, match=r"2 of 3 parts are not done: 1/3, 3/3;"):
        merge(tmp_path)
    write_part("audit", folder, "1/2", tmp_path)
    with pytest.raises(UsageError, match="parts of 2 and of 3"):
        merge(tmp_path)
    with pytest.raises(UsageError, match=r"use \.parquet"):
        merge(tmp_path, tmp_path / "x.csv")
    assert not (tmp_path / "merged.parquet").exists()


@pytest.mark.parametrize("fault", ["doubled", "lost", "precision", "copied", "swapped", "outside"])
def test_a_merge_refuses_what_is_not_one_whole(
    folder: Path, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FILE_ROWS", 2)
    parts = done_parts(folder, tmp_path)
    manifest = parts[1] / "manifest.json"
    if fault == "doubled":
        edit(manifest, lambda m: m["files"].insert(1, m["files"][0]))
    elif fault == "lost":
        edit(manifest, lambda m: m["files"].pop())
    elif fault == "precision":
        edit(manifest, lambda m: m["facts"].update(precision="f32"))
    elif fault == "copied":
        shutil.rmtree(parts[1])
        shutil.copytree(parts[0], parts[1])
    elif fault == "swapped":  # sound files with the rows of another place
        edit(manifest, lambda m: m["files"][0].update(start=m["files"][1]["start"]))
    else:
        edit(manifest, lambda m: m["files"][0].update(name="../" + m["files"][0]["name"]))
    with pytest.raises(UsageError):
        merge(tmp_path)
    assert not (tmp_path / "merged.parquet").exists()


def test_a_row_that_was_changed_by_hand_is_noticed(folder: Path, tmp_path: Path) -> None:
    """Also where its checksum was changed with it: the list of photos says what must be there."""
    import hashlib

    parts = done_parts(folder, tmp_path)
    file = sorted(parts[1].glob("rows-*"))[0]
    table = pq.read_table(file)
    paths = pa.array(["other.jpg", *table["path"].to_pylist()[1:]])
    pq.write_table(table.set_column(0, "path", paths), file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    edit(parts[1] / "manifest.json", lambda m: m["files"][0].update(sha256=digest))
    with pytest.raises(UsageError, match="are not the 11 photos of the list"):
        merge(tmp_path)


def test_more_parts_than_photos(folder: Path, tmp_path: Path) -> None:
    photos = Photos.read(folder)[:2]
    for number in range(1, 5):
        write_part("audit", photos, f"{number}/4", tmp_path)
    assert merge(tmp_path).rows == 2
