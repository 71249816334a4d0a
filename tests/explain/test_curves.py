"""Deletion and insertion by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.explain import area, centred_map, deletion, insertion, random_map
from pawlens.explain._curves import STEPS


def bright_corner() -> np.typing.NDArray[np.uint8]:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:10, :15] = 255
    return pixels


def brightness(pixels: np.typing.NDArray[np.uint8]) -> float:
    """An answer that hangs on the corner alone."""
    return float(pixels[:10, :15].mean() / 255)


def test_the_right_map_falls_and_rises_first() -> None:
    pixels = bright_corner()
    right = pixels[:, :, 0].astype(np.float32)
    wrong = -right
    fallen, kept = (area(deletion(brightness, pixels, one)) for one in (right, wrong))
    risen, hidden = (area(insertion(brightness, pixels, one)) for one in (right, wrong))
    assert fallen < kept
    assert risen > hidden


def test_curves_begin_and_end_at_the_same_answers() -> None:
    pixels = bright_corner()
    for values in (centred_map((40, 60)), random_map((40, 60), np.random.default_rng(0))):
        curve = deletion(brightness, pixels, values)
        assert len(curve) == len(STEPS)
        assert curve[0] == 1
        assert curve[-1] == pytest.approx(pixels.mean() / 255, abs=0.01)
        assert insertion(brightness, pixels, values)[-1] == 1


def test_the_area_is_a_mean_height(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(np, "trapezoid", raising=False)  # as in NumPy 1.26
    assert area(np.full(len(STEPS), 0.3)) == pytest.approx(0.3)
    np.testing.assert_allclose(area(np.stack([STEPS, STEPS * 0])), [0.5, 0])


def test_the_middle_is_highest_in_the_middle() -> None:
    values = centred_map((41, 61))
    assert int(values.argmax()) == 20 * 61 + 30
