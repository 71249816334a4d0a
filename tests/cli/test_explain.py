from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Command


def test_a_page_and_a_picture_of_each_photo(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    found = pawlens("explain", trained, photos, "--out", tmp_path / "why")
    assert (found.code, found.err) == (0, "")
    lines = found.out.splitlines()
    assert lines[-1] == f"page  {tmp_path / 'why' / 'explain.html'}"
    assert lines[0].split()[:2] == ["cat/0.jpg", "cat"]
    page = (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")
    assert page.count('<section class="photo">') == 12
    assert "http" not in page.replace("http-equiv", "")
    with Image.open(tmp_path / "why" / "0001-0.png") as picture:
        assert picture.size == (96, 80)


def test_json_of_a_class(pawlens: Command, trained: Path, photos: Path, tmp_path: Path) -> None:
    options = ("--class", "dog", "--json", "--out", tmp_path / "why")
    found = pawlens("explain", trained, photos / "cat" / "1.jpg", *options)
    (row,) = json.loads(found.out)["photos"]
    assert (row["class"], row["status"], row["method"]) == ("dog", "ok", "cam")
    assert row["probability"] < 0.5
    assert row["answer"] == "cat"
    total = sum(one["contribution"] for one in row["backbones"])
    assert total == pytest.approx(row["logit"], abs=1e-3)
    assert (tmp_path / "why" / row["png"]).is_file()


def test_an_unreadable_photo_is_named(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"\xff\xd8\xff nothing")
    found = pawlens("explain", trained, photos / "cat" / "1.jpg", bad, "--out", tmp_path / "why")
    assert found.code == 2
    assert "bad.jpg: unreadable" in found.err
    assert "cannot be read" in (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")


def test_wrong_use_is_one_line(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    rest = (trained, photos / "cat" / "1.jpg", "--out", tmp_path / "why")
    pawlens("explain", *rest, "--class", "cow").in_one_line("no class 'cow'", "cat, dog")
    pawlens("explain", *rest, "--method", "lime").in_one_line("'lime'", "auto, cam, occlusion")
    pair = ("--class", "cat", "--instead")
    pawlens("explain", *rest, *pair, "cow").in_one_line("no class 'cow'", "cat, dog")
    pawlens("explain", *rest, *pair, "cat").in_one_line("--instead must be another class")


def test_why_the_one_and_not_the_other(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    options = ("--instead", "dog", "--json", "--out", tmp_path / "why")
    found = pawlens("explain", trained, photos / "dog" / "1.jpg", *options)
    (row,) = json.loads(found.out)["photos"]
    assert (row["class"], row["instead"], row["answer"]) == ("cat", "dog", "dog")
    assert "cat and not dog" in (tmp_path / "why" / "explain.html").read_text(encoding="utf-8")


def test_any_model_is_explained_by_occlusion(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    options = ("--method", "occlusion", "--json", "--out", tmp_path / "why")
    found = pawlens("explain", trained, photos / "cat" / "1.jpg", *options)
    (row,) = json.loads(found.out)["photos"]
    assert row["method"] == row["backbones"][0]["method"] == "occlusion"
    assert row["backbones"][0]["mapped"]
    assert "its map is made by occlusion" in found.err
