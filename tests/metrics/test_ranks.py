"""Ranks: areas and influences beside what their definitions give, photo by photo."""

from typing import Any

import numpy as np
import pytest

from pawlens.metrics._ranks import rank_photos


def mean_area(y: Any, proba: Any, weights: Any) -> float:
    """Mean of the areas by their definition: pairs of photos, ties counted half, each by weight."""
    areas = []
    for c in [1] if proba.shape[1] == 2 else range(proba.shape[1]):
        mine, score = y == c, proba[:, c]
        if not 0 < mine.sum() < len(y):
            continue
        gap = score[mine][:, None] - score[~mine]
        pairs = np.outer(weights[mine], weights[~mine])
        areas.append(((gap > 0) + 0.5 * (gap == 0)).ravel() @ pairs.ravel() / pairs.sum())
    return float(np.mean(areas))


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_influence_is_the_slope_of_the_mean_area_by_each_photos_weight(classes: int) -> None:
    rng = np.random.default_rng(classes)
    y = rng.integers(0, 3, 40) if classes > 2 else rng.integers(0, 2, 40)
    proba = np.round(rng.random((40, classes)), 1)  # rounded, so that many photos tie

    ranks = rank_photos(y, proba)

    step = 1e-5
    slopes = [
        (mean_area(y, proba, 1 + step * photo) - mean_area(y, proba, 1 - step * photo)) / (2 * step)
        for photo in np.eye(40)
    ]
    assert ranks.mean == pytest.approx(mean_area(y, proba, np.ones(40)), abs=1e-12)
    np.testing.assert_allclose(ranks.influence, 40 * np.array(slopes), atol=1e-6)


def test_classes_that_no_photo_has_are_not_ranked() -> None:
    y = np.array([0, 2, 2, 0])
    proba = np.array([[0.7, 0.1, 0.2], [0.2, 0.1, 0.7], [0.5, 0.1, 0.4], [0.4, 0.1, 0.5]])

    assert sorted(rank_photos(y, proba).areas) == [0, 2]
    assert np.isnan(rank_photos(np.zeros(4, int), proba).mean)
