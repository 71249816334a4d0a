"""Whole explorations: drawn photos, a zip, splits, lists, odd files."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from pawlens import Photos
from pawlens.pages import sentences
from pawlens.photos import explore
from pawlens.photos.scan import _headers as headers
from pawlens.samples import draw_samples
from pawlens.workflows import figures

Folders = Callable[..., Path]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw_samples(tmp_path_factory.mktemp("drawn") / "pets", count=64)


def test_drawn_photos_with_planted_flaws(drawn: Path) -> None:
    found = explore(Photos.read(drawn))
    assert found.counts.of_class == {"cat": 32, "dog": 32}
    assert found.counts.unlabelled == {"test": 8}
    reasons = " ".join(reason for _, reason in found.unreadable)
    assert "empty (0 bytes)" in reasons
    assert "truncated" in reasons
    assert [kind for _, kind in found.misnamed] == ["GIF"]
    assert found.modes["CMYK"] == 1
    assert found.turned == 1
    assert found.same_bytes >= 1
    assert found.formats["JPEG"] + 1 + len(found.unreadable) == 72
    assert (found.size == 0).sum() == 1


def test_a_zip_tells_the_same_as_its_folder(drawn: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for path in sorted(drawn.rglob("*.jpg")):
            archive.write(path, path.relative_to(drawn))
    of_folder = figures(explore(Photos.read(drawn)))
    of_zip = figures(explore(Photos.read(tmp_path / "pets.zip")))
    assert of_zip | {"not_photos": of_folder["not_photos"]} == of_folder


def test_splits_and_a_class_with_few(photo_folder: Folders) -> None:
    folder = photo_folder("set/train", cat=24, dog=8).parent
    photo_folder("set/valid", seed=1, cat=2, dog=2)
    found = explore(Photos.read(folder))
    assert found.counts.classes["cat"] == {"train": 24, "valid": 2}
    words = " ".join(sentences(found))
    assert "The largest class, cat, has 26 photos, the smallest, dog, 10." in words
    assert "1 class has fewer than 20 photos." in words
    assert "Splits: train 32, valid 4." in words
    assert "All are 96 x 80 pixels." in words


def test_several_labels_count_under_each(photo_folder: Folders) -> None:
    folder = photo_folder(cat=3, dog=3)
    rows = ["path,label"] + [f"cat/{i}.jpg,cat" for i in range(3)]
    rows += ["dog/0.jpg,dog", "dog/1.jpg,dog;cat", "dog/2.jpg,"]
    (folder / "list.csv").write_text("\n".join(rows))
    found = explore(Photos.read(folder / "list.csv"))
    facts = figures(found)
    assert facts["several_labels"] == [{"labels": ["cat", "dog"], "photos": 1}]
    assert facts["classes"]["cat"]["photos"] == 4
    assert facts["unlabelled"] == 1
    assert "1 photo has several labels, each of which is counted." in facts["words"][1]


def test_photos_of_which_none_can_be_read(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "0.jpg").write_bytes(b"\xff\xd8\xff\xe0 no photo")
    found = explore(Photos.read(tmp_path))
    assert len(found.unreadable) == 2
    assert figures(found)["sizes"]["longer_side"] == {}
    assert "Files: 2 unreadable, 1 with the same bytes as another one." in sentences(found)
    assert "No photo of class dog can be read" in sentences(found)[-1]


def test_a_second_look_reads_nothing(
    photo_folder: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = Photos.read(photo_folder(cat=3, dog=3))
    first = figures(explore(photos, cache_dir=tmp_path / "cache"))

    def refuse(*arguments: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(headers, "_header", refuse)
    assert figures(explore(photos, cache_dir=tmp_path / "cache")) == first


def test_every_step_tells_how_far_it_is(photo_folder: Folders) -> None:
    steps: dict[str, tuple[int, int]] = {}
    photos = Photos.read(photo_folder(cat=3, dog=3))
    explore(photos, progress=lambda what, done, total: steps.update({what: (done, total)}))
    assert steps == {"scanning photos": (6, 6), "reading headers": (6, 6)}


def test_colour_modes(tmp_path: Path) -> None:
    for mode in ("RGB", "L", "P", "RGBA", "1", "LA"):
        Image.new(mode, (8, 8)).save(tmp_path / f"{mode}.png")
    found = explore(Photos.read(tmp_path, labels=False))
    assert found.modes == dict.fromkeys(("1", "L", "LA", "P", "RGB", "RGBA"), 1)
