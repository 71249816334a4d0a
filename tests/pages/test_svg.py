"""Plots as inline SVG: the numbers on a logarithmic axis."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.pages._svg import axes, log_ticks


@pytest.mark.parametrize(
    ("low", "high"),
    [(0.0180, 0.0184), (0.018, 0.021), (0.048, 0.16), (0.05, 2.5), (0.7, 30), (1e-6, 1), (1e-9, 9)],
)
def test_a_logarithmic_axis_has_a_few_numbers_apart(low: float, high: float) -> None:
    _, ax = axes(4, 3)
    ax.set(yscale="log", ylim=(low, high))
    log_ticks(ax)
    ticks = np.array([y for y in ax.yaxis.get_majorticklocs() if low <= y <= high])
    assert 3 <= len(ticks) <= 9
    gaps = np.diff(np.log(ticks)) / np.log(high / low)
    assert gaps.min() > 0.04  # of the axis
    words = [ax.yaxis.get_major_formatter()(y, None) for y in ticks]
    assert len(set(words)) == len(words)
