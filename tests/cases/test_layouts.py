"""The usual ways to lay out a photo data set are read as they are meant, or refused in one line."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens import Photos
from pawlens.errors import PhotosError
from pawlens.photos import what_was_read
from pawlens.photos.layout._folder_names import is_of_the_system

from .layouts import PLANS, TINY, Meaning, Plan, write


def read(source: Path) -> Meaning:
    return {photo.path: (photo.label, photo.split, photo.fold) for photo in Photos.read(source)}


def test_there_are_two_hundred_ways() -> None:
    assert len(PLANS) >= 200
    assert len({str(plan) for plan in PLANS}) == len(PLANS)


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_layout_is_read_as_it_is_meant(plan: Plan, tmp_path: Path) -> None:
    source, meaning = write(plan, tmp_path)
    assert read(source) == meaning
    first, *further = what_was_read(Photos.read(source))
    for name in {label for label, _, _ in meaning.values() if label}:
        assert f"{name} " in first
    if plan.beside:
        told = " ".join(further)
        assert "left out: " in told or "hidden" in told


EACH_OF = {
    "sites": [
        f"{site}/{c}/{i}.jpg" for site in ("north", "south") for c in ("cat", "dog") for i in (1, 2)
    ],
    "views": [
        f"{c}/{view}/{i}.jpg" for c in ("cat", "dog") for view in ("front", "side") for i in (1, 2)
    ],
    "colours of one set": [
        f"{k}/{c}/1.jpg" for k in ("color", "grayscale", "segmented") for c in "abc"
    ],
    "a site lacks a class": ["a/cat/1.jpg", "a/dog/1.jpg", "b/cat/1.jpg"],
    "days": [f"day{d}/{c}/1.jpg" for d in (1, 2) for c in ("cat", "dog")],
    "case": ["Cat/1.jpg", "cat/2.jpg", "dog/1.jpg"],
    "space": ["cat/1.jpg", "cat /2.jpg", "dog/1.jpg"],
    "full width": ["cat/1.jpg", "ｃａｔ/2.jpg", "dog/1.jpg"],
    "case of names": ["Cat_1.jpg", "Cat_2.jpg", "cat_3.jpg", "cat_4.jpg", "dog_1.jpg", "dog_2.jpg"],
    "masks": ["images/1.jpg", "images/2.jpg", "masks/1.png", "masks/2.png"],
    "masks in splits": [f"{s}/{k}/1.jpg" for s in ("train", "test") for k in ("image", "mask")],
    "a folder beside splits": [
        "train/cat/1.jpg",
        "train/dog/1.jpg",
        "test/cat/1.jpg",
        "extra/1.jpg",
    ],
    "a set within the set": ["train/cat/1.jpg", "test/cat/1.jpg", "pets/train/cat/1.jpg"],
    "a photo beside classes": ["cat/1.jpg", "dog/1.jpg", "stray.jpg"],
    "a photo beside splits": ["train/cat/1.jpg", "train/dog/1.jpg", "stray.jpg"],
    "a photo beside folds": ["fold1/cat/1.jpg", "fold2/dog/1.jpg", "stray.jpg"],
    "a split lacks a class": ["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/1.jpg"],
    "a split with one class and folders below": ["train/a/1.jpg", "train/b/1.jpg", "val/a/x/1.jpg"],
    "a split has one more": [
        "train/a/1.jpg",
        "train/b/1.jpg",
        "val/a/1.jpg",
        "val/b/1.jpg",
        "val/c/1.jpg",
    ],
    "splits with other words": [
        "train/cat/1.jpg",
        "train/dog/1.jpg",
        "test/cats/1.jpg",
        "test/dogs/1.jpg",
    ],
    "only test is labelled": ["train/1.jpg", "train/2.jpg", "test/cat/3.jpg", "test/dog/4.jpg"],
    "pairs of splits": [
        f"{s}_{k}/{c}/1.jpg" for s in ("train", "val") for k in (1, 2) for c in "ab"
    ],
    "folds with splits": [
        f"fold{k}/{s}/{c}/1.jpg" for k in (1, 2) for s in ("train", "val") for c in "ab"
    ],
}


@pytest.mark.parametrize("names", EACH_OF.values(), ids=EACH_OF)
def test_what_can_be_read_in_two_ways_is_refused_in_one_line(
    names: list[str], tmp_path: Path
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(TINY)
    with pytest.raises(PhotosError) as caught:
        Photos.read(tmp_path)
    assert len(str(caught.value).splitlines()) == 1
    assert Photos.read(tmp_path, labels=False).paths


WITHOUT_LABELS = {
    "one folder": ["only/1.jpg", "only/2.jpg"],
    "cameras": ["IMG_1.jpg", "IMG_2.jpg", "DSC_3.jpg", "DSC_4.jpg"],
    "phones": ["PXL_1.jpg", "PXL_2.jpg", "MVIMG_3.jpg", "MVIMG_4.jpg", "GOPR_5.jpg", "GOPR_6.jpg"],
    "programs": [
        "Screenshot_1.png",
        "Screenshot_2.png",
        "WhatsApp Image_3.jpg",
        "WhatsApp Image_4.jpg",
    ],
    "camera and class": [
        "cat_1.jpg",
        "cat_2.jpg",
        "dog_1.jpg",
        "dog_2.jpg",
        "IMG_1.jpg",
        "IMG_2.jpg",
    ],
    "splits as names": ["train_1.jpg", "train_2.jpg", "test_1.jpg", "test_2.jpg"],
    "a name that is none": ["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg", "holiday.jpg"],
    "a card": ["100CANON/1.jpg", "101CANON/2.jpg"],
    "an iPhone": ["DCIM/100APPLE/1.jpg", "DCIM/101APPLE/2.jpg"],
    "dates": ["2024-05-01/1.jpg", "2024-05-02/2.jpg"],
    "years": ["2019/1.jpg", "2020/2.jpg"],
    "parts": ["images_001/1.jpg", "images_002/2.jpg", "images_003/3.jpg"],
    "batches": ["batch1/1.jpg", "batch2/2.jpg"],
    "words for nothing": ["photos/1.jpg", "pictures/2.jpg"],
    "splits without classes": ["train/1.jpg", "train/2.jpg", "test/3.jpg"],
}


@pytest.mark.parametrize("names", WITHOUT_LABELS.values(), ids=WITHOUT_LABELS)
def test_what_is_no_label_is_none(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(TINY)
    photos = Photos.read(tmp_path)
    assert photos.classes == []
    assert sorted(photos.paths) == sorted(names)


_words = st.text(
    st.characters(categories=["Lu", "Ll", "Lo", "Nd"], include_characters="-_ .&+()'é"),
    min_size=1,
    max_size=12,
).filter(lambda word: word.strip(" .") == word and not is_of_the_system(word))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw any combination of what the plans above are made of."""
    one = draw(st.sampled_from(PLANS))
    other = draw(st.sampled_from([p for p in PLANS if bool(p.splits) == bool(one.splits)]))
    classes = draw(st.lists(_words, min_size=2, max_size=4, unique_by=str.casefold))
    return Plan(
        tuple(classes),
        splits=other.splits,
        folds=one.folds if not other.splits else (),
        path=one.path if one.folds or not other.folds else "{class}",
        file=one.file
        if "{class}" in one.path or "{class}" in one.file or one.listed
        else other.file,
        listed=one.listed,
        beside=other.beside,
        archive=other.archive,
    )


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(plans())
def test_whatever_is_laid_out_is_read_back_the_same_or_refused(plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source, meaning = write(plan, Path(folder))
        try:
            found = read(source)
        except PhotosError as error:
            refusal = str(error)
            found = {}
        else:
            refusal = "none"
    assert len(refusal.splitlines()) == 1
    if any(label for label, _, _ in found.values()):
        assert found == meaning
