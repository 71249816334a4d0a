"""Every bad input ends in one line that names it, and nothing is lost or replaced."""

from __future__ import annotations

import csv
import io
import json
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ..striped import fill, striped
from .conftest import LEFT_BY_A_RUN, Command


def rows_of(text: str) -> dict[str, dict[str, str]]:
    """Rows of a CSV by the file name of their path."""
    return {Path(row["path"]).name: row for row in csv.DictReader(io.StringIO(text))}


def bomb() -> bytes:
    """A PNG of a hundred bytes that claims 50,000 x 50,000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        checked = name + body
        return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 64))


def broken(folder: Path) -> dict[str, str]:
    """Photos that cannot be read, and a word of the reason for each."""
    folder.mkdir(parents=True, exist_ok=True)
    striped("cat", 900).save(folder / "torn.jpg")
    (folder / "torn.jpg").write_bytes((folder / "torn.jpg").read_bytes()[:900])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "bomb.png").write_bytes(bomb())
    (folder / "words.jpg").write_bytes(b"these are words")
    return {
        "torn.jpg": "JPEG",
        "empty.jpg": "empty",
        "bomb.png": "50000 x 50000",
        "words.jpg": "not a",
    }


def odd(folder: Path) -> list[str]:
    """Photos that look wrong and are to be read properly, all of the same striped cat."""
    folder.mkdir(parents=True, exist_ok=True)
    image = striped("cat", 3)  # one that the run has learnt: what counts is how it is read
    image.save(folder / "plain.png")
    image.save(folder / "gif.png", "GIF")
    (folder / "gif.png").rename(folder / "gif.jpg")
    image.convert("CMYK").save(folder / "cmyk.jpg", quality=95)
    grey = np.asarray(image.convert("L")).astype(np.uint16) * 257
    Image.fromarray(grey).save(folder / "sixteen.png")
    image.convert("RGBA").save(folder / "alpha.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(folder / "turned.jpg", exif=exif, quality=95)
    heif = pytest.importorskip("pillow_heif")
    heif.from_pillow(image).save(folder / "heic.jpg", format="HEIF", quality=95)
    return [
        "alpha.png",
        "cmyk.jpg",
        "gif.jpg",
        "heic.jpg",
        "plain.png",
        "sixteen.png",
        "turned.jpg",
    ]


# Predicting


def test_every_photo_has_a_row(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    reasons = broken(tmp_path / "new")
    good = odd(tmp_path / "new")
    found = pawlens("predict", trained, tmp_path / "new", "--out", tmp_path / "answers.csv")
    rows = rows_of((tmp_path / "answers.csv").read_text())
    assert found.code == 2
    assert set(rows) == {*reasons, *good}
    for name, word in reasons.items():
        assert rows[name]["status"].startswith("unreadable: ")
        assert word in rows[name]["status"]
        assert rows[name]["label"] == rows[name]["p:cat"] == rows[name]["p:dog"] == ""
    assert len(found.err.splitlines()) == len(reasons)
    assert {rows[name]["status"] for name in good} == {"ok"}
    assert {rows[name]["label"] for name in good} == {"cat"}


def test_one_broken_photo_alone(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    broken(tmp_path)
    found = pawlens("predict", trained, tmp_path / "torn.jpg", "--json")
    assert found.code == 2
    (row,) = json.loads(found.out)
    assert (row["label"], row["p:cat"]) == (None, None)
    assert "torn.jpg: unreadable: JPEG cannot be decoded" in found.err


@pytest.mark.parametrize("name", ["猫咪 布偶.jpg", "猫" * 83 + "ab.jpg"])
def test_chinese_and_long_names(pawlens: Command, trained: Path, tmp_path: Path, name: str) -> None:
    striped("dog", 902).save(tmp_path / name)
    out = tmp_path / name.replace(".jpg", ".csv")
    assert pawlens("predict", trained, tmp_path / name, "--out", out).code == 0
    assert rows_of(out.read_text())[name]["label"] == "dog"


def test_answers_that_cannot_be_written(pawlens: Command, trained: Path, photos: Path) -> None:
    (photos / "file").write_bytes(b"")
    found = pawlens("predict", trained, photos / "cat", "--out", photos / "file" / "answers.csv")
    found.in_one_line(str(photos / "file"), "cannot be created")


def test_no_such_photos(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    pawlens("predict", trained, tmp_path / "gone").in_one_line("gone: no such file")
    (tmp_path / "none").mkdir()
    pawlens("predict", trained, tmp_path / "none").in_one_line("none: no photos")


@pytest.mark.parametrize("content", [b"", b"not an ONNX file", bomb(), b"\x08\x09\x12\x00"])
def test_a_model_that_is_none(
    pawlens: Command, photos: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "model.onnx").write_bytes(content)
    pawlens("predict", tmp_path / "model.onnx", photos).in_one_line("model.onnx: not a")
    pawlens("evaluate", tmp_path / "model.onnx", photos).in_one_line("model.onnx: not a")


def test_a_torn_model(pawlens: Command, trained: Path, photos: Path, tmp_path: Path) -> None:
    data = (trained / "model.onnx").read_bytes()
    (tmp_path / "model.onnx").write_bytes(data[: len(data) // 2])
    pawlens("predict", tmp_path / "model.onnx", photos).in_one_line("model.onnx: not a")


def test_no_model_there(pawlens: Command, photos: Path) -> None:
    pawlens("predict", photos, photos).in_one_line("model.onnx: no such model")


def test_a_class_that_the_model_does_not_know(
    pawlens: Command, trained: Path, photos: Path
) -> None:
    fill(photos, 1, classes=("fox",))
    pawlens("evaluate", trained, photos).in_one_line("'fox'", "cat, dog")


def test_evaluate_names_what_it_leaves_out(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    photos = fill(tmp_path / "others", 6, start=50)
    broken(photos / "cat")
    found = pawlens("evaluate", trained, photos)
    assert found.code == 0
    assert "12 photos" in found.out
    assert sorted(line.split(":")[1].strip() for line in found.err.splitlines()) == [
        "cat/bomb.png",
        "cat/empty.jpg",
        "cat/torn.jpg",
        "cat/words.jpg",
    ]


# Submissions


@pytest.fixture
def numbered(tmp_path: Path) -> Path:
    folder = tmp_path / "test"
    folder.mkdir()
    for i in range(1, 5):
        striped("cat", 910 + i).save(folder / f"{i}.jpg")
    return folder


def test_submission(pawlens: Command, trained: Path, numbered: Path, tmp_path: Path) -> None:
    found = pawlens("predict", trained, numbered, "--kaggle", "--out", tmp_path / "s.csv")
    assert (found.code, found.err) == (0, "")
    lines = (tmp_path / "s.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["id", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: shutil.copy(f / "2.jpg", f / "02.jpg"), ["id 2", "02.jpg", "2.jpg"]),
        (lambda f: (f / "3.jpg").rename(f / "9.jpg"), ["first 3", "first 9"]),
        (
            lambda f: (f / "3.jpg").rename(f / "three.jpg"),
            ["three.jpg", "is not a number"],
        ),
        (lambda f: (f / "3.jpg").write_bytes(b""), ["3.jpg", "empty", "nothing was written"]),
    ],
)
def test_submission_refused(
    pawlens: Command, trained: Path, numbered: Path, tmp_path: Path, change: Any, words: list[str]
) -> None:
    change(numbered)
    (tmp_path / "s.csv").write_text("an older submission")
    found = pawlens("predict", trained, numbered, "--kaggle", "--out", tmp_path / "s.csv")
    found.in_one_line(*words)
    assert (tmp_path / "s.csv").read_text() == "an older submission"


def test_submission_against_other_ids(
    pawlens: Command, trained: Path, numbered: Path, tmp_path: Path
) -> None:
    ids = tmp_path / "sample.csv"
    for text, words in {
        "id,label\n1,0\n2,0\n": ["2 not expected (first 3.jpg)"],
        "id,label\n1,0\n1,0\n": ["sample.csv: id '1' is there 2 times"],
        "id,cat,owl\n1,0,0\n2,0,0\n3,0,0\n4,0,0\n": ["'owl' is no class", "cat, dog"],
    }.items():
        ids.write_text(text)
        pawlens("predict", trained, numbered, "--kaggle", "--ids", ids).in_one_line(*words)
    (numbered / "1.jpg").write_bytes(b"")  # found while photos are answered, so the form was first
    pawlens("predict", trained, numbered, "--kaggle", "--ids", ids).in_one_line("'owl' is no class")
    pawlens("predict", trained, numbered, "--ids", ids).in_one_line("--kaggle")
    pawlens("predict", trained, numbered, "--kaggle", "--positive", "fox").in_one_line("'fox'")


# Archives and folders


@pytest.mark.parametrize("name", ["../evil.jpg", "..\\evil.jpg", "/evil.jpg"])
def test_archive_that_climbs(pawlens: Command, trained: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"")
    for command in (("predict", trained), ("train",)):
        pawlens(*command, tmp_path / "a.zip").in_one_line("a.zip", "evil.jpg", "outside")
    assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]


def test_archive_in_an_archive(pawlens: Command, trained: Path, tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.jpg", b"\0" * 30_000_000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("zip.jpg", inner.getvalue())
        archive.writestr("zeros.jpg", b"\0" * 3_000_000)
    found = pawlens("predict", trained, tmp_path / "a.zip", "--out", tmp_path / "a.csv")
    assert found.code == 2
    rows = rows_of((tmp_path / "a.csv").read_text())
    assert set(rows) == {"zip.jpg", "zeros.jpg"}
    assert all(row["status"].startswith("unreadable: not a photo") for row in rows.values())


def test_class_missing_in_a_split(pawlens: Command, tmp_path: Path) -> None:
    fill(tmp_path / "x" / "train", 2)
    fill(tmp_path / "x" / "valid", 2, classes=("cat",))
    pawlens("train", tmp_path / "x").in_one_line("valid has no photo of class 'dog'")


def test_stray_folder(pawlens: Command, tmp_path: Path) -> None:
    for split in ("train", "test"):
        fill(tmp_path / "x" / split, 2)
    fill(tmp_path / "x", 1, classes=("holiday",))
    pawlens("train", tmp_path / "x").in_one_line("'holiday'", "beside the split folders")


def test_stray_photo(pawlens: Command, photos: Path) -> None:
    striped("cat", 1).save(photos / "stray.jpg")
    pawlens("train", photos).in_one_line("'stray.jpg'", "beside class folder")


def test_a_class_without_readable_photos(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    broken(photos / "fox")
    pawlens("train", photos, "--out", tmp_path / "run").in_one_line("'fox'", "0 different readable")


# Training


def test_training_goes_on_and_names_what_it_left_out(
    pawlens: Command, photos: Path, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    reasons = broken(photos / "cat")
    good = odd(photos / "cat")
    found = pawlens("train", photos, "--out", tmp_path / "run", "--folds", "2")
    assert (found.code, found.err) == (0, "")
    assert f"{len(reasons)} set aside" in found.out
    assert {p.name for p in (tmp_path / "run").iterdir()} == LEFT_BY_A_RUN
    table = pq.read_table(tmp_path / "run" / "photos.parquet").to_pylist()
    role = {Path(row["path"]).name: (row["role"], row["reason"]) for row in table}
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for name, word in reasons.items():
        assert role[name][0] == "set aside"
        assert word in role[name][1]
        assert f"cat/{name}" in report
    assert {role[name][0] for name in good} == {"train"}


def test_the_real_command_line(trained: Path, tmp_path: Path) -> None:
    broken(tmp_path)
    command = [sys.executable, "-m", "pawlens", "predict", str(trained), str(tmp_path / "torn.jpg")]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert found.returncode == 2
    assert "torn.jpg" in found.stdout
    assert len(found.stderr.splitlines()) == 1
    assert found.stderr.startswith(f"pawlens: {tmp_path / 'torn.jpg'}: unreadable: ")
