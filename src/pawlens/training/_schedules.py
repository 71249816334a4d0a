"""Learning-rate schedules as functions of the step, so that no state need be restored."""

from __future__ import annotations

import math

from ..recipes import Train

__all__ = ["MOMENTUM_RANGE", "momentum_at", "multiplier"]

_WARM = 0.25  # share of one-cycle in which the rate rises
_START, _END = 1 / 25, 1e-5
MOMENTUM_RANGE = (0.85, 0.95)
"""Momentum of one-cycle: low while the rate is high."""


def multiplier(plan: Train, step: int, steps_per_epoch: int) -> float:
    """Compute the factor of the learning rate at a step.

    one_cycle: a cosine up and a cosine down (Smith 2018, arXiv:1803.09820; fastai's shape). sgdr:
    cosine annealing with warm restarts (Loshchilov and Hutter 2017, arXiv:1608.03983).
    inverse_time: ``1 / (1 + decay * step)``, as Keras's SGD decays. ``plateau`` and ``constant``
    leave the rate alone here: a plateau is known only when a validation loss is.

    Parameters
    ----------
    plan : Train
    step : int
        Number of the step, from 0.
    steps_per_epoch : int
    """
    whole = plan.length * steps_per_epoch
    if plan.schedule == "one_cycle":
        share = (step + 1) / whole
        if share <= _WARM:
            return _cosine(_START, 1.0, share / _WARM)
        return _cosine(1.0, _END, (share - _WARM) / (1 - _WARM))
    if plan.schedule == "sgdr":
        start, length = 0, plan.cycle_len * steps_per_epoch
        while step >= start + length:
            start, length = start + length, length * plan.cycle_mult
        return _cosine(1.0, 0.0, (step - start) / length)
    if plan.schedule == "cosine":
        return _cosine(1.0, 0.0, step / whole)
    if plan.schedule == "inverse_time":
        return 1 / (1 + plan.decay * step)
    return 1.0


def momentum_at(plan: Train, step: int, steps_per_epoch: int) -> float:
    """Compute the momentum of a step: one-cycle's mirrors its rate, others have the plan's."""
    if plan.schedule != "one_cycle":
        return plan.momentum
    low, high = MOMENTUM_RANGE
    share = (step + 1) / (plan.length * steps_per_epoch)
    if share <= _WARM:
        return _cosine(high, low, share / _WARM)
    return _cosine(low, high, (share - _WARM) / (1 - _WARM))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, share))) / 2
