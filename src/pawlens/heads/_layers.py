"""Many small networks of one shape, trained side by side as batched matrices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ._norms import Norm
from ._plan import HeadPlan
from ._steps import Parameter, Steps

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Pairs = list[tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]]

__all__ = ["Stack"]

_LEVELS = 256  # values of a random byte
_POOL = 1 << 22  # random bytes; each mask is a random window of them, as drawing is slow
_FRESH = 32  # windows before the bytes are drawn again


class Stack:
    """T plans that differ in their optimiser's values alone, F copies of each: C = T x F networks.

    All see the same rows, so the first layer of all is one matrix product. They also share their
    random numbers: a dropout mask is a valid one for each network, and that the masks of two
    networks are not independent makes them easier to compare (common random numbers).

    Parameters
    ----------
    plans : sequence of HeadPlan, length T
        Alike in hidden layers, batch norm, dropout and optimiser.
    copies : int
        F.
    inputs, outputs : int
        D, and K' logits: 1 for two classes.
    seed : int
        Seed of the hidden layers (uniform, Glorot and Bengio 2010) and of dropout. The last layer
        starts at zero, so that no class is favoured.
    """

    def __init__(
        self, plans: Sequence[HeadPlan], copies: int, inputs: int, outputs: int, seed: int
    ) -> None:
        self._copies = copies
        first, count = plans[0], len(plans) * copies
        rng = np.random.default_rng([seed, 1])
        self._bytes = np.random.Generator(np.random.SFC64([seed, 2]))
        # The first layer is (D, C, H), the others are (C, H, H'): as they are multiplied.
        self._weights: list[Parameter] = []
        self._bias: list[Parameter] = []
        for number, (rows, columns) in enumerate(pairwise([inputs, *first.hidden, outputs])):
            start = np.zeros((rows, columns), np.float32)
            if number < len(first.hidden):
                reach = np.sqrt(6 / (rows + columns))
                start = rng.uniform(-reach, reach, start.shape).astype(np.float32)
            axis = 0 if number else 1
            whole = np.repeat(np.expand_dims(start, axis), count, axis)
            self._weights.append(Parameter(whole, axis, penalised=True))
            self._bias.append(Parameter(np.zeros((count, 1, columns), np.float32)))
        self._norms = [Norm(count, width) for width in first.hidden] if first.batch_norm else []
        self._pool, self._used = np.empty(0, np.uint8), 0
        self._keep = max(1, round(_LEVELS * (1 - first.dropout)))
        self._steps = Steps(plans, copies)

    def drop(self, kept: npt.NDArray[np.bool_]) -> None:
        """Keep only some of the plans, bool (T,)."""
        columns = np.repeat(kept, self._copies)
        for parameter in self._parameters:
            parameter.drop(columns)
        for norm in self._norms:
            norm.drop(columns)
        self._steps.drop(columns)

    def train(self, x: Floats, share: Floats, gradient: Callable[[Floats], Floats]) -> None:
        """Take one optimiser step on a batch of rows.

        Parameters
        ----------
        x : ndarray of float32, shape (B, D)
        share : ndarray of float32, shape (C, B, 1)
            Weight of each row in each network's loss; 0 where the network must not train on it.
        gradient : callable
            Gradient of the loss with respect to logits (C, B, K').
        """
        inputs, passed = [self._dropped(x)], []
        z = self._first(inputs[0], self._weights[0].value) * self._gain + self._bias[0].value
        for number, weights in enumerate(self._weights[1:]):
            if self._norms:
                z = self._norms[number].train(z, share)
            passed.append((z > 0) & self._mask(z.shape[1:]))
            inputs.append(z * passed[-1] * self._gain)
            z = inputs[-1] @ weights.value + self._bias[number + 1].value
        back = gradient(z) * self._steps.factor[:, None, None]
        by_weights: list[Floats] = []
        by_norms: list[Floats] = []
        by_bias: list[Floats] = [back.sum(1, keepdims=True)]
        for number in range(len(passed) - 1, -1, -1):
            by_weights.insert(0, inputs[number + 1].transpose(0, 2, 1) @ back)
            back = back @ self._weights[number + 1].value.transpose(0, 2, 1)
            back = np.asarray(back * passed[number] * self._gain)
            if self._norms:
                back, *of_norm = self._norms[number].back(back)
                by_norms[:0] = of_norm
            by_bias.insert(0, back.sum(1, keepdims=True))
        flat = (back * self._gain).transpose(1, 0, 2).reshape(len(x), -1)
        by_weights.insert(0, (inputs[0].T @ flat).reshape(self._weights[0].value.shape))
        self._steps.move(self._parameters, [*by_weights, *by_bias, *by_norms])

    def logits(self, x: Floats, copy: int) -> Floats:
        """Compute the logits float32 (T, n, K') of one copy of each plan on rows (n, D)."""
        chosen = slice(copy, None, self._copies)
        z = self._first(x, self._weights[0].value[:, chosen]) + self._bias[0].value[chosen]
        for number, weights in enumerate(self._weights[1:]):
            if self._norms:
                z = self._norms[number].plain(z, chosen)
            z = np.maximum(z, 0) @ weights.value[chosen] + self._bias[number + 1].value[chosen]
        return z

    def layers(self, plan: int) -> Pairs:
        """Return weights (D, H) and bias (H,) of a plan's first copy, batch norms folded in."""
        network = plan * self._copies
        pairs: Pairs = []
        for number, (weights, bias) in enumerate(zip(self._weights, self._bias, strict=True)):
            matrix = np.take(weights.value, network, weights.axis).astype(np.float64)
            shift = bias.value[network, 0].astype(np.float64)
            if number < len(self._norms):
                scale, offset = self._norms[number].affine(network)
                matrix, shift = matrix * scale, shift * scale + offset
            pairs.append((matrix, shift))
        return pairs

    @property
    def width(self) -> int:
        """C, the number of networks that still train."""
        return len(self._bias[0].value)

    @property
    def _parameters(self) -> list[Parameter]:
        norms = [part for norm in self._norms for part in (norm.scale, norm.shift)]
        return [*self._weights, *self._bias, *norms]

    @property
    def _gain(self) -> np.float32:
        """The factor that makes up for the dropped values (inverted dropout)."""
        return np.float32(_LEVELS / self._keep)

    def _first(self, x: Floats, weights: Floats) -> Floats:
        """Multiply rows (B, D) with every network's (D, H), to (C, B, H)."""
        flat = x @ weights.reshape(len(weights), -1)
        return flat.reshape(len(x), weights.shape[1], -1).transpose(1, 0, 2)

    def _dropped(self, x: Floats) -> Floats:
        return x if self._keep == _LEVELS else np.multiply(x, self._mask(x.shape))

    def _mask(self, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
        """Draw a dropout mask, True where a value stays; networks share it."""
        if self._keep == _LEVELS:
            return np.ones(shape, bool)
        size = int(np.prod(shape))
        if self._used % _FRESH == 0 or size > len(self._pool) // 2:
            self._pool = np.frombuffer(self._bytes.bytes(max(_POOL, 2 * size)), np.uint8)
        self._used += 1
        start = int(self._bytes.integers(len(self._pool) - size))
        return (self._pool[start : start + size] < self._keep).reshape(shape)
