"""Numbers of drift: tests that keep their level, shares and accuracy without labels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from pawlens.trust import (
    class_shares,
    compare_counts,
    compare_values,
    expected_accuracy,
    find_unlike,
    label_next,
    project,
    two_samples,
    with_shares,
)


def test_two_samples_of_one_kind_are_told_apart_no_more_often_than_promised() -> None:
    rng = np.random.default_rng(0)
    found = [
        two_samples(
            rng.normal(size=(50, 4)).astype(np.float32),
            rng.normal(size=(20, 4)).astype(np.float32),
            permutations=99,
            seed=seed,
        )
        for seed in range(120)
    ]
    for name in ("p", "p_classifier", "p_mmd"):
        values = np.array([getattr(one, name) for one in found])
        assert 4 <= (values <= 0.2).sum() <= 40, name  # 24 of 120, give or take four deviations
        assert values.min() >= 0.01


@pytest.mark.parametrize("change", ["place", "spread"])
def test_samples_that_differ_are_told_apart(change: str) -> None:
    rng = np.random.default_rng(1)
    old, new = rng.normal(size=(200, 6)), rng.normal(size=(60, 6))
    new = new + 0.6 if change == "place" else new * 2.0
    tests = two_samples(old.astype(np.float32), new.astype(np.float32), permutations=199)
    assert tests.p <= 0.01
    if change == "place":
        assert tests.auc > 0.75
        assert tests.new.shape == (60,)
    else:  # no straight line tells them apart; distances do
        assert tests.p_mmd == 1 / 200


def test_shares_alone_are_no_other_kind_where_answers_are_held_fixed() -> None:
    rng = np.random.default_rng(2)
    kinds = np.repeat([0, 1], [100, 100]), np.repeat([0, 1], [50, 10])
    old, new = ((rng.normal(size=(len(k), 3)) + 3 * k[:, None]).astype(np.float32) for k in kinds)
    assert two_samples(old, new, permutations=199).p < 0.02
    assert two_samples(old, new, strata=kinds, permutations=199).p > 0.05


def test_a_projection_is_always_the_same_and_of_unit_backbones() -> None:
    features = np.arange(600, dtype=np.float32).reshape(2, 300) % 7
    found = project(features, [100, 200])
    assert found.shape == (2, 256)
    scaled = features * np.repeat([3.0, 0.5], [100, 200]).astype(np.float32)
    np.testing.assert_allclose(project(scaled, [100, 200]), found, atol=1e-6)
    assert found[0, :3].tolist() == pytest.approx(PINNED, abs=1e-6)
    small = project(features[:, :8], [8])
    np.testing.assert_allclose(np.linalg.norm(small, axis=1), 1, rtol=1e-6)
    lengths = np.linalg.norm(found, axis=1)
    np.testing.assert_allclose(lengths, np.sqrt(2), rtol=0.25)


PINNED = [0.14597975, -0.13547763, 0.21599456]
"""The first numbers of a projection: runs that were kept must stay comparable."""


def test_counts_are_compared_exactly() -> None:
    for old, new in (([40, 10], [8, 7]), ([30, 30], [10, 12]), ([5, 0], [0, 3])):
        exact = fisher_exact(np.array([old, new])).pvalue
        found = compare_counts(np.array(old), np.array(new), draws=19_999)
        assert found == pytest.approx(exact, abs=0.02)
    assert compare_counts(np.array([10, 10]), np.array([0, 0])) == 1.0


def test_values_are_compared_without_those_that_are_not_known() -> None:
    rng = np.random.default_rng(0)
    old, new = rng.normal(size=300), rng.normal(size=100) + 1
    assert compare_values(old, new) < 1e-6
    assert compare_values(old, np.append(new, np.nan)) == compare_values(old, new)
    assert compare_values(old, np.array([np.nan])) == 1.0


def answers(rng: np.random.Generator, shares: list[float], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of given shares, and calibrated probabilities (n, 2) for equal shares."""
    y = (rng.random(n) < shares[1]).astype(np.int64)
    evidence = rng.normal(size=n) + 2.0 * y
    odds = np.exp(2.0 * evidence - 2.0)  # the likelihood ratio of two normal distributions
    p = odds / (1 + odds)
    return y, np.column_stack([1 - p, p])


def test_expected_accuracy_is_in_its_interval_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    inside = 0
    for seed in range(100):
        y, proba = answers(rng, [0.5, 0.5], 1500)
        hits = (proba.argmax(axis=1) == y).astype(np.int64)
        sure = proba.max(axis=1)
        hard = rng.random(500) < 0.5 + 0.5 * (sure[1000:] < 0.9)  # more hard ones than before
        found = expected_accuracy(sure[:1000], hits[:1000], sure[1000:][hard], seed=seed)
        inside += found.low <= hits[1000:][hard].mean() <= found.high
        assert found.high - found.low < 0.12
    assert inside >= 88


def test_photos_that_count_more_count_more() -> None:
    sure, right = np.full(100, 0.8), np.repeat([1, 0], [90, 10])
    plain = expected_accuracy(sure, right, sure)
    heavy = expected_accuracy(sure, right, sure, weight=np.repeat([0.5, 5.5], [90, 10]))
    assert plain.value == pytest.approx(0.9, abs=0.01)
    assert heavy.value == pytest.approx(0.45, abs=0.01)
    assert heavy.high - heavy.low > plain.high - plain.low


def test_shares_of_classes_are_corrected_for_wrong_answers() -> None:
    rng = np.random.default_rng(0)
    trained = np.array([0.5, 0.5])
    inside = 0
    for seed in range(40):
        _, proba = answers(rng, [0.85, 0.15], 400)
        found = class_shares(proba, trained, seed=seed)
        assert found.answered[1] == pytest.approx((proba[:, 1] > 0.5).mean())
        inside += found.true_low[1] <= 0.15 <= found.true_high[1]
    assert inside >= 34
    moved = with_shares(np.array([[0.5, 0.5]]), trained, np.array([0.9, 0.1]))
    np.testing.assert_allclose(moved, [[0.9, 0.1]])


def test_corrected_shares_do_not_need_equal_classes_before() -> None:
    proba = np.repeat([[0.9, 0.1], [0.1, 0.9]], [80, 20], axis=0)
    found = class_shares(proba, np.array([0.8, 0.2]))
    mean = with_shares(proba, np.array([0.8, 0.2]), found.true).mean(axis=0)
    np.testing.assert_allclose(mean, found.true, atol=1e-4)


def test_photos_unlike_all_others_are_found_and_counted() -> None:
    rng = np.random.default_rng(0)
    old = rng.normal(size=(300, 4)).astype(np.float32)
    same = rng.normal(size=(100, 4)).astype(np.float32)
    few = np.vstack([same[:90], same[90:] + 12]).astype(np.float32)
    assert find_unlike(old, same).p > 0.01
    found = find_unlike(old, few)
    assert found.found[90:].all()
    assert found.p < 1e-4
    assert (found.distance[90:] > 2).all()


def test_what_to_label_next_skips_what_looks_alike() -> None:
    features = np.array([[0.0], [0.01], [5.0], [9.0], [9.005]], np.float32)
    doubt, far = np.array([0.5, 0.49, 0.3, 0.0, 0.0]), np.array([0.1, 0.1, 0.2, 3.0, 2.9])
    chosen = label_next(doubt, features, far, count=5, close=0.1)
    assert chosen.tolist() == [0, 3, 2]
    assert label_next(doubt, features, far, count=1, close=0.1).tolist() == [0]
