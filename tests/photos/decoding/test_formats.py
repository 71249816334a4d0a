"""Formats are told by content, then by ending; what is recognised and not read has a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens.errors import PhotosError, UnreadablePhoto
from pawlens.photos import Photos, decode, prepare_table, scan_photos
from pawlens.photos.decoding._formats import name_unread, sniff, why_unread

from ..unread_formats import BY_CONTENT, BY_ENDING, JPEG, saved


@pytest.mark.parametrize("name", BY_CONTENT)
def test_a_format_is_recognised_by_its_content(name: str) -> None:
    data = BY_CONTENT[name]
    assert sniff(data) is None
    assert name_unread(data) == name
    with pytest.raises(UnreadablePhoto, match="which is not read; save") as caught:
        decode(data)
    assert str(caught.value) == why_unread(name)


@pytest.mark.parametrize("name", BY_ENDING)
def test_a_format_is_recognised_by_its_ending(name: str) -> None:
    path, data = BY_ENDING[name]
    assert name_unread(data, path) == name


def test_content_is_believed_before_the_ending() -> None:
    assert name_unread(JPEG, "1.nef") is None
    assert name_unread(BY_CONTENT["JPEG XL"], "1.jpg") == "JPEG XL"
    assert name_unread(b"hello", "1.jpg") is None


@pytest.mark.parametrize(
    ("brands", "kind"),
    [
        (b"avif", "AVIF"),
        (b"avis", "AVIF"),
        (b"heic", "HEIC"),
        (b"mif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"mif1\0\0\0\0mif1heic", "HEIC"),
        (b"crx ", None),
        (b"qt  ", None),
    ],
)
def test_boxes_are_told_by_their_brands(brands: bytes, kind: str | None) -> None:
    assert sniff((len(brands) + 8).to_bytes(4) + b"ftyp" + brands) == kind


def test_a_picture_that_is_not_read_keeps_its_row(tmp_path: Path) -> None:
    for name, data in (
        ("cat/1.jpg", JPEG),
        ("cat/2.jp2", BY_CONTENT["JPEG 2000"]),
        ("dog/1.tga", BY_ENDING["TGA"][1]),
        ("dog/2", BY_CONTENT["JPEG XL"]),
        ("dog/3.dng", saved("TIFF")),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    photos = Photos.read(tmp_path)
    assert photos.paths == ["cat/1.jpg", "cat/2.jp2", "dog/1.tga", "dog/2", "dog/3.dng"]
    problems = [scan.problem for scan in scan_photos(photos)]
    assert problems == [
        "",
        *(f"{n}, which is not read; save it as JPEG or PNG" for n in ("JPEG 2000", "TGA")),
        *(
            f"{n}, which is not read; save it as JPEG or PNG"
            for n in ("JPEG XL", "a camera's raw file")
        ),
    ]
    assert photos.subset([3]).classes == ["dog"]


def test_a_class_of_such_pictures_is_named_with_the_reason(
    photo_folder: Callable[..., Path],
) -> None:
    folder = photo_folder(cat=4, dog=4)
    for photo in (folder / "dog").iterdir():
        photo.rename(photo.with_suffix(".jxl")).write_bytes(BY_CONTENT["JPEG XL"])
    reason = (
        r"class 'dog' has 0 .* of its 4 photos 4 cannot be read, as dog/0\.jxl: JPEG XL, which is"
    )
    with pytest.raises(PhotosError, match=reason):
        prepare_table(Photos.read(folder), n_folds=2, seed=0)


def test_a_film_beside_class_folders_is_left_out_with_its_reason(tmp_path: Path) -> None:
    for name in ("cat/1.jpg", "dog/1.jpg", "film.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(JPEG if name.endswith("jpg") else b"\0\0\0\x1cftypisom")
    photos = Photos.read(tmp_path)
    assert photos.paths == ["cat/1.jpg", "dog/1.jpg"]
    assert [one.path for one in photos.skipped] == ["film.mp4"]
    assert photos.skipped[0].reason.startswith("a video, which is not read")
    assert "film.mp4" in Photos.read(tmp_path, labels=False).paths
