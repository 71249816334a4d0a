"""Learning-rate schedules."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

from pawlens.recipes import Train
from pawlens.training._schedules import MOMENTUM_RANGE, momentum_at, multiplier

pytestmark = pytest.mark.torch


def curve(steps: int = 10, **plan: object) -> list[float]:
    given = Train.model_validate({"do": "train", **plan})
    return [multiplier(given, step, steps) for step in range(given.length * steps)]


def test_sgdr_restarts_at_the_ends_of_growing_cycles() -> None:
    rates = curve(schedule="sgdr", cycles=3, cycle_len=1, cycle_mult=2)
    assert len(rates) == 70
    starts = [step for step, rate in enumerate(rates) if rate == 1.0]
    assert starts == [0, 10, 30]
    assert rates[30:] == sorted(rates[30:], reverse=True)


def test_system_a_has_63_epochs_in_6_cycles() -> None:
    plan = Train.model_validate({"do": "train", "schedule": "sgdr", "cycles": 6, "cycle_mult": 2})
    assert plan.length == 63


def test_one_cycle_rises_for_a_quarter_and_falls_to_nothing() -> None:
    rates = curve(steps=100, epochs=1, schedule="one_cycle")
    assert max(rates) == rates[24] == 1.0
    assert rates[0] < 0.1
    assert rates[-1] < 1e-4
    given = Train.model_validate({"do": "train", "schedule": "one_cycle"})
    momenta = [momentum_at(given, step, 100) for step in range(100)]
    assert min(momenta) == momenta[24] == MOMENTUM_RANGE[0]
    assert math.isclose(momenta[-1], MOMENTUM_RANGE[1])


def test_inverse_time_is_kerass() -> None:
    rates = curve(schedule="inverse_time", decay=0.1)
    assert rates == [1 / (1 + 0.1 * step) for step in range(10)]


def test_cosine_ends_near_zero_and_constant_stays() -> None:
    cosine = curve(schedule="cosine", epochs=2)
    assert cosine[0] == 1.0
    assert 0 < cosine[-1] < 0.01
    assert set(curve(schedule="constant")) == set(curve(schedule="plateau")) == {1.0}
