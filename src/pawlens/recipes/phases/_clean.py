"""The phase that takes doubtful photos out of the training."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._blocks import NOTHING_COMES
from ._phase import Phase
from ._session import TrainingSteps

__all__ = ["Clean"]


class Clean(Phase):
    """Set aside photos of the training part that the network, as it is, does not believe.

    Attributes
    ----------
    below : float
        Probability of a photo's own class under which it no longer trains.
    """

    do: Literal["clean"]
    below: Annotated[float, Field(gt=0, lt=1)] = 0.3

    needs_head: ClassVar[bool] = True
    needs_train: ClassVar[str] = NOTHING_COMES

    def words(self) -> str:
        """Say which photos no longer train."""
        return (
            f"Photos of the training part whose own class has a probability under {self.below:g} "
            "no longer train."
        )

    def run(self, session: TrainingSteps) -> None:
        """Take them out."""
        session.clean(self.below)
