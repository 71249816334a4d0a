from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageOps

from pawlens.errors import PhotosError
from pawlens.samples._draw import draw_both, draw_neither, draw_photo
from pawlens.samples._samples import FLAW_SHARES, draw_samples

COUNT = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_samples(tmp_path_factory.mktemp("samples"), count=COUNT, seed=3)


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return read


def flaws(truth: dict[str, Any], kind: str) -> list[dict[str, str]]:
    found = [flaw for flaw in truth["flaws"] if flaw["kind"] == kind]
    assert found, f"no {kind} was planted"
    return found


def small(photo: Image.Image) -> npt.NDArray[np.float64]:
    return np.asarray(photo.convert("L").resize((16, 16)), dtype=np.float64)


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_counts_and_names(folder: Path, truth: dict[str, Any]) -> None:
    cats = {f"cat.{i}.jpg" for i in range(COUNT // 2)}
    dogs = {f"dog.{i}.jpg" for i in range(COUNT // 2)}
    assert {path.name for path in (folder / "train").iterdir()} == cats | dogs
    tests = {path.name for path in (folder / "test").iterdir()}
    assert tests == {f"{i}.jpg" for i in range(1, COUNT // 8 + 1)} == set(truth["test_labels"])
    assert truth["seed"] == 3
    assert truth["count"] == COUNT


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = draw_samples(tmp_path / "again", count=COUNT, seed=3)
    assert digests(again) == digests(folder)


def test_other_seed_other_photos(tmp_path: Path) -> None:
    one, two = (draw_samples(tmp_path / f"{s}", count=2, seed=s, flaws=False) for s in (1, 2))
    assert not set(digests(one).values()) & set(digests(two).values())


def test_every_kind_of_flaw_once_per_file(folder: Path, truth: dict[str, Any]) -> None:
    assert {flaw["kind"] for flaw in truth["flaws"]} == set(FLAW_SHARES)
    files = Counter(flaw["file"] for flaw in truth["flaws"])
    assert set(files.values()) == {1}
    assert all((folder / name).is_file() for name in files)


def test_wrong_labels_show_the_other_kind(truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "wrong_label"):
        named = flaw["file"].split("/")[1].split(".")[0]
        assert {named, flaw["truth"]} == {"cat", "dog"}


def test_exact_duplicates_have_equal_bytes(folder: Path, truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "exact_duplicate"):
        assert (folder / flaw["file"]).read_bytes() == (folder / flaw["of"]).read_bytes()


@pytest.mark.parametrize("kind", ["near_duplicate", "leak"])
def test_copies_look_like_their_source(folder: Path, truth: dict[str, Any], kind: str) -> None:
    sources = {flaw["of"] for flaw in truth["flaws"] if "of" in flaw}
    assert not sources & {flaw["file"] for flaw in truth["flaws"]}
    for flaw in flaws(truth, kind):
        with Image.open(folder / flaw["file"]) as copy, Image.open(folder / flaw["of"]) as source:
            assert np.abs(small(copy) - small(source)).mean() < 4
        if kind == "near_duplicate":
            assert (folder / flaw["file"]).read_bytes() != (folder / flaw["of"]).read_bytes()
        else:
            assert flaw["file"].startswith("test/")
            assert truth["test_labels"][Path(flaw["file"]).name] == flaw["truth"]


def test_white_borders_surround_the_photo(folder: Path, truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "white_border"):
        left, top, right, bottom = map(
            int, flaw["detail"].removeprefix("photo at ").removesuffix(" on white").split(", ")
        )
        with Image.open(folder / flaw["file"]) as photo:
            pixels = np.asarray(photo)
        outside = np.ones(pixels.shape[:2], dtype=bool)
        outside[max(top - 16, 0) : bottom + 16, max(left - 16, 0) : right + 16] = False
        assert outside.mean() > 0.3
        assert pixels[outside].min() > 245


def test_tiny_photos_are_tiny(folder: Path, truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "tiny"):
        with Image.open(folder / flaw["file"]) as photo:
            assert photo.width * photo.height < 3600


def test_unreadable_files_fail_to_load(folder: Path, truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "truncated"):
        with (
            Image.open(folder / flaw["file"]) as photo,
            pytest.raises(OSError, match="truncated"),
        ):
            photo.load()
    for flaw in flaws(truth, "zero_bytes"):
        assert (folder / flaw["file"]).stat().st_size == 0


def test_formats_that_the_name_hides(folder: Path, truth: dict[str, Any]) -> None:
    for flaw in flaws(truth, "gif_named_jpg"):
        assert (folder / flaw["file"]).read_bytes().startswith(b"GIF8")
    for flaw in flaws(truth, "cmyk"):
        with Image.open(folder / flaw["file"]) as photo:
            assert (photo.format, photo.mode) == ("JPEG", "CMYK")


def test_rotated_photos_stand_upright_once_turned(folder: Path, truth: dict[str, Any]) -> None:
    flawless = draw_samples(folder.parent / "flawless", count=COUNT, seed=3, flaws=False)
    for flaw in flaws(truth, "exif_rotated"):
        with Image.open(folder / flaw["file"]) as photo:
            assert photo.getexif()[0x0112] == 6
            upright = ImageOps.exif_transpose(photo)
        assert upright.width == photo.height
        with Image.open(flawless / flaw["file"]) as original:
            assert upright.size == original.size
            assert np.abs(small(upright) - small(original)).mean() < 4


def test_photos_are_distinct_and_varied(tmp_path: Path) -> None:
    drawn = draw_samples(tmp_path / "plain", count=COUNT, seed=5, flaws=False)
    assert json.loads((drawn / "truth.json").read_text(encoding="utf-8"))["flaws"] == []
    photos = [Image.open(io.BytesIO(path.read_bytes())) for path in sorted(drawn.rglob("*.jpg"))]
    assert all(min(photo.size) >= 120 and max(photo.size) <= 500 for photo in photos)
    assert len({photo.size for photo in photos}) > COUNT // 2
    looks = np.stack([small(photo) for photo in photos])
    apart = np.abs(looks[:, None] - looks[None]).mean(axis=(2, 3))
    assert apart[~np.eye(len(photos), dtype=bool)].min() > 4


def test_progress_counts_every_photo(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    draw_samples(
        tmp_path / "new",
        count=9,
        flaws=False,
        progress=lambda *told: seen.append(told),
    )
    assert seen == [("drawing", i, 10) for i in range(1, 11)]
    assert len(list((tmp_path / "new/train").glob("cat.*.jpg"))) == 5


def test_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(PhotosError, match="not an empty folder"):
        draw_samples(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(PhotosError, match="not an empty folder"):
        draw_samples(tmp_path / "mine.txt")


def test_refuses_too_few(tmp_path: Path) -> None:
    with pytest.raises(PhotosError, match="at least 32"):
        draw_samples(tmp_path / "new", count=8)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("size", [(120, 160), (333, 201), (64, 64)])
def test_a_photo_of_a_given_size(size: tuple[int, int]) -> None:
    cat = draw_photo("cat", np.random.default_rng(0), size)
    dog = draw_photo("dog", np.random.default_rng(0), size)
    assert cat.dtype == dog.dtype == np.uint8
    assert cat.shape == dog.shape == (size[1], size[0], 3)
    assert (cat != dog).any()


def test_photos_of_both_and_of_neither() -> None:
    for draw in (draw_both, draw_neither):
        pixels = draw(np.random.default_rng(1))
        assert pixels.dtype == np.uint8
        assert pixels.shape[2] == 3
        assert pixels.std() > 5
        np.testing.assert_array_equal(pixels, draw(np.random.default_rng(1)))
