from __future__ import annotations

import numpy as np
import pytest

from pawlens.audit._neither import distances, find_neither


def test_the_distance_is_mahalanobis_with_a_shrunk_covariance() -> None:
    rng = np.random.default_rng(0)
    values = (rng.standard_normal((300, 12)) * np.linspace(3, 0.1, 12)).astype(np.float32)
    groups = np.arange(300) % 2
    values[groups == 1] += 5
    centred = values - np.stack([values[groups == g].mean(0) for g in (0, 1)])[groups]
    covariance = centred.T @ centred / 300
    sphere = 0.2 * np.linalg.eigvalsh(covariance)[-1]
    inverse = np.linalg.inv(covariance + sphere * np.eye(12))
    expected = np.einsum("ni,ij,nj->n", centred, inverse, centred)
    assert distances(values, groups) == pytest.approx(expected, rel=1e-3)


def test_a_clump_of_others_is_found() -> None:
    rng = np.random.default_rng(1)
    ours = rng.standard_normal((500, 40)) * np.r_[np.full(8, 3.0), np.full(32, 0.3)]
    others = rng.standard_normal((12, 40)) * 0.3 + np.r_[np.zeros(30), np.full(10, 6.0)]
    values = np.vstack([ours, others]).astype(np.float32)
    found = find_neither(distances(values, np.zeros(512, np.int64)))
    assert found.found[500:].all()
    assert found.found[:500].mean() < 0.05
    assert ((found.score >= 0.5) == found.found).all()
    assert "of 100 photos" in found.why[500]


def test_too_few_photos_say_nothing() -> None:
    found = find_neither(np.arange(10, dtype=np.float64))
    assert not found.found.any()
    assert np.isnan(found.score).all()


def test_unknown_distances_stay_unknown() -> None:
    distance = np.r_[np.nan, np.random.default_rng(0).random(50), 100.0]
    found = find_neither(distance)
    assert np.isnan(found.score[0])
    assert not found.found[0]
    assert found.found[-1]
