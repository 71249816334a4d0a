"""Parameters of many networks at once, and how they move: each network has its own values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ._plan import HeadPlan

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

__all__ = ["Parameter", "Steps"]

_RHO, _EPSILON = np.float32(0.95), np.float32(1e-7)  # Keras's constants of Adadelta


@dataclass
class Parameter:
    """One parameter array of all C networks.

    Attributes
    ----------
    value : ndarray of float32
    axis : int
        The axis that counts the networks.
    penalised : bool
        Whether L2 penalises it: weights, but neither biases nor batch norms.
    states : list of ndarray
        State of the optimiser, in the shape of the value.
    """

    value: Floats
    axis: int = 0
    penalised: bool = False
    states: list[Floats] = field(default_factory=list)

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Keep only some of the networks, bool (C,)."""
        self.value = np.compress(columns, self.value, self.axis)
        self.states = [np.compress(columns, state, self.axis) for state in self.states]

    def spread(self, of_each: Floats) -> Floats:
        """Reshape a number of each network, float32 (C,), to broadcast with the value."""
        return of_each.reshape([-1 if a == self.axis else 1 for a in range(self.value.ndim)])


class Steps:
    """SGD with momentum and a decaying rate, or Adadelta (Zeiler 2012), both as in Keras.

    Parameters
    ----------
    plans : sequence of HeadPlan, length T
        Plans with the same optimiser.
    copies : int
        Number of networks of each plan.
    """

    def __init__(self, plans: Sequence[HeadPlan], copies: int) -> None:
        self._adaptive = plans[0].optimizer == "adadelta"
        names = ("rate", "decay", "momentum", "l2")
        values = [[getattr(plan, name) for name in names] for plan in plans]
        columns = np.repeat(np.array(values, np.float32).T, copies, axis=1)
        self._rate, self._decay, self._momentum, self._l2 = columns
        self._taken = 0

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Go on with some of the networks, bool (C,)."""
        self._rate, self._decay = self._rate[columns], self._decay[columns]
        self._momentum, self._l2 = self._momentum[columns], self._l2[columns]

    @property
    def factor(self) -> Floats:
        """The factor of the gradient at the point where it enters, float32 (C,).

        Gradients of weights are linear in it, so that the largest arrays need no extra product.
        """
        return np.asarray(np.ones_like(self._rate) if self._adaptive else -self._rates)

    def move(self, parameters: Sequence[Parameter], gradients: Sequence[Floats]) -> None:
        """Update every parameter in place, by gradients that already hold the factor."""
        count = 2 if self._adaptive else 1
        for parameter, gradient in zip(parameters, gradients, strict=True):
            if not parameter.states:
                parameter.states = [np.zeros_like(parameter.value) for _ in range(count)]
            if parameter.penalised and self._l2.any():
                gradient = gradient + parameter.value * parameter.spread(self._l2 * self.factor)
            if self._adaptive:
                self._adadelta(parameter, gradient)
            else:
                (velocity,) = parameter.states
                velocity *= parameter.spread(self._momentum)
                velocity += gradient
                parameter.value += velocity
        self._taken += 1

    def _adadelta(self, parameter: Parameter, gradient: Floats) -> None:
        squares, moves = parameter.states
        squares *= _RHO
        squares += (1 - _RHO) * gradient**2
        move = gradient * np.sqrt((moves + _EPSILON) / (squares + _EPSILON))
        moves *= _RHO
        moves += (1 - _RHO) * move**2
        parameter.value -= parameter.spread(self._rates) * move

    @property
    def _rates(self) -> Floats:
        return np.asarray(self._rate / (1 + self._decay * np.float32(self._taken)), np.float32)
