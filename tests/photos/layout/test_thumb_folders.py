from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from pawlens import Photos
from pawlens.errors import PhotosError
from pawlens.photos.layout._thumb_folders import thumbnail_folders


@pytest.mark.parametrize(
    ("folders", "thumbnails"),
    [
        (["cat", "cat/thumbs", "dog"], {"cat/thumbs"}),
        (["photos", "thumbnails"], {"thumbnails"}),
        (["train/cat", "test/cat", "Thumbs"], {"Thumbs"}),
        (["photos/cat", "photos/dog", "thumbs/cat", "thumbs/dog"], {"thumbs"}),
        (["cat", "dog", "thumbs/cat", "thumbs/dog"], {"thumbs"}),
        (["cat/rex", "cat/tom", "cat/thumbs", "dog/kit"], {"cat/thumbs"}),
        (["cat", "dog", "thumbs"], set()),
        (["train/palms", "train/thumbs", "test/palms", "test/thumbs"], set()),
        (["data/palms", "data/thumbs"], set()),
        (["thumbs/cat", "thumbs/dog"], set()),
        (["cat", "dog"], set()),
    ],
)
def test_folders_that_surely_hold_thumbnails(folders: list[str], thumbnails: set[str]) -> None:
    assert (
        thumbnail_folders(f"{folder}/{i}.jpg" for folder in folders for i in (1, 2)) == thumbnails
    )


def draw(folder: Path, *places: str) -> Path:
    for place in places:
        for i in (1, 2):
            (folder / place).mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (4, 4)).save(folder / place / f"{i}.jpg")
    return folder


def test_thumbnails_are_left_out_and_told(tmp_path: Path) -> None:
    photos = Photos.read(draw(tmp_path, "cat", "dog", "cat/thumbs"))
    assert photos.classes == ["cat", "dog"]
    assert [tuple(one) for one in photos.skipped] == [("cat/thumbs/", "thumbnails, by its name")]
    assert len(Photos.read(tmp_path, labels=False)) == 4


@pytest.mark.parametrize("name", ["thumbs", "Thumbnails"])
def test_a_class_that_may_be_thumbnails_is_refused(tmp_path: Path, name: str) -> None:
    draw(
        tmp_path, *(f"{split}/{c}" for split in ("train", "test") for c in (name, "palms", "toes"))
    )
    with pytest.raises(PhotosError, match=f"folder '{name}' may hold thumbnails, or be a class"):
        Photos.read(tmp_path)
    for split in ("train", "test"):
        (tmp_path / split / name).rename(tmp_path / split / f"{name} of hands")
    assert len(Photos.read(tmp_path).classes) == 3


@pytest.mark.parametrize("name", ["Recycled", "recycler", "cache", "temp", "backup"])
def test_a_class_that_is_called_like_a_folder_of_the_system(tmp_path: Path, name: str) -> None:
    draw(
        tmp_path,
        *(f"{split}/{c}" for split in ("train", "test") for c in (name, "new", "landfill")),
    )
    photos = Photos.read(tmp_path)
    assert name in photos.classes
    assert len(photos.classes) == 3
    assert not photos.skipped
