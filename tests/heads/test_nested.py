from __future__ import annotations

import numpy as np
import pytest

from pawlens.errors import RecipeError
from pawlens.heads import fit_logistic, nested_logits, refit_logistic


def data(n: int = 240, folds: int = 4, k: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % k
    features = rng.normal(size=(n, 12)).astype(np.float32)
    features[np.arange(n), labels] += 2
    return features, labels, rng.integers(0, folds, n)


@pytest.mark.parametrize(("folds", "k"), [(3, 2), (5, 3), (8, 2)])
def test_every_photo_but_those_of_the_fold_is_answered(folds: int, k: int) -> None:
    features, labels, fold = data(folds=folds, k=k)
    found = nested_logits(features, labels, fold, n_classes=k)
    assert found.shape == (folds, 240, k)
    for f in range(folds):
        assert np.isnan(found[f, fold == f]).all()
        others = fold != f
        right = found[f, others].argmax(axis=1) == labels[others]
        assert 0.6 < right.mean() < 1


def test_the_fold_has_no_part_in_it() -> None:
    features, labels, fold = data()
    other = np.where(fold == 2, 1 - labels, labels)
    others = fold != 2
    one, two = (nested_logits(features, y, fold, n_classes=2)[2, others] for y in (labels, other))
    np.testing.assert_allclose(one, two, atol=0.02)


def test_a_photo_has_no_part_in_its_own_answer() -> None:
    features, labels, fold = data()
    flipped = labels.copy()
    flipped[0] = 1 - flipped[0]
    grid = [0.1]
    one, two = (nested_logits(features, y, fold, n_classes=2, grid=grid) for y in (labels, flipped))
    elsewhere = np.arange(4) != fold[0]
    np.testing.assert_allclose(one[elsewhere, 0], two[elsewhere, 0], atol=0.02)


def test_two_folds_are_too_few() -> None:
    features, labels, fold = data(folds=2)
    with pytest.raises(RecipeError, match="folds = 2"):
        nested_logits(features, labels, fold, n_classes=2)


def test_photos_left_out_do_not_train() -> None:
    features, labels, fold = data()
    wrong = np.zeros(240, bool)
    wrong[:60] = True
    noisy = np.where(wrong, 1 - labels, labels)
    left_out = wrong & (fold != np.arange(5)[:, None])
    plain = fit_logistic(features, noisy, fold, n_classes=2)
    cleaned = refit_logistic(plain, features, noisy, fold, left_out, n_classes=2)
    assert (cleaned.l2, cleaned.fold_l2) == (plain.l2, plain.fold_l2)
    assert len(cleaned.fold_l2) == 4
    same = refit_logistic(
        plain,
        features[~wrong],
        labels[~wrong],
        fold[~wrong],
        np.zeros((5, 180), bool),
        n_classes=2,
    )
    np.testing.assert_allclose(cleaned.logits[~wrong], same.logits, atol=0.05)
    np.testing.assert_allclose(cleaned.head.weights, same.head.weights, atol=0.05)
    nothing = refit_logistic(plain, features, noisy, fold, left_out & False, n_classes=2)
    np.testing.assert_allclose(nothing.logits, plain.logits, atol=0.05)
