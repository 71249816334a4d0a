"""Decision curves against their definition."""

from __future__ import annotations

import numpy as np

from pawlens.metrics import THRESHOLDS, act_on_all, decision_curve, decision_gain


def _drawn(seed: int, n: int = 300, k: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    logits = rng.normal(size=(n, k)) + 1.5 * np.eye(k)[y]
    powers = np.exp(logits)
    return y, powers / powers.sum(axis=1, keepdims=True)


def test_net_benefit_is_hits_less_weighted_false_alarms() -> None:
    y, proba = _drawn(0)
    curve = decision_curve(y, proba)
    for i in (3, 20, 40):
        t = THRESHOLDS[i]
        benefits = []
        for c in range(3):
            acted = proba[:, c] >= t
            hits, alarms = (acted & (y == c)).mean(), (acted & (y != c)).mean()
            benefits.append(hits - alarms * t / (1 - t))
        assert np.isclose(curve.value[i], np.mean(benefits))
    assert (curve.low <= curve.value + 1e-12).all()
    assert (curve.value <= curve.high + 1e-12).all()


def test_acting_on_every_photo() -> None:
    y = np.array([0, 0, 1])
    share = 1 / 2  # of a photo's classes that are its own
    expected = share - (1 - share) * THRESHOLDS / (1 - THRESHOLDS)
    assert np.allclose(act_on_all(y, 2), expected)


def test_the_gain_is_paired() -> None:
    y, proba = _drawn(1)
    same = decision_gain(y, proba, proba)
    assert not same.value.any()
    assert not same.low.any()
    sure = np.eye(3)[y]
    gain = decision_gain(y, sure, proba)
    assert (gain.low > 0).all()
    assert np.allclose(gain.value, decision_curve(y, sure).value - decision_curve(y, proba).value)


def test_near_duplicates_are_one_piece_of_evidence() -> None:
    y, proba = _drawn(2)
    alone = decision_curve(y, proba)
    twice, groups = (np.tile(y, 2), np.tile(proba, (2, 1))), np.tile(np.arange(len(y)), 2)
    grouped = decision_curve(*twice, groups=groups)
    assert np.allclose(grouped.value, alone.value)
    assert np.allclose(grouped.high - grouped.low, alone.high - alone.low)
