"""Photos that lie on a side: how turns are made, and how their answers are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pawlens import Photos, load
from pawlens.export import join_turns
from pawlens.export._rotations import answer_turned

from .test_graph import parts, saved
from .test_graph import paw as paw


class Corner:
    """An engine that answers with the upper left pixel."""

    batch_size, precision, device = 4, "f32", "cpu"

    def run(
        self, batches: Iterable[tuple[Any, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Any, npt.NDArray[np.float32]]]:
        for tag, inputs in batches:
            assert inputs[0].flags.c_contiguous
            yield tag, inputs[0][:, 0, 0].astype(np.float32)


def corners() -> npt.NDArray[np.uint8]:
    """One photo: red numbers 1 to 4 in its corners, clockwise from the upper left."""
    pixels = np.zeros((1, 5, 5, 3), np.uint8)
    for number, (row, column) in enumerate(((0, 0), (0, 4), (4, 4), (4, 0)), start=1):
        pixels[0, row, column] = number
    return pixels


def test_four_turns_in_order() -> None:
    batches = [([7], [corners()]), ([9], [corners()])]
    found = list(answer_turned(Corner(), batches, rotations=True))
    assert [rows for rows, _ in found] == [[7], [9]]
    for _, answers in found:  # turning against the clock brings the next corner up
        assert answers.shape == (4, 1, 3)
        assert answers[:, 0, 0].tolist() == [1, 2, 3, 4]


def test_without_rotations_nothing_is_turned() -> None:
    ((rows, answers),) = answer_turned(Corner(), [([3], [corners()])], rotations=False)
    assert (rows, answers.shape) == ([3], (1, 1, 3))
    proba = np.array([[[0.25, 0.75]]])
    np.testing.assert_array_equal(join_turns(proba), proba[0])


def test_the_sure_turn_wins_and_upright_goes_first() -> None:
    turns = np.array([[0.55, 0.45], [0.5, 0.5], [0.001, 0.999], [0.5, 0.5]])[:, None]
    assert join_turns(turns)[0, 1] > 0.9
    alike = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]])[:, None]
    assert join_turns(alike)[0, 0] > 0.7


@pytest.mark.parametrize("classes", [2, 5])
def test_joined_probabilities_are_probabilities(classes: int) -> None:
    proba = np.random.default_rng(0).dirichlet(np.full(classes, 0.1), (4, 50))
    joined = join_turns(proba)
    np.testing.assert_allclose(joined.sum(axis=1), 1)
    assert (joined >= proba.min(axis=0) - 1e-12).all()
    assert (joined <= proba.max(axis=0) + 1e-12).all()
    assert np.isfinite(join_turns(np.round(proba))).all()


def test_a_trained_model_takes_rotations(
    paw: Any, tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    model = load(saved(parts(paw)[0], tmp_path))
    photos = Photos.read(photo_folder(cat=3, dog=2), labels=False)
    plain = model.answer(photos, precision="f32")
    turned = model.answer(photos, precision="f32", rotations=True)
    assert turned.paths == plain.paths
    np.testing.assert_allclose(turned.proba.sum(axis=1), 1, atol=1e-6)
    assert np.abs(turned.proba - plain.proba).max() > 1e-3
