"""A head for each backbone, weighted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pawlens.heads import _stacked, fit_combiner, fit_logistic, fit_stacked

WIDTHS = [6, 4]


def drawn(classes: int, n: int = 600) -> tuple[Any, Any, Any]:
    """Features of a backbone that says much and of one that says a little; labels; folds."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, classes, n)
    centres = rng.normal(size=(classes, 10)) * np.repeat([1.0, 0.4], WIDTHS)
    features = (centres[labels] + rng.normal(size=(n, 10))).astype(np.float32)
    return features, labels, np.arange(n) % 4


def loss(logits: Any, labels: Any) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(total - shifted[np.arange(len(labels)), labels]))


@pytest.mark.parametrize("classes", [2, 4])
def test_the_joined_head_is_the_weighted_heads(classes: int) -> None:
    features, labels, fold = drawn(classes)
    fit = fit_stacked(features, WIDTHS, labels, fold, n_classes=classes)
    parts = [features[:, :6].copy(), features[:, 6:].copy()]
    alone = [fit_logistic(x, labels, fold, n_classes=classes) for x in parts]
    assert [one.l2 for one in alone] == fit.l2
    assert fit.weights[0] > fit.weights[1] > 0
    wanted = sum(
        weight * one.head.logits(x)
        for weight, one, x in zip(fit.weights, alone, parts, strict=True)
    )
    gap = fit.head.logits(features) - wanted
    assert np.ptp(gap, axis=0).max() < 1e-4  # no more than a bias for each class
    assert fit.logits.shape == (600, classes)
    best = min(loss(one.logits, labels) for one in alone)
    assert loss(fit.logits, labels) < best
    assert {row["backbone"] for row in fit.rows} == {0.0, 1.0}


def test_a_fold_is_weighted_by_what_the_others_say(monkeypatch: pytest.MonkeyPatch) -> None:
    features, labels, fold = drawn(2)
    seen: list[tuple[int, Any]] = []

    def spy(proba: Any, y: Any, *rest: Any) -> Any:
        found = fit_combiner(proba, y, *rest)
        seen.append((len(y), found))
        return found

    monkeypatch.setattr(_stacked, "fit_combiner", spy)
    fit = fit_stacked(features, WIDTHS, labels, fold, n_classes=2)
    assert [count for count, _ in seen] == [450, 450, 450, 450, 600]
    parts = [features[:, :6].copy(), features[:, 6:].copy()]
    each = [fit_logistic(x, labels, fold, n_classes=2).logits for x in parts]
    for number, (_, combiner) in enumerate(seen[:-1]):
        held = fold == number
        wanted = np.tensordot(combiner.weights, np.stack(each)[:, held], 1) + combiner.bias
        np.testing.assert_allclose(fit.logits[held], wanted)


def test_photos_count_by_their_weights() -> None:
    features, labels, fold = drawn(3, n=240)
    rows = np.repeat(np.arange(240), np.where(np.arange(240) % 3 == 0, 2, 1))
    weights = np.where(np.arange(240) % 3 == 0, 2.0, 1.0)
    twice = fit_stacked(features[rows], WIDTHS, labels[rows], fold[rows], n_classes=3)
    heavy = fit_stacked(features, WIDTHS, labels, fold, n_classes=3, sample_weights=weights)
    np.testing.assert_allclose(heavy.weights, twice.weights, atol=0.02)
    np.testing.assert_allclose(heavy.head.weights, twice.head.weights, atol=0.02)


def test_what_it_is_in_words() -> None:
    features, labels, fold = drawn(2)
    fit = fit_stacked(features, WIDTHS, labels, fold, n_classes=2, grid=[0.1, 0.01])
    words = fit.in_words()
    assert words.startswith("logistic regression on each backbone, L2 0.0")
    assert words.endswith(f"weighted {fit.weights[0]:.2f}, {fit.weights[1]:.2f}")
