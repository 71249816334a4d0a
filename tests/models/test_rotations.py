"""Photos that lie on a side: how the answers to their turns are joined."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pawlens import Photos, load
from pawlens.models import join_turns

from ..small_models import graph_parts, saved


def test_one_turn_is_itself() -> None:
    proba = np.array([[[0.25, 0.75]]])
    np.testing.assert_array_equal(join_turns(proba), proba[0])


def test_the_sure_turn_wins_and_upright_goes_first() -> None:
    turns = np.array([[0.55, 0.45], [0.5, 0.5], [0.001, 0.999], [0.5, 0.5]])[:, None]
    assert join_turns(turns)[0, 1] > 0.9
    alike = np.array([[0.9, 0.1], [0.1, 0.9], [0.5, 0.5], [0.5, 0.5]])[:, None]
    # Odds of 9, 9, 1 and 1 to 1, and the first of them nine times.
    np.testing.assert_allclose(join_turns(alike)[0, 0], (81 * 0.9 + 9 * 0.1 + 1) / 92)


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
    model = load(saved(graph_parts(paw)[0], tmp_path))
    photos = Photos.read(photo_folder(cat=3, dog=2), labels=False)
    plain = model.answer(photos, precision="f32")
    turned = model.answer(photos, precision="f32", rotations=True)
    assert turned.paths == plain.paths
    np.testing.assert_allclose(turned.proba.sum(axis=1), 1, atol=1e-6)
    assert np.abs(turned.proba - plain.proba).max() > 1e-3
    named = model.answer(photos, precision="f32", views=["rotations"])
    np.testing.assert_array_equal(named.proba, turned.proba)
