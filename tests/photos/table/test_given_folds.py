from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photo, Photos, as_targets, prepare_table
from pawlens.photos.stores._stores import FolderStore
from pawlens.photos.table._given_folds import given_folds, refuse_folders_of_folds

from ...striped import striped

CLASSES = ["cat", "dog"]


def table(*folds: str | None, further: dict[str, dict[str, str]] | None = None) -> Photos:
    """Photos of cats and dogs by turns, in these folds."""
    rows = [Photo(str(i), (CLASSES[i % 2],), fold=fold) for i, fold in enumerate(folds)]
    return Photos(rows, FolderStore(Path()), name="n", further=further or {})


def folds_of(photos: Photos) -> list[int]:
    rows = range(len(photos))
    folds = given_folds(photos, rows, as_targets(photos, CLASSES), CLASSES)
    return [int(fold) for fold in folds]


def test_folds_are_numbered_in_their_natural_order() -> None:
    assert folds_of(table(*["fold10"] * 2, *["fold9"] * 2, *["fold1"] * 2)) == [2, 2, 1, 1, 0, 0]


def test_a_column_of_the_list_gives_folds() -> None:
    column = {"Fold": {"0": "1", "1": "1", "2": "0", "3": "0"}}
    assert folds_of(table(None, None, None, None, further=column)) == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("folds", "reason"),
    [
        ((None, None), "no photo is in a fold; make folders fold1, fold2 or a column fold"),
        (("a", "a"), "all photos are in 'a'"),
        (("a", "a", "b", None), "'3' is in no fold"),
        (("a", "a", "b", "a"), "class 'dog' is in fold 'a' alone"),
    ],
)
def test_folds_that_cannot_be_used(folds: tuple[str | None, ...], reason: str) -> None:
    with pytest.raises(PhotosError, match=reason):
        folds_of(table(*folds))


def test_folders_of_folds_are_not_dealt_anew_without_a_word() -> None:
    refuse_folders_of_folds(table("fold1", "fold1"), range(2))  # one fold is a folder like another
    refuse_folders_of_folds(table(None, None), range(2))
    with pytest.raises(PhotosError, match=r"folders fold1, fold2 are folds .* --folds given"):
        refuse_folders_of_folds(table("fold1", "fold2"), range(2))


def test_training_takes_the_folds_of_the_folders(tmp_path: Path) -> None:
    for i in range(12):
        label = CLASSES[i % 2]
        folder = tmp_path / f"fold{i % 3 + 1}" / label
        folder.mkdir(parents=True, exist_ok=True)
        striped(label, i // 2).save(folder / f"{i}.jpg")
    twin = (tmp_path / "fold1/cat/0.jpg").read_bytes()
    (tmp_path / "fold2/cat/twin.jpg").write_bytes(twin)
    photos = Photos.read(tmp_path)
    with pytest.raises(PhotosError, match="--folds given"):
        prepare_table(photos, n_folds=3, seed=0)
    prepared = prepare_table(photos, n_folds="given", seed=0)
    expected = [int(path[4]) - 1 for path in photos.paths]
    assert np.array_equal(prepared.fold, expected)
    leaks = [finding for finding in prepared.findings if finding.kind == "leak"]
    assert [(leak.path, "in another split or fold" in leak.detail) for leak in leaks] == [
        ("fold2/cat/twin.jpg", True)
    ]
