"""The gradient of a batch, accumulated over parts where the result is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ._augment import mixed
from ._job import Job, seed_step
from ._loss import as_shares, as_tensor, balanced, equal, mass, summed_loss

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["class_weights", "gradients"]

_PART = 16  # photos of a batch that a CPU takes at once


def gradients(
    job: Job,
    called: nn.Module,
    rows: Ints,
    inputs: list[Tensor],
    step: int,
    weights: Tensor,
    *,
    rank: int = 0,
    world: int = 1,
) -> tuple[float, float]:
    """Add the gradient of a batch's mean loss to the open weights.

    Parameters
    ----------
    job : Job
    called : nn.Module
        The job's model, or its DDP wrapper.
    rows : ndarray of int64
        The whole batch.
    inputs : list of Tensor
        This process's part of it, ``rows[rank::world]``, for each body.
    step : int
        Dropout and mixing follow from it.
    weights : Tensor
        Weights from `class_weights`.
    rank, world : int
        DDP averages gradients over processes, so each one divides by the mass of the whole batch.

    Returns
    -------
    (loss, mass) : tuple of float
        Sum of the part's weighted losses, and the divisor of that sum.
    """
    seed_step(job.seed, job.phase, step, rank)
    target = as_tensor(job.labels[rows]).to(job.device)
    part_target = target[rank::world]
    inputs, wanted = _mix(job, inputs, part_target, step)
    soft = wanted is not part_target
    whole, share = (mass(labels, weights, soft) for labels in (target, part_target))
    # With a few photos at a time, a CPU stays within its caches. Statistics of a batch norm
    # need the whole batch, and so does the exchange between processes.
    parted = job.device == "cpu" and world == 1 and not job.opening.needs_whole_batches
    size = _PART if parted else max(1, len(part_target))
    loss = 0.0
    for start in range(0, max(1, len(part_target)), size):
        part = slice(start, start + size)
        with torch.autocast(job.device, torch.bfloat16, enabled=job.precision == "bf16"):
            logits = called([images[part] for images in inputs])
        part_loss = summed_loss(logits.float(), wanted[part], weights, job.plan.label_smoothing)
        (part_loss * (world / whole)).backward()
        loss += float(part_loss.detach())
    return loss, share


def class_weights(job: Job) -> Tensor:
    """Return the weight of each class, or side of each label: equal or balanced, of mean 1."""
    weigh = equal if job.plan.class_weights == "none" else balanced
    return weigh(job.labels[job.train_rows], job.classes).to(job.device)


def _mix(job: Job, inputs: list[Tensor], target: Tensor, step: int) -> tuple[list[Tensor], Tensor]:
    """Apply Mixup and CutMix, the same for every body; targets become soft where they are on."""
    plan = job.plan
    if not (plan.mixup or plan.cutmix):
        return inputs, target
    shares = as_shares(target, job.classes)
    pairs = [
        mixed(
            images.float(),
            shares,
            mixup=plan.mixup,
            cutmix=plan.cutmix,
            rng=np.random.default_rng([job.seed, job.phase, step, 1]),
        )
        for images in inputs
    ]
    return [images for images, _ in pairs], pairs[0][1]
