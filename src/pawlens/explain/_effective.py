"""The effective linear map of a head around the features of one photo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..heads import SMALLEST_NORM, Head

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]

__all__ = ["effective_weights", "head_inputs", "head_outputs", "logit_weights"]


def head_inputs(features: Sequence[Floats32], head: Head) -> tuple[Floats32, list[float]]:
    """What the head reads of one photo, and by how much each backbone's features are divided.

    Parameters
    ----------
    features : sequence of ndarray of float32, shape (D_b,)
        The pooled features of each backbone.
    head : Head

    Returns
    -------
    inputs : ndarray of float32, shape (D,)
    lengths : list of float
        The lengths of the features where the head wants them scaled to 1, else 1. They are numbers
        of the photo as a whole, so dividing every cell by them keeps a map exact.
    """
    if not head.unit:
        return np.concatenate(features), [1.0] * len(features)
    lengths = [float(np.sqrt(np.maximum(x @ x, SMALLEST_NORM))) for x in features]
    units = [x / np.float32(n) for x, n in zip(features, lengths, strict=True)]
    return np.concatenate(units), lengths


def head_outputs(inputs: Floats32, head: Head) -> Floats32:
    """Compute the logits (K,) of what a head reads of one photo (D,)."""
    return np.asarray(head.logits(inputs[None])[0], np.float32)


def logit_weights(
    classes: int, chosen: int, instead: int | None = None, *, several: bool = False
) -> Floats32:
    """Return weights (K,) of the logits: one class against another, or the mean of all others.

    A constant added to all logits changes no probability, and it does not change this. Where a
    photo may have several labels, which are independent, a class stands alone.
    """
    rest = 0 if several or instead is not None else -1 / (classes - 1)
    weights = np.full(classes, rest, np.float32)
    weights[chosen] = 1
    if instead is not None:
        weights[instead] = -1
    return weights


def effective_weights(head: Head, inputs: Floats32, logits: Floats32) -> tuple[Floats32, float]:
    """A weighted sum of the logits, as a linear map of the head's inputs.

    ReLU layers are linear around a photo: what is off stays off. So the map is exact for the
    photo that it is made for, and is the gradient there.

    Parameters
    ----------
    head : Head
    inputs : ndarray of float32, shape (D,)
    logits : ndarray of float32, shape (K,)
        How much each logit weighs.

    Returns
    -------
    weights : ndarray of float32, shape (D,)
    constant : float
        What the sum is beyond ``inputs @ weights``: the biases.
    """
    alive: list[npt.NDArray[np.bool_]] = []
    x = inputs
    for number, (weights, bias) in enumerate(head.layers):
        if number:
            alive.append(x > 0)
            x = np.maximum(x, 0)
        x = x @ weights + bias
    back = logits
    for weights, _ in reversed(head.layers):
        back = weights @ back
        if alive:
            back = back * alive.pop()
    return back, float(x @ logits - inputs @ back)
