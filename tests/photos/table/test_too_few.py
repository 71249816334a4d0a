"""Every cause that leaves a class without photos is told, with its count and an example."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photo, Photos, prepare_table
from pawlens.photos.stores._stores import FolderStore
from pawlens.photos.table._too_few import why_too_few

from ...striped import striped

CAUSES = {
    "unreadable: cannot be read: No such file or directory": (
        "set aside",
        "1 cannot be read, as 0.jpg: cannot be read: No such file or directory",
    ),
    "several labels: cat, dog": ("set aside", "1 have several labels, as 0.jpg: cat, dog"),
    "decided: drop (blurred)": (
        "set aside",
        "1 are left out by decisions, as 0.jpg: drop (blurred)",
    ),
    "leak: the same picture trains as 1.jpg": (
        "set aside",
        "1 are leaks, as 0.jpg: the same picture trains as 1.jpg",
    ),
    "": ("test", "1 are in test, as 0.jpg"),
}


@pytest.mark.parametrize("reason", CAUSES)
def test_every_cause_is_told(reason: str) -> None:
    role, told = CAUSES[reason]
    rows = [Photo("0.jpg", ("cat",)), Photo("1.jpg", ("dog",))]
    photos = Photos(rows, FolderStore(Path()), name="x")
    assert why_too_few(photos, "cat", [role, "train"], [reason, ""]) == f"of its 1 photos {told}"


def test_copies_are_told() -> None:
    photos = Photos([Photo(f"{i}.jpg", ("cat",)) for i in range(3)], FolderStore(Path()), name="x")
    assert (
        why_too_few(photos, "cat", ["train"] * 3, [""] * 3) == "of its 3 photos 3 show one picture"
    )


def test_a_list_whose_photos_of_one_class_are_missing(tmp_path: Path) -> None:
    for number in range(4):
        striped("dog", number).save(tmp_path / f"dog-{number}.jpg")
    rows = [f"{label}-{number}.jpg,{label}" for label in ("cat", "dog") for number in range(4)]
    (tmp_path / "labels.csv").write_text("\n".join(["path,label", *rows]))
    photos = Photos.read(tmp_path)
    tried = f"{tmp_path / 'cat-0.jpg'} was tried"
    assert any("4 of 8 photos are not there; for 'cat-0.jpg' " + tried in n for n in photos.notes)
    reason = (
        "class 'cat' has 0 .* of its 4 photos 4 cannot be read, as cat-0.jpg: cannot be read: No"
    )
    with pytest.raises(PhotosError, match=reason):
        prepare_table(photos, n_folds=2, seed=0)


@pytest.mark.parametrize(("valid", "test"), [("dev", "test"), ("val", "holdout")])
def test_splits_without_one_that_trains(tmp_path: Path, valid: str, test: str) -> None:
    for number, split in enumerate((valid, test)):
        for label in ("cat", "dog"):
            (tmp_path / split / label).mkdir(parents=True)
            for photo in range(2):
                place = tmp_path / split / label / f"{photo}.png"
                striped(label, 10 * number + photo).save(place)
    with pytest.raises(PhotosError, match="there is no training split, only") as caught:
        prepare_table(Photos.read(tmp_path), n_folds=2, seed=0)
    assert "valid (4 photos)" in str(caught.value)
    assert "test (4 photos)" in str(caught.value)
    assert f"{valid} as valid" in str(caught.value)


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("img/1.png", "img/2.png"), "2 read, without labels"),
        (("cat.1.png", "cat.2.png", "dog.1.png"), "the only one of 'dog'"),
        (("IMG_1.png", "IMG_2.png", "DSC_1.png"), "names of cameras"),
    ],
)
def test_no_classes_and_why(tmp_path: Path, names: tuple[str, ...], reason: str) -> None:
    for number, name in enumerate(names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        striped("cat", number).save(tmp_path / name)
    with pytest.raises(PhotosError, match="no two classes found, at least 2 are needed") as caught:
        prepare_table(Photos.read(tmp_path), n_folds=2, seed=0)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)
