"""Heads that are trained side by side are those that would be trained one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pawlens.heads import HeadBudget, HeadPlan, HeadTrainer, fit_logistic

N, D = 240, 12


def drawn(classes: int = 2, seed: int = 0) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    labels = np.arange(N) % classes
    centres = rng.normal(0, 1, (classes, D))
    features = (centres[labels] + rng.normal(0, 1.2, (N, D))).astype(np.float32)
    return features, labels, rng.permutation(N) % 4


def trainer(classes: int = 2, **budget: int) -> HeadTrainer:
    features, labels, fold = drawn(classes)
    values = {"epochs": 30, "batch": 32} | budget
    return HeadTrainer(features, labels, fold, n_classes=classes, budget=HeadBudget(**values))


PLANS = [
    HeadPlan(rate=0.01, decay=0.001, momentum=0.9, dropout=0.25),
    HeadPlan(rate=0.002, momentum=0.5, dropout=0.25, l2=0.1),
    HeadPlan(rate=0.02, dropout=0.5),
    HeadPlan(rate=1.0, optimizer="adadelta"),
    HeadPlan(rate=0.01, momentum=0.9, hidden=(8, 5), batch_norm=True, dropout=0.25),
    HeadPlan(rate=0.05, momentum=0.5, hidden=(8,)),
]


@pytest.mark.parametrize("classes", [2, 3])
def test_together_is_as_alone(classes: int) -> None:
    together = trainer(classes).cross_validate(PLANS)
    for plan, trial in zip(PLANS, together, strict=True):
        (alone,) = trainer(classes).cross_validate([plan])
        assert (alone.best, len(alone.losses)) == (trial.best, len(trial.losses)), plan
        np.testing.assert_allclose(alone.losses, trial.losses, rtol=1e-4)
        np.testing.assert_allclose(alone.logits, trial.logits, atol=1e-3)


@pytest.mark.parametrize("classes", [2, 3])
def test_losses_are_those_of_the_logits_and_better_than_chance(classes: int) -> None:
    _, labels, _ = drawn(classes)
    for trial in trainer(classes).cross_validate(PLANS):
        proba = np.exp(trial.logits) / np.exp(trial.logits).sum(axis=1, keepdims=True)
        loss = -np.log(proba[np.arange(N), labels]).mean()
        assert loss == pytest.approx(trial.loss, rel=1e-4)
        assert trial.loss == min(trial.losses) < 0.8 * np.log(classes)


def test_one_step_is_that_of_the_textbook() -> None:
    features, labels, _ = drawn()
    rate, l2 = 0.1, 0.5
    one = HeadTrainer(
        features,
        labels,
        np.arange(N) % 2,
        n_classes=2,
        budget=HeadBudget(batch=N),
    )
    ((weights, bias),) = one.fit(HeadPlan(rate=rate, l2=l2, momentum=0.9, decay=1.0), 2).layers
    mean, scale = features.mean(0), features.std(0)
    x = (features - mean) / scale
    w, b, v, vb = np.zeros(D), 0.0, np.zeros(D), 0.0
    for step in range(2):
        slope = 1 / (1 + np.exp(-(x @ w + b))) - labels
        now = rate / (1 + step)
        v, vb = 0.9 * v - now * (x.T @ slope / N + l2 * w), 0.9 * vb - now * slope.mean()
        w, b = w + v, b + vb
    np.testing.assert_allclose(weights[:, 1] - weights[:, 0], w / scale, atol=1e-5)
    np.testing.assert_allclose(bias[1] - bias[0], b - mean @ (w / scale), atol=1e-5)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_gradients_are_those_of_differences(batch_norm: bool) -> None:
    """One step of plain SGD is -rate times the slope, which small changes of weights give too."""
    features, labels, _ = drawn()
    plan = HeadPlan(rate=1.0, hidden=(6, 5), batch_norm=batch_norm)
    stack = trainer().stack([plan], copies=1)
    rng = np.random.default_rng(1)
    for weights in stack._weights:  # the last one starts at zero, where nothing can be seen
        weights.value[...] = rng.normal(0, 0.5, weights.value.shape)
    share = np.full((1, N, 1), 1 / N, np.float32)
    share[:, N // 2 :] = 0  # rows that are not to train
    share *= 2
    seen: list[float] = []

    def look(z: Any) -> Any:
        each = np.logaddexp(0, z[0, :, 0].astype(np.float64)) - z[0, :, 0] * labels
        seen.append(float(each @ share[0, :, 0]))
        return np.zeros_like(z)

    def slope(z: Any) -> Any:
        return (1 / (1 + np.exp(-z)) - labels[None, :, None].astype(np.float32)) * share

    small, found = 1e-2, []
    places = [(layer, spot) for layer in range(3) for spot in (0, 3)]
    for layer, spot in places:
        values = stack._weights[layer].value.reshape(-1)
        for change in (small, -2 * small, small):
            values[spot] += change
            stack.train(features, share, look)
        found.append((seen[-3] - seen[-2]) / (2 * small))
    before = [stack._weights[layer].value.reshape(-1)[spot] for layer, spot in places]
    stack.train(features, share, slope)
    after = [stack._weights[layer].value.reshape(-1)[spot] for layer, spot in places]
    np.testing.assert_allclose(np.subtract(before, after), found, rtol=0.03, atol=2e-4)


def test_dropout_keeps_the_mean_and_takes_its_share() -> None:
    stack = trainer().stack([HeadPlan(rate=0.1, dropout=0.25)], copies=1)
    ones = np.ones((400, D), np.float32)
    kept = stack._dropped(ones) * stack._gain
    assert np.unique(kept).tolist() == pytest.approx([0.0, 4 / 3])
    assert kept.mean() == pytest.approx(1, abs=0.03)


def test_a_fold_is_answered_by_networks_that_never_saw_it() -> None:
    features, labels, fold = drawn()
    budget = HeadBudget(epochs=1, batch=32)
    plans = [HeadPlan(rate=0.05, momentum=0.5)]
    changed = np.where(fold == 2, 1 - labels, labels)
    found = [
        HeadTrainer(features, y, fold, n_classes=2, budget=budget).cross_validate(plans)[0].logits
        for y in (labels, changed)
    ]
    np.testing.assert_array_equal(found[0][fold == 2], found[1][fold == 2])
    assert np.abs(found[0][fold != 2] - found[1][fold != 2]).max() > 0.01


def test_patience_and_those_who_watch_end_a_plan() -> None:
    ended: list[int] = []
    trials = trainer(epochs=40, patience=3).cross_validate(
        [HeadPlan(rate=5.0, momentum=0.9), HeadPlan(rate=0.001), HeadPlan(rate=0.002)],
        watch=lambda number, epoch, loss: not (number == 1 and epoch == 5),
        ended=lambda number, trial: ended.append(number),
    )
    assert sorted(ended) == [0, 1, 2]
    assert len(trials[0].losses) - trials[0].best == 3
    assert (trials[1].stopped, len(trials[1].losses)) == (True, 5)
    assert (trials[2].stopped, len(trials[2].losses)) == (False, 40)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_plan_that_diverges_ends_and_says_so() -> None:
    (trial,) = trainer().cross_validate([HeadPlan(rate=1e30, hidden=(4,), momentum=0.9)])
    assert len(trial.losses) < 30
    assert trial.best == 0 or np.isfinite(trial.loss)


def test_long_enough_a_linear_head_is_a_logistic_regression() -> None:
    features, labels, fold = drawn()
    fit = fit_logistic(features, labels, fold, n_classes=2, grid=[0.1])
    one = HeadTrainer(
        features, labels, fold, n_classes=2, budget=HeadBudget(epochs=400, patience=400, batch=N)
    )
    (trial,) = one.cross_validate([HeadPlan(rate=0.5, momentum=0.9, l2=0.1)])
    assert trial.losses[-1] == pytest.approx(fit.rows[0]["log_loss"], rel=0.02)


def test_weights_count_as_copies_do() -> None:
    features, labels, fold = drawn()
    budget = HeadBudget(batch=1000)
    weights = 1.0 + (np.arange(N) % 3 == 0)
    plan = HeadPlan(rate=0.1, momentum=0.5, l2=0.01)
    twice = np.concatenate([np.arange(N), np.flatnonzero(weights == 2)])
    heads = [
        HeadTrainer(x, y, f, n_classes=2, budget=budget, sample_weights=w)
        for x, y, f, w in (
            (features, labels, fold, weights),
            (features[twice], labels[twice], fold[twice], None),
        )
    ]
    # Only the standardisation differs, which a linear head without L2 hardly feels.
    losses = [one.cross_validate([plan])[0].loss for one in heads]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
