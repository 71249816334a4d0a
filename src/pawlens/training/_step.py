"""The gradient of a batch: mixed, weighted, and added up in parts where that is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ._augment import mixed
from ._job import Job, seed_step

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
        The job's model, or what shares it between processes.
    rows : ndarray of int64
        The whole batch.
    inputs : list of Tensor
        This process's part of it, ``rows[rank::world]``, for each body.
    step : int
        Dropout and mixing follow from it.
    weights : Tensor
        Of each class, float32 [K].
    rank, world : int
        DDP averages gradients over processes, so each one divides by the mass of the whole batch.

    Returns
    -------
    (loss, mass) : tuple of float
        Sum of the part's weighted losses, and of what they are divided by.
    """
    seed_step(job.seed, job.phase, step, rank)
    target = torch.from_numpy(job.labels[rows]).to(job.device)
    own = target[rank::world]
    inputs, wanted = _mix(job, inputs, own, step)
    soft = wanted.dim() > 1
    whole, mass = (float(len(one)) if soft else float(weights[one].sum()) for one in (target, own))
    # What a CPU computes of a few photos at a time stays in its caches. Statistics of a batch norm
    # need the whole batch, and so does the exchange between processes.
    parted = job.device == "cpu" and world == 1 and not job.opening.needs_whole_batches
    size = _PART if parted else max(1, len(own))
    loss = 0.0
    for start in range(0, max(1, len(own)), size):
        part = slice(start, start + size)
        with torch.autocast(job.device, torch.bfloat16, enabled=job.precision == "bf16"):
            logits = called([one[part] for one in inputs])
        some = F.cross_entropy(
            logits.float(),
            wanted[part],
            weights,
            label_smoothing=job.plan.label_smoothing,
            reduction="sum",
        )
        (some * (world / whole)).backward()
        loss += float(some.detach())
    return loss, mass


def class_weights(job: Job) -> Tensor:
    """Weight of each class in the loss, float32 [K]: equal, or balanced to a mean of 1."""
    if job.plan.class_weights == "none":
        return torch.ones(job.classes, device=job.device)
    counts = np.bincount(job.labels[job.train_rows], minlength=job.classes)
    weights = len(job.train_rows) / (job.classes * np.maximum(1, counts))
    return torch.from_numpy(weights).float().to(job.device)


def _mix(job: Job, inputs: list[Tensor], target: Tensor, step: int) -> tuple[list[Tensor], Tensor]:
    """Mixup and CutMix, the same for every body; targets become shares where they are on."""
    plan = job.plan
    if not (plan.mixup or plan.cutmix):
        return inputs, target
    shares = F.one_hot(target, job.classes).float()
    pairs = [
        mixed(
            one.float(),
            shares,
            mixup=plan.mixup,
            cutmix=plan.cutmix,
            rng=np.random.default_rng([job.seed, job.phase, step, 1]),
        )
        for one in inputs
    ]
    return [images for images, _ in pairs], pairs[0][1]
