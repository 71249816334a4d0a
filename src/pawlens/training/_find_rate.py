"""The rate finder: loss against a rate that grows from step to step (Smith 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, tell
from ..recipes import FindRate
from ._job import Job, batches_of, epoch_order
from ._optimizers import build_optimizer, set_rate
from ._step import class_weights, gradients
from ._suggest import Suggestions, suggest

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["find_rate"]


def find_rate(job: Job, plan: FindRate, progress: Progress | None = None) -> Suggestions:
    """Sweep the rate several times from the same weights, with the optimiser of the next phase.

    Seeds, batches and rates are fixed, so the answer is the same every time; weights and
    statistics are put back afterwards.

    Parameters
    ----------
    job : Job
        Job of the ``train`` phase that follows.
    plan : FindRate
    progress : callable, optional
    """
    rate = np.geomspace(plan.low, plan.high, plan.steps)
    before = {name: value.clone() for name, value in job.network.state_dict().items()}
    curves = np.full((plan.sweeps, plan.steps), np.nan)
    try:
        for number in range(plan.sweeps):
            job.network.load_state_dict(before)
            curves[number] = _sweep(job, rate, number)
            tell(progress, "finding a rate", number + 1, plan.sweeps)
    finally:
        job.network.load_state_dict(before)
    return suggest(rate, curves, rule=plan.rule)


def _sweep(job: Job, rates: Floats, number: int) -> Floats:
    """Train with growing rates, and return the loss at each; NaN after the first not finite."""
    job.model.to(job.device)
    job.network.to(job.device)
    optimizer = build_optimizer(job.network, job.plan)
    weights = class_weights(job)
    job.opening.train()
    losses = np.full(len(rates), np.nan)
    batches = batches_of(epoch_order(job.train_rows, job.seed, job.phase, number), job.plan)
    for step, rate in enumerate(rates):
        rows = batches[step % len(batches)]
        inputs = [images.to(job.device) for images in job.source.varied(rows, number)]
        set_rate(optimizer, float(rate), job.plan.momentum)
        optimizer.zero_grad(set_to_none=True)
        loss, mass = gradients(job, job.model, rows, inputs, step, weights)
        losses[step] = loss / mass
        if not np.isfinite(losses[step]):
            break
        optimizer.step()
    return losses
