"""What drift is asked by, and how its p-values are told."""

from __future__ import annotations

import numpy as np

from pawlens.pages import Check
from pawlens.workflows._arrivals import Arrivals
from pawlens.workflows._drift import _neither


def test_the_models_own_neither_is_asked_where_it_has_one() -> None:
    def asked(scores: list[float] | None, false_alarms: float | None) -> list[Check]:
        new = Arrivals(
            paths=["1.jpg"] * 100,
            proba=np.full((100, 2), 0.5),
            unreadable=[],
            looked_at=np.empty(0, np.int64),
            features=np.empty((0, 0), np.float32),
            neither=None if scores is None else np.array(scores),
            false_alarms=false_alarms,
        )
        return _neither(new)

    (many,) = asked([0.5] * 8 + [0.4] * 92, 0.01)
    assert many.share == 0.08
    assert many.p is not None
    assert many.p < 1e-4
    assert many.found.startswith("8.0 % (3.5 to 15.2) of the photos are answered neither")
    (usual,) = asked([0.5] + [0.4] * 99, 0.01)
    assert usual.p is not None
    assert usual.p > 0.5
    assert asked(None, 0.01) == asked([0.1] * 100, None) == []


def test_small_p_values_are_told_as_such() -> None:
    assert Check("a", "", "", 0.0004).p_in_words == "under 0.001"
    assert Check("a", "", "", 0.0012).p_in_words == "0.001"
    assert Check("a", "", "", None).p_in_words == "–"
