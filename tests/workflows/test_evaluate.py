"""A model measured on labelled photos: the figures, and the photos that had no part in them."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos
from pawlens.backbones import Backbone
from pawlens.errors import PhotosError
from pawlens.metrics import evaluate
from pawlens.models import Model
from pawlens.workflows._evaluate import evaluate_model

from ..small_models import linear_head, small_model


@pytest.fixture
def model(paw: Backbone) -> Model:
    """A model of owl, cat and dog, in this order; it has learnt nothing."""
    return small_model(paw, linear_head(paw.spec.feature_dim), classes=("owl", "cat", "dog"))


def test_the_figures_are_those_of_the_answers(
    model: Model, photo_folder: Callable[..., Path]
) -> None:
    photos = Photos.read(photo_folder(cat=5, dog=4))
    found = evaluate_model(model, photos, trained_on=None)
    truth = np.array([model.classes_.index(photo.labels[0]) for photo in photos])
    assert (found.photos, found.skipped, found.by_label) == (9, [], {})
    assert found.metrics == evaluate(truth, model.answer(photos).proba, model.classes_)


def test_photos_without_a_part_in_the_figures_are_named(
    model: Model, photo_folder: Callable[..., Path]
) -> None:
    folder = photo_folder(cat=4, dog=3)
    (folder / "cat" / "0.jpg").write_bytes(b"")
    torn = folder / "dog" / "2.jpg"
    torn.write_bytes(torn.read_bytes()[:300])
    labels = {
        "cat/0.jpg": "cat",
        "cat/1.jpg": "cat",
        "cat/2.jpg": "",
        "cat/3.jpg": "cat;dog",
        "dog/0.jpg": "dog",
        "dog/1.jpg": "dog",
        "dog/2.jpg": "dog",
    }
    with open(folder / "labels.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *labels.items()])
    photos = Photos.read(folder / "labels.csv")
    found = evaluate_model(model, photos, trained_on=None)
    skipped = dict(found.skipped)
    assert set(skipped) == {"cat/0.jpg", "cat/2.jpg", "cat/3.jpg", "dog/2.jpg"}
    assert skipped["cat/0.jpg"].startswith("unreadable: the file is empty")
    assert skipped["dog/2.jpg"].startswith("unreadable: JPEG cannot be decoded")
    assert skipped["cat/2.jpg"] == "no label"
    assert skipped["cat/3.jpg"] == "several labels"
    assert found.photos == 3
    rest = photos.subset([photos.paths.index(path) for path in labels if path not in skipped])
    assert found.metrics == evaluate_model(model, rest, trained_on=None).metrics


def test_nothing_to_measure_on_is_told(model: Model, photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=1, dog=1)
    for path in folder.rglob("*.jpg"):
        path.write_bytes(b"")
    with pytest.raises(PhotosError, match="no labelled photo that can be read"):
        evaluate_model(model, Photos.read(folder), trained_on=None)


def test_a_class_that_the_model_does_not_know(
    model: Model, photo_folder: Callable[..., Path]
) -> None:
    photos = Photos.read(photo_folder(cat=1, fox=1))
    with pytest.raises(PhotosError, match=r"class 'fox' is unknown .* owl, cat, dog; rename"):
        evaluate_model(model, photos, trained_on=None)
