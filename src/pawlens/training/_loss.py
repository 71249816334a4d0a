"""The loss that a network is trained with, for one class a photo or for several labels.

Labels int64 (n,) are classes, and the loss is cross-entropy. Labels bool (n, K) are several per
photo, and the loss is the binary cross-entropy of each, averaged over labels. Everything else about
training is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Labels = npt.NDArray[Any]

__all__ = [
    "as_shares",
    "as_tensor",
    "balanced",
    "belief",
    "equal",
    "mass",
    "measure",
    "summed_loss",
    "unlearnt",
]


def as_tensor(labels: Labels) -> Tensor:
    """Convert labels for the loss: class numbers (n,), or label targets float32 (n, K)."""
    target = torch.from_numpy(labels)
    return target.float() if labels.ndim == 2 else target


def as_shares(target: Tensor, classes: int) -> Tensor:
    """Convert targets to soft targets, float32 (n, K), which can be mixed."""
    return target if target.dim() == 2 else F.one_hot(target, classes).float()


def balanced(labels: Labels, classes: int) -> Tensor:
    """Compute weights that balance classes, float32 (K,), or labels, (2, K), absence first.

    Their mean over photos is 1.
    """
    if labels.ndim == 2:
        with_it = labels.sum(axis=0)
        counts = np.stack([len(labels) - with_it, with_it])
        return torch.from_numpy(len(labels) / (2 * np.maximum(1, counts))).float()
    counts = np.bincount(labels, minlength=classes)
    return torch.from_numpy(len(labels) / (classes * np.maximum(1, counts))).float()


def equal(labels: Labels, classes: int) -> Tensor:
    """Return weights of 1, in the shape of `balanced`."""
    return torch.ones((2, classes) if labels.ndim == 2 else classes)


def summed_loss(logits: Tensor, wanted: Tensor, weights: Tensor, smoothing: float) -> Tensor:
    """Compute the weighted loss of a batch, summed over photos.

    Parameters
    ----------
    logits : Tensor of float32, shape (n, K)
    wanted : Tensor
        Targets from `as_tensor` or, mixed, from `as_shares`.
    weights : Tensor
        Weights from `balanced` or `equal`; their shape selects the loss.
    smoothing : float
        Share of the target that goes to all classes, or to both sides of each label.
    """
    if weights.dim() == 1:
        return F.cross_entropy(logits, wanted, weights, label_smoothing=smoothing, reduction="sum")
    target = wanted * (1 - smoothing) + smoothing / 2
    each = F.binary_cross_entropy_with_logits(
        logits, target, _of_labels(wanted, weights), reduction="none"
    )
    return each.mean(dim=1).sum()


def mass(target: Tensor, weights: Tensor, soft: bool) -> float:
    """Return the divisor of the summed loss: the number of photos if mixed, else their weights."""
    if soft:
        return float(len(target))
    if weights.dim() == 1:
        return float(weights[target].sum())
    return float(_of_labels(target, weights).mean(dim=1).sum())


def measure(logits: Tensor, labels: Labels) -> tuple[float, float]:
    """Compute unweighted loss and accuracy; a photo is right if every label is right."""
    wanted = as_tensor(labels)
    if labels.ndim == 2:
        loss = F.binary_cross_entropy_with_logits(logits, wanted)
        right = ((logits.numpy() > 0) == labels).all(axis=1)
    else:
        loss = F.cross_entropy(logits, wanted)
        right = logits.argmax(1).numpy() == labels
    return float(loss), float(right.mean())


def belief(logits: Tensor, labels: Labels) -> Floats:
    """Return the probability of each photo's class, or of its least likely label, float64 (n,)."""
    if labels.ndim == 2:
        signs = torch.from_numpy(np.where(labels, 1.0, -1.0))
        return np.asarray((logits.double() * signs).sigmoid().min(dim=1).values.numpy())
    return np.asarray(logits.double().softmax(1).numpy()[np.arange(len(labels)), labels])


def unlearnt(labels: Labels, kept: Labels) -> list[int]:
    """List classes that `labels` has and `kept` lacks, or labels without both kinds of photo."""
    if labels.ndim == 2:
        return np.flatnonzero(kept.all(axis=0) | ~kept.any(axis=0)).tolist()
    return np.setdiff1d(labels, kept).tolist()


def _of_labels(target: Tensor, weights: Tensor) -> Tensor:
    """Return the weight of each label of each photo, between absence and presence, (n, K)."""
    return weights[0].lerp(weights[1], target)
