"""A head as one linear map, exact for the photo at hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pawlens.explain._effective import effective_weights, head_inputs, logit_weights
from pawlens.heads import Head, unit_rows

RNG = np.random.default_rng(0)


def dense(*widths: int, unit: bool = False) -> Head:
    layers = tuple(
        (
            RNG.normal(size=(before, after)).astype(np.float32),
            RNG.normal(size=after).astype(np.float32),
        )
        for before, after in pairwise(widths)
    )
    return Head(layers, unit)


def zeros(dim: int) -> Head:
    return Head.linear(np.zeros((dim, 2), np.float32), np.zeros(2, np.float32))


@pytest.mark.parametrize("widths", [(12, 3), (12, 9, 3), (12, 20, 9, 3)])
def test_the_map_gives_the_logits_back(widths: tuple[int, ...]) -> None:
    head = dense(*widths)
    for _ in range(5):
        x = RNG.normal(size=12).astype(np.float32)
        weights, constant = effective_weights(head, x, logit_weights(3, 1))
        logits = head.logits(x[None])[0]
        expected = logits[1] - (logits[0] + logits[2]) / 2
        assert x @ weights + constant == pytest.approx(expected, abs=1e-4)


def test_it_is_the_gradient_through_hidden_layers() -> None:
    head, x = dense(12, 9, 3), RNG.normal(size=12).astype(np.float32)
    wanted = logit_weights(3, 0)
    weights, _ = effective_weights(head, x, wanted)
    steps = np.eye(12, dtype=np.float32) * 1e-3
    slope = (head.logits(x + steps) - head.logits(x - steps)) @ wanted / 2e-3
    np.testing.assert_allclose(weights, slope, atol=2e-2)


def test_features_are_scaled_as_in_training() -> None:
    parts = [RNG.normal(size=n).astype(np.float32) for n in (5, 7)]
    inputs, lengths = head_inputs(parts, zeros(12))
    expected = np.concatenate([unit_rows(one[None].copy())[0] for one in parts])
    np.testing.assert_allclose(inputs, expected, rtol=1e-6)
    np.testing.assert_allclose(lengths, [np.linalg.norm(one) for one in parts], rtol=1e-6)
    inputs, lengths = head_inputs(parts, dense(12, 2))
    np.testing.assert_array_equal(inputs, np.concatenate(parts))
    assert lengths == [1, 1]


def test_a_photo_without_features_divides_by_nothing() -> None:
    inputs, _ = head_inputs([np.zeros(4, np.float32)], zeros(4))
    assert not inputs.any()


def test_one_class_against_the_mean_of_the_others() -> None:
    np.testing.assert_allclose(logit_weights(2, 1), [-1, 1])
    assert logit_weights(12, 3).sum() == pytest.approx(0, abs=1e-6)
