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

_RHO, _EPSILON = np.float32(0.95), np.float32(1e-7)  # of Adadelta in Keras


@dataclass
class Parameter:
    """One array of all C networks.

    Attributes
    ----------
    value : ndarray of float32
    axis : int
        Which of its axes counts the networks.
    penalised : bool
        Whether L2 holds it back: weights, but neither biases nor batch norms.
    states : list of ndarray
        What the optimiser remembers, shaped like the value.
    """

    value: Floats
    axis: int = 0
    penalised: bool = False
    states: list[Floats] = field(default_factory=list)

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Go on with some of the networks, bool [C]."""
        self.value = np.compress(columns, self.value, self.axis)
        self.states = [np.compress(columns, one, self.axis) for one in self.states]

    def spread(self, of_each: Floats) -> Floats:
        """A number of each network, float32 [C], in a shape that goes with the value."""
        return of_each.reshape([-1 if a == self.axis else 1 for a in range(self.value.ndim)])


class Steps:
    """SGD with momentum and a decaying rate, or Adadelta (Zeiler 2012), both as in Keras.

    Parameters
    ----------
    plans : sequence of HeadPlan, length T
        With the same optimiser.
    copies : int
        Networks of each plan.
    """

    def __init__(self, plans: Sequence[HeadPlan], copies: int) -> None:
        self._adaptive = plans[0].optimizer == "adadelta"
        names = ("rate", "decay", "momentum", "l2")
        values = [[getattr(one, name) for name in names] for one in plans]
        columns = np.repeat(np.array(values, np.float32).T, copies, axis=1)
        self._rate, self._decay, self._momentum, self._l2 = columns
        self._taken = 0

    def drop(self, columns: npt.NDArray[np.bool_]) -> None:
        """Go on with some of the networks, bool [C]."""
        self._rate, self._decay = self._rate[columns], self._decay[columns]
        self._momentum, self._l2 = self._momentum[columns], self._l2[columns]

    @property
    def factor(self) -> Floats:
        """By which the slope is multiplied where it enters, float32 [C].

        Slopes of weights are linear in it, so that the largest arrays need no product of their own.
        """
        return np.asarray(np.ones_like(self._rate) if self._adaptive else -self._rates)

    def move(self, parameters: Sequence[Parameter], slopes: Sequence[Floats]) -> None:
        """Change every parameter in place, by slopes that hold the factor."""
        count = 2 if self._adaptive else 1
        for one, slope in zip(parameters, slopes, strict=True):
            if not one.states:
                one.states = [np.zeros_like(one.value) for _ in range(count)]
            if one.penalised and self._l2.any():
                slope = slope + one.value * one.spread(self._l2 * self.factor)
            if self._adaptive:
                self._adadelta(one, slope)
            else:
                (velocity,) = one.states
                velocity *= one.spread(self._momentum)
                velocity += slope
                one.value += velocity
        self._taken += 1

    def _adadelta(self, one: Parameter, slope: Floats) -> None:
        squares, moves = one.states
        squares *= _RHO
        squares += (1 - _RHO) * slope**2
        move = slope * np.sqrt((moves + _EPSILON) / (squares + _EPSILON))
        moves *= _RHO
        moves += (1 - _RHO) * move**2
        one.value -= one.spread(self._rates) * move

    @property
    def _rates(self) -> Floats:
        return np.asarray(self._rate / (1 + self._decay * np.float32(self._taken)), np.float32)
