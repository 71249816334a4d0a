"""Test-time augmentation: what is looked at, in which order, and how it is joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pawlens import Photos, load
from pawlens.errors import UsageError
from pawlens.models._views import answer_views, check_views, join_looks

from ..small_models import graph_parts, saved


class Corner:
    """An engine that answers with the upper left pixel."""

    batch_size, precision, device = 4, "f32", "cpu"

    def run(
        self, batches: Iterable[tuple[Any, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Any, npt.NDArray[np.float32]]]:
        for tag, inputs in batches:
            assert len({one.shape for one in inputs}) == 1
            assert all(one.flags.c_contiguous for one in inputs)
            yield tag, inputs[0][:, 0, 0].astype(np.float32)


def corners(side: int = 5, first: int = 1) -> npt.NDArray[np.uint8]:
    """One photo: four numbers in its corners, clockwise from the upper left."""
    pixels = np.zeros((1, side, side, 3), np.uint8)
    end = side - 1
    for number, (row, column) in enumerate(((0, 0), (0, end), (end, end), (end, 0)), start=first):
        pixels[0, row, column] = number
    return pixels


def test_nothing_but_the_photo() -> None:
    ((rows, answers),) = answer_views(Corner(), [([3], [corners()])], 1, ())
    assert (rows, answers.shape) == ([3], (1, 1, 1, 3))


def test_four_turns_in_order() -> None:
    batches = [([7], [corners()]), ([9], [corners()])]
    found = list(answer_views(Corner(), batches, 1, ["rotations"]))
    assert [rows for rows, _ in found] == [[7], [9]]
    for _, answers in found:  # turning against the clock brings the next corner up
        assert answers[:, 0, 0, 0].tolist() == [1, 2, 3, 4]


def test_mirrored_in_every_turn() -> None:
    ((_, answers),) = answer_views(Corner(), [([0], [corners()])], 1, ["flip", "rotations"])
    assert answers[:, :, 0, 0].tolist() == [[1, 2], [2, 3], [3, 4], [4, 1]]


def test_crops_are_windows_of_a_larger_square() -> None:
    """Upper left pixels of the windows: the middle, then the corners of the larger square."""
    larger = np.arange(49, dtype=np.uint8).reshape(1, 7, 7, 1).repeat(3, axis=3)
    ((_, answers),) = answer_views(Corner(), [([0], [corners(), larger])], 1, ["crops"])
    assert answers[0, :, 0, 0].tolist() == [1, 8, 0, 2, 14, 16]


def test_views_have_one_order_and_known_names() -> None:
    assert check_views(["crops", "flip", "flip"]) == ("flip", "crops")
    assert check_views([], rotations=True) == check_views(["rotations"]) == ("rotations",)
    with pytest.raises(UsageError, match="unknown view 'zoom'; there are flip, rotations"):
        check_views(["flip", "zoom"])


def test_looks_are_joined_by_their_geometric_mean() -> None:
    looks = np.array([[0.9, 0.1], [0.5, 0.5]])[:, None]
    odds = (0.9 / 0.1) ** 0.5
    np.testing.assert_allclose(join_looks(looks), [[odds / (1 + odds), 1 / (1 + odds)]])
    np.testing.assert_array_equal(join_looks(looks[:1]), looks[0])
    sure = np.array([[1.0, 0.0], [0.1, 0.9]])[:, None]
    assert np.isfinite(join_looks(sure)).all()
    np.testing.assert_allclose(join_looks(sure).sum(axis=1), 1)


@pytest.mark.parametrize("twice", [False, True])
def test_every_view_of_a_trained_model(
    paw: Any, tmp_path: Path, photo_folder: Callable[..., Path], twice: bool
) -> None:
    model = load(saved(graph_parts(paw, twice=twice)[0], tmp_path))
    folder = photo_folder(cat=3, dog=3)
    (folder / "cat" / "1.jpg").write_bytes(b"")
    photos = Photos.read(folder, labels=False)
    plain = model.answer(photos, precision="f32")
    told: list[tuple[str, int, int]] = []
    for views in (["flip"], ["crops"], ["subject"], ["flip", "rotations", "crops", "subject"]):
        found = model.answer(
            photos, precision="f32", views=views, progress=lambda *one: told.append(one)
        )
        read = [row for row in range(6) if row != 1]
        np.testing.assert_allclose(found.proba[read].sum(axis=1), 1, atol=1e-6)
        assert found.status[1].startswith("unreadable")
        assert np.isnan(found.proba[1]).all()
        if views != ["subject"]:
            assert np.abs(found.proba - plain.proba)[read].max() > 1e-4
    assert ("predicting", 5, 6) in told


def test_a_mirrored_photo_gets_the_same_answer(paw: Any, tmp_path: Path) -> None:
    model = load(saved(graph_parts(paw)[0], tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, (160, 160, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "0.png")
    Image.fromarray(pixels[:, ::-1].copy()).save(tmp_path / "1.png")
    photos = Photos.read([tmp_path / "0.png", tmp_path / "1.png"], labels=False)
    first, second = model.answer(photos, precision="f32", views=["flip"]).proba
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_the_bundled_classifier_takes_views(photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=3, dog=2), labels=False)
    plain = load().answer(photos, precision="f32")
    for views in (["flip"], ["crops", "subject"]):
        found = load().answer(photos, precision="f32", views=views)
        np.testing.assert_allclose(found.proba.sum(axis=1), 1, atol=1e-6)
        assert np.abs(found.proba - plain.proba).max() > 1e-4
        assert all(np.isfinite(one).all() for one in found.scores.values())
