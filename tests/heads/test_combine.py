"""Ensembles of answers: the weights that each method finds, and that no fold weighs itself."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.heads import CombineMethod, combine_out_of_fold, fit_combiner

from ..written_runs import Floats, Ints, answers

METHODS: tuple[CombineMethod, ...] = ("blend", "greedy", "stack")


def members(skills: list[float], n: int = 600, seed: int = 0) -> tuple[Ints, Floats]:
    """Truth and answers [M, n, 2] of models that err on photos of their own."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return y, np.stack([answers(y, skill, rng.normal(size=n)) for skill in skills])


def loss(y: Ints, logits: Floats) -> float:
    top = logits - logits.max(axis=1, keepdims=True)
    logs = top - np.log(np.exp(top).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(y)), y].mean())


@pytest.mark.parametrize("method", METHODS)
def test_members_that_err_apart_are_better_together(method: CombineMethod) -> None:
    y, proba = members([1.0, 1.0, 1.0])
    together = loss(y, combine_out_of_fold(proba, y, np.arange(len(y)) % 5, method))
    assert together < min(loss(y, np.log(one)) for one in proba) - 0.002


@pytest.mark.parametrize("method", METHODS)
def test_a_member_that_knows_nothing_gets_no_say(method: CombineMethod) -> None:
    y, proba = members([1.0, 1.0], n=5000)
    rng = np.random.default_rng(1)
    guess = rng.uniform(0.05, 0.95, len(y))
    proba = np.concatenate([proba, [np.column_stack([guess, 1 - guess])]])
    weights = fit_combiner(proba, y, method).weights
    assert weights[2] < 0.15 * weights[0]
    assert (weights >= 0).all()


def test_a_blend_has_the_least_loss_of_all_weights() -> None:
    y, proba = members([0.8, 1.1, 1.4])
    found = fit_combiner(proba, y, "blend")
    true = proba[:, np.arange(len(y)), y]
    others = np.random.default_rng(2).dirichlet(np.ones(3), 5000)
    assert -np.log(found.weights @ true).mean() < -np.log(others @ true).mean(axis=1).min() + 1e-9
    assert found.weights.sum() == pytest.approx(1)


def test_greedy_weights_are_counts_and_no_worse_than_the_best_alone() -> None:
    y, proba = members([0.8, 1.1, 1.4])
    found = fit_combiner(proba, y, "greedy")
    sizes = [n for n in range(1, 51) if np.allclose(found.weights * n, np.rint(found.weights * n))]
    assert sizes
    assert loss(y, found.logits(proba)) <= min(loss(y, np.log(one)) for one in proba)


def test_a_stack_finds_the_weights_of_independent_evidence() -> None:
    y, proba = members([1.0, 2.0], n=20_000)
    sharp = proba ** np.array([2.0, 0.5])[:, None, None]  # one too sure, one not sure enough
    sharp /= sharp.sum(axis=2, keepdims=True)
    found = fit_combiner(sharp, y, "stack")
    plain = fit_combiner(proba, y, "stack")
    np.testing.assert_allclose(found.weights * [2.0, 0.5], plain.weights, rtol=0.02)


def test_few_photos_that_are_all_answered_right_call_for_no_infinite_weights() -> None:
    rng = np.random.default_rng(0)
    y, sure = rng.integers(0, 2, 24), rng.uniform(0.6, 0.9, (2, 24))
    proba = np.where(np.arange(2) == y[:, None], sure[:, :, None], 1 - sure[:, :, None])
    found = fit_combiner(proba, y, "stack")
    assert 0.5 <= found.weights.min() <= found.weights.max() < 3


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_classes_and_impossible_answers_are_no_matter(method: CombineMethod) -> None:
    y, proba = members([1.0, 1.5])
    proba[0, :5] = [0.0, 1.0]
    turned = fit_combiner(proba[:, :, ::-1], 1 - y, method)
    plain = fit_combiner(proba, y, method)
    np.testing.assert_allclose(turned.weights, plain.weights, atol=1e-3)
    assert np.isfinite(plain.logits(proba)).all()


@pytest.mark.parametrize("method", METHODS)
def test_no_photo_has_a_part_in_its_own_answer(method: CombineMethod) -> None:
    y, proba = members([1.0, 1.5], n=100)
    fold = np.arange(100) % 4
    before = combine_out_of_fold(proba, y, fold, method)
    y[fold == 2] = 1 - y[fold == 2]
    after = combine_out_of_fold(proba, y, fold, method)
    np.testing.assert_array_equal(before[fold == 2], after[fold == 2])
    assert not np.array_equal(before[fold != 2], after[fold != 2])
