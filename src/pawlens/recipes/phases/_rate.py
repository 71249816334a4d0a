"""The phase that finds a learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .._facts import MINIMUM_DIVISOR
from .._language import part_in_words
from ._phase import Phase
from ._session import TrainingSteps

__all__ = ["FindRate"]

_Positive = Annotated[float, Field(gt=0)]
_ITS_OPTIMISER = ", whose optimiser it tries"
_RULES = {
    "valley": "the valley of the median curve",
    "slide": "the end of the longest slide of the median curve",
    "steep": "the steepest point of the median curve",
    "minimum": "{part} of the rate of least loss of the median curve",
}


class FindRate(Phase):
    """Find a learning rate (Smith 2015) with the optimiser of the next ``train`` phase.

    Attributes
    ----------
    rule : {"valley", "slide", "steep", "minimum"}
        The suggestion that ``rate: found`` takes; ``minimum`` is a tenth of the rate of least loss.
    low, high : float
        Lowest and highest learning rate of a sweep.
    steps : int
        Number of steps of a sweep.
    sweeps : int
        Number of sweeps, whose median curve is read.
    """

    do: Literal["find_rate"]
    rule: Literal["valley", "slide", "steep", "minimum"] = "valley"
    low: _Positive = 1e-6
    high: _Positive = 1.0
    steps: Annotated[int, Field(ge=20)] = 60
    sweeps: Annotated[int, Field(ge=1)] = 3

    needs_head: ClassVar[bool] = True
    needs_train: ClassVar[str] = _ITS_OPTIMISER

    def words(self) -> str:
        """Describe the sweep, and what is read from it."""
        rule = _RULES[self.rule].format(part=part_in_words(MINIMUM_DIVISOR))
        times = {1: "once", 2: "twice"}.get(self.sweeps, f"{self.sweeps} times")
        return (
            f"Raise the learning rate from {self.low:g} to {self.high:g} in {self.steps} steps, "
            f"{times}, and take {rule}."
        )

    def check(self, before: Sequence[Phase], after: Sequence[Phase]) -> str:
        """Ask for a built-in train, whose optimiser it needs, and for ends in their order."""
        if not any(phase.do == "train" for phase in after):
            return f"find_rate needs a train after it{_ITS_OPTIMISER}"
        if self.low >= self.high:
            return f"low = {self.low:g} must be below high = {self.high:g}"
        return ""

    def run(self, session: TrainingSteps) -> None:
        """Sweep the learning rate."""
        session.find_rate(self)
