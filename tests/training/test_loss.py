"""The losses of one class a photo and of several labels."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from pawlens.training._loss import (
    as_tensor,
    balanced,
    belief,
    equal,
    mass,
    measure,
    summed_loss,
    unlearnt,
)

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]

TARGETS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1]], bool)


def logits() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(size=(4, 3))).float()


def test_two_classes_and_one_label_are_the_same_problem() -> None:
    z, y = logits()[:, :1], TARGETS[:, 0]
    both = torch.cat([-z, z], 1) / 2
    numbers = y.astype(np.int64)
    for weigh, smoothing in ((equal, 0.0), (equal, 0.2), (balanced, 0.0)):
        weights = weigh(numbers, 2)
        one = summed_loss(both, as_tensor(numbers), weights, smoothing)
        two = summed_loss(z, as_tensor(y[:, None]), weigh(y[:, None], 1), smoothing)
        assert float(two) == pytest.approx(float(one), rel=1e-5)
        assert mass(as_tensor(y[:, None]), weigh(y[:, None], 1), False) == pytest.approx(
            mass(as_tensor(numbers), weights, False)
        )
    np.testing.assert_allclose(belief(z, y[:, None]), belief(both, numbers), rtol=1e-6)
    assert measure(z, y[:, None]) == pytest.approx(measure(both, numbers))


def test_balanced_labels_weigh_one_on_average() -> None:
    weights = balanced(TARGETS, 3)
    target = as_tensor(TARGETS)
    assert mass(target, weights, False) == pytest.approx(4)
    each = weights[0].lerp(weights[1], target)
    np.testing.assert_allclose(each.mean(0), 1, rtol=1e-6)
    assert mass(target, weights, True) == 4


def test_labels_that_cleaning_would_lose() -> None:
    assert unlearnt(TARGETS, TARGETS) == []
    assert unlearnt(TARGETS, TARGETS[:3]) == [2]
    assert unlearnt(TARGETS, TARGETS[[0, 1, 3]]) == [0]
    assert unlearnt(np.array([0, 1, 2]), np.array([0, 2])) == [1]
