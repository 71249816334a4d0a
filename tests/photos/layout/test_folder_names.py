from __future__ import annotations

import unicodedata

import pytest

from pawlens.photos.layout._folder_names import (
    UNLABELLED,
    as_folds,
    as_splits,
    is_generic,
    is_of_the_system,
    loose_name,
    masks_among,
    plain_name,
    split_of,
)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("TRAIN_SET", "train"),
        ("trainset", "train"),
        ("trainData", "train"),
        ("train2017", "train"),
        ("val", "valid"),
        ("validation-images", "valid"),
        ("dev", "valid"),
        ("evaluation", "valid"),
        ("test1", "test"),
        ("hold-out", "test"),
        ("holdout", "test"),
        ("train_test", None),
        ("steam train", None),
        ("restrain", None),
        ("seg_train", None),
        ("cat", None),
    ],
)
def test_a_name_that_means_a_split_by_itself(name: str, split: str | None) -> None:
    assert split_of(name) == split


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        ({"seg_train", "seg_test"}, ["test", "train"]),
        ({"seg_train", "seg_test", "seg_pred"}, [UNLABELLED, "test", "train"]),
        ({"training_set", "test_set", "single_prediction"}, [UNLABELLED, "test", "train"]),
        ({"train", "unlabeled"}, ["train", UNLABELLED]),
        ({"pos_train", "neg_train"}, None),
        ({"steam train", "test tube"}, None),
        ({"train", "bus"}, None),
        ({"seg_train"}, None),
        ({"unlabelled", "predictions"}, None),
    ],
)
def test_splits_agree_in_all_other_words(names: set[str], splits: list[str] | None) -> None:
    found = as_splits(names)
    assert (found and [found[name] for name in sorted(found)]) == splits


@pytest.mark.parametrize(
    ("names", "folds"),
    [
        ({"fold1", "fold2"}, True),
        ({"Fold 1", "Fold 2"}, True),
        ({"my_fold_1", "my_fold_2"}, True),
        ({"cv0", "cv1"}, True),
        ({"split_1", "split_2"}, True),
        ({"fold1", "cv2"}, False),
        ({"fold1", "cat"}, False),
        ({"grade1", "grade2"}, False),
        ({"fold", "folds"}, False),
    ],
)
def test_folds(names: set[str], folds: bool) -> None:
    assert as_folds(names) is folds


def test_names_that_say_nothing() -> None:
    assert all(map(is_generic, ("images", "data", "Photos 2", "jpg", "all", "unknown")))
    assert not any(map(is_generic, ("cat", "train", "images of cats", "+", "🐱")))


def test_folders_of_systems() -> None:
    names = ("@eaDir", "#recycle", "__MACOSX", "$RECYCLE.BIN", "System Volume Information")
    assert all(map(is_of_the_system, names))
    assert not any(map(is_of_the_system, ("cat", "recycling", "@home", "Recycled", "thumbs")))


def test_pictures_and_masks() -> None:
    assert masks_among({"Images", "Masks"}) == ("Images", "Masks")
    assert masks_among({"with_mask", "without_mask"}) is None
    assert masks_among({"images", "cat"}) is None


def test_one_name_in_several_spellings() -> None:
    other = unicodedata.normalize("NFD", "Kätzchen")
    assert plain_name(other) == "Kätzchen" != other
    assert loose_name(" Maine  Coon") == loose_name("MAINE coon") == loose_name("Ｍａｉｎｅ Coon")
    assert loose_name("Maine_Coon") != loose_name("Maine Coon")
