"""Shortcuts: traits of files that tell the classes apart are found, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from pawlens.photos import Photos, find_shortcuts, scan_photos, shortcut_notes
from pawlens.photos import _shortcuts as module
from pawlens.photos._shortcuts import Shortcut

Save = Callable[[Image.Image, Path], None]


def picture(rng: np.random.Generator, side: int = 96) -> Image.Image:
    """A coloured picture of blots, no two alike, of no fixed shape."""
    small = rng.integers(0, 256, (6, 6, 3)).astype(np.uint8)
    size = (side + int(rng.integers(0, 40)), side + int(rng.integers(0, 40)))
    return Image.fromarray(small).resize(size, Image.Resampling.BICUBIC)


def as_jpeg(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".jpg"), quality=90)


def as_png(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".png"))


def recompressed(image: Image.Image, path: Path) -> None:
    image.save(path.with_suffix(".jpg"), quality=60)


def grey(image: Image.Image, path: Path) -> None:
    as_jpeg(image.convert("L").convert("RGB"), path)


def framed(image: Image.Image, path: Path) -> None:
    as_jpeg(ImageOps.expand(image, 4, (10, 90, 200)), path)


def of_one_camera(image: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "EOS"
    image.save(path.with_suffix(".jpg"), quality=90, exif=exif)


def at_500_pixels(image: Image.Image, path: Path) -> None:
    as_jpeg(image.resize((500, 400)), path)


def at_400_pixels(image: Image.Image, path: Path) -> None:
    as_jpeg(image.resize((400, 320)), path)


def named_by_a_camera(image: Image.Image, path: Path) -> None:
    as_jpeg(image, path.with_name(f"DSC_{path.name}"))


def found(folder: Path, cats: Save, dogs: Save, *, cat: int = 30, dog: int = 30) -> list[Shortcut]:
    rng = np.random.default_rng(5)
    for name, save, count in (("cat", cats, cat), ("dog", dogs, dog)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            save(picture(rng), folder / name / str(number))
    photos = Photos.read(folder)
    return find_shortcuts(photos, scan_photos(photos), cache_dir=folder.parent)


@pytest.mark.parametrize(
    ("cats", "dogs", "trait"),
    [
        (as_png, as_jpeg, "file format"),
        (recompressed, as_jpeg, "compression"),
        (grey, as_jpeg, "colour mode"),
        (framed, as_jpeg, "frame"),
        (of_one_camera, as_jpeg, "camera"),
        (at_500_pixels, at_400_pixels, "width in pixels"),
        (named_by_a_camera, as_jpeg, "start of the file name"),
    ],
)
def test_each_kind_of_shortcut_is_found(tmp_path: Path, cats: Save, dogs: Save, trait: str) -> None:
    some = {one.trait: one for one in found(tmp_path / "photos", cats, dogs)}
    assert trait in some
    assert some[trait].right.value > 0.95
    assert some[trait].right.low > 0.85


def test_photos_saved_alike_raise_no_alarm(tmp_path: Path) -> None:
    assert found(tmp_path / "photos", as_jpeg, as_jpeg) == []


def test_few_photos_raise_no_alarm(tmp_path: Path) -> None:
    assert found(tmp_path / "few", as_png, as_jpeg, cat=4) == []
    (first, *_) = found(tmp_path / "rare", as_png, as_jpeg, cat=14, dog=60)
    assert first.trait == "file format"


def test_a_trait_that_leaks_a_little_raises_no_alarm(tmp_path: Path) -> None:
    """Two of three cats are PNG, and one of three dogs."""

    def mostly(share: int) -> Save:
        return lambda image, path: (as_png if int(path.name) % 3 < share else as_jpeg)(image, path)

    assert found(tmp_path / "photos", mostly(2), mostly(1)) == []


def test_what_does_not_train_is_not_asked(tmp_path: Path) -> None:
    """A held-out split of another format is no shortcut."""
    rng = np.random.default_rng(2)
    for split, save, counts in (("train", as_jpeg, (30, 30)), ("test", as_png, (30, 1))):
        for name, count in zip(("cat", "dog"), counts, strict=True):
            (tmp_path / split / name).mkdir(parents=True)
            for number in range(count):
                save(picture(rng), tmp_path / split / name / str(number))
    photos = Photos.read(tmp_path)
    scans = scan_photos(photos)
    assert find_shortcuts(photos, scans) == []
    kept = np.array([photo.split == "test" or photo.label == "dog" for photo in photos], bool)
    every = find_shortcuts(photos, scans, kept=kept)
    assert "file format" in {one.trait for one in every}


def test_the_note_names_trait_class_and_what_to_do(tmp_path: Path) -> None:
    some = found(tmp_path / "photos", as_png, as_jpeg)
    (note,) = shortcut_notes(some)
    assert note.startswith("Shortcut: the file format alone tells cat from the rest, and so do ")
    assert "(mostly PNG in the class, JPEG elsewhere)" in note
    assert "where guessing has 50 %" in note
    assert "pawlens evaluate RUN OTHERS" in note
    assert "file size" in note
    assert ": right for 100.0 % (9" in note
    assert shortcut_notes([]) == []
    assert some[0].as_json()["right"]["value"] == 1.0


def test_of_several_classes_the_one_that_stands_apart_is_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    for name, save in (("ant", as_jpeg), ("bee", as_jpeg), ("cow", as_png)):
        (tmp_path / name).mkdir()
        for number in range(25):
            save(picture(rng), tmp_path / name / str(number))
    photos = Photos.read(tmp_path)
    first, *_ = find_shortcuts(photos, scan_photos(photos))
    assert (first.trait, first.name) == ("file format", "cow")


@pytest.mark.parametrize("seed", range(6))
def test_a_value_speaks_for_the_classes_in_which_it_is_more_frequent(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = (9, 12, 40)[seed % 3]
    code, fold = rng.integers(0, 3, count), np.arange(count) % module._FOLDS
    targets = rng.random((count, 4)) < (0.6, 0.3, 0.1, 0)
    targets[1:, 3] = True  # all but one photo, whose value is frequent
    code[: count // 2 + 2] = code[0]
    said = module._answers(code, targets, fold)
    for row in range(count):
        taught = fold != fold[row]
        alike = code == code[row]
        for k in range(4):
            own, others = taught & targets[:, k], taught & ~targets[:, k]
            rate = (own & alike).sum() / max(own.sum(), 1)
            elsewhere = (others & alike).sum() / max(others.sum(), 1)
            assert said[row, k] == (rate > elsewhere)
