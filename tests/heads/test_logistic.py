"""The default head against scikit-learn, and that its out-of-fold numbers are honest."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from pawlens.errors import RecipeError
from pawlens.heads import balanced_weights, fit_logistic, unit_rows
from pawlens.metrics import apply_temperature

from .clusters import clusters


@pytest.mark.parametrize("classes", [2, 4])
def test_equals_scikit_learn(classes: int) -> None:
    features, labels, fold = clusters(600, classes)
    l2 = 0.01
    fit = fit_logistic(features, labels, fold, n_classes=classes, grid=[l2])
    for one in range(5):
        inside = fold != one
        scaler = StandardScaler().fit(features[inside])
        peer = LogisticRegression(C=1 / (l2 * inside.sum()), tol=1e-8, max_iter=5000)
        peer.fit(scaler.transform(features[inside]), labels[inside])
        expected = peer.predict_proba(scaler.transform(features[~inside]))
        found = apply_temperature(fit.logits[~inside], 1.0)
        np.testing.assert_allclose(found, expected, atol=3e-3)


def test_head_gives_the_logits_it_was_fitted_to() -> None:
    features, labels, fold = clusters(400, 3)
    fit = fit_logistic(features, labels, fold, n_classes=3)
    proba = apply_temperature(fit.head.logits(features), 1.0)
    assert fit.head.weights.shape == (12, 3)
    assert log_loss(labels, proba) < log_loss(labels, apply_temperature(fit.logits, 1.0))


def test_out_of_fold_logits_do_not_know_the_labels() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(500, 200)).astype(np.float32)
    labels = rng.integers(0, 2, 500)
    fold = (np.arange(500) % 5).astype(np.int64)
    fit = fit_logistic(features, labels, fold, n_classes=2)
    loss = log_loss(labels, apply_temperature(fit.logits, 1.0))
    assert 0.68 < loss < 0.85  # chance is 0.693; a head that saw its photos would be far below


def test_strength_is_chosen_by_the_smallest_loss() -> None:
    features, labels, fold = clusters(300, 2)
    fit = fit_logistic(features, labels, fold, n_classes=2)
    best = min(fit.rows, key=lambda row: row["log_loss"])
    assert fit.l2 == best["l2"]
    assert len(fit.rows) >= 2


def test_weights_equal_repetition() -> None:
    features, labels, fold = clusters(200, 2)
    counts = np.where(np.arange(200) % 3 == 0, 4, 1)
    weighted = fit_logistic(
        features, labels, fold, n_classes=2, grid=[0.01], sample_weights=counts.astype(float)
    )
    again = np.repeat(np.arange(200), counts)
    repeated = fit_logistic(features[again], labels[again], fold[again], n_classes=2, grid=[0.01])
    expected = apply_temperature(repeated.head.logits(features), 1.0)
    found = apply_temperature(weighted.head.logits(features), 1.0)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_same_bits_twice() -> None:
    features, labels, fold = clusters(1500, 3)
    first = fit_logistic(features, labels, fold, n_classes=3)
    second = fit_logistic(features, labels, fold, n_classes=3)
    assert np.array_equal(first.logits, second.logits)
    assert np.array_equal(first.head.weights, second.head.weights)


def test_constant_feature_is_harmless() -> None:
    features, labels, fold = clusters(200, 2)
    features[:, 0] = 7
    fit = fit_logistic(features, labels, fold, n_classes=2)
    assert np.isfinite(fit.logits).all()


def test_balanced_weights() -> None:
    labels = np.array([0] * 90 + [1] * 10)
    weights = balanced_weights(labels, 2)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
    assert weights.mean() == pytest.approx(1)


def test_unit_rows() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
    assert np.abs(rows - np.array([[0.6, 0.8], [0.0, 0.0]])).max() < 1e-6


@pytest.mark.parametrize("grid", [[], [0.1, -1]])
def test_wrong_grid(grid: list[float]) -> None:
    features, labels, fold = clusters(50, 2)
    with pytest.raises(RecipeError, match="positive"):
        fit_logistic(features, labels, fold, n_classes=2, grid=grid)
