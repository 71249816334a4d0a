"""Numbers of training that no recipe changes, but that its words tell."""

from __future__ import annotations

__all__ = ["MINIMUM_DIVISOR", "PLATEAU_FACTOR", "RUNGS", "VALID_PARTS", "is_rung"]

RUNGS = (5, 3)
"""Epochs before the first decision of ASHA, and the factor from each decision to the next."""

PLATEAU_FACTOR = 0.1
"""The factor by which a plateau multiplies the learning rate."""

MINIMUM_DIVISOR = 10
"""The rule ``minimum`` of ``find_rate`` divides the rate of least loss by this."""

VALID_PARTS = 10
"""Number of parts of the photos that are not held out, of which one validates."""


def is_rung(epoch: int) -> bool:
    """Tell whether ASHA decides after this many epochs."""
    least, times = RUNGS
    while epoch > least and epoch % times == 0:
        epoch //= times
    return epoch == least
