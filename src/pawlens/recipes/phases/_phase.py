"""The base class of the phases of a recipe: data, and what the phase does with them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from ._session import RunSteps, TrainingSteps

__all__ = ["Phase", "PlainValues"]


class PlainValues(BaseModel):
    """Values of a recipe: an unknown key is refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Phase(PlainValues, ABC):
    """One step of a recipe.

    A subclass names itself by ``do: Literal["its_name"]``, declares its values as fields, with
    types that YAML can hold, and overrides what concerns it. A phase acts before the training
    (`before_training`), on the network (`run`), or after the model was exported (`after_export`).

    Attributes
    ----------
    do : str
        The name of the phase in a recipe.
    needs_head : bool
        Whether a head must have been put on before it.
    needs_train : str
        Reason why a phase that trains must come after it; empty if none need.
    once : str
        Reason why a recipe has it once, and what to do about a second one; empty if it may come
        again.
    comes_last : bool
        Whether only others that come last may follow.
    trains : bool
        Whether it trains what is open.
    """

    do: str

    needs_head: ClassVar[bool] = False
    needs_train: ClassVar[str] = ""
    once: ClassVar[str] = ""
    comes_last: ClassVar[bool] = False
    trains: ClassVar[bool] = False

    @property
    def puts_on_head(self) -> bool:
        """Whether the network has a head after it."""
        return False

    @property
    def needs_body(self) -> bool:
        """Whether it needs the weights of the backbones, and not their pooled features alone."""
        return False

    @property
    def acts_on_network(self) -> bool:
        """Whether it does anything while the network is trained."""
        return type(self).run is not Phase.run

    @abstractmethod
    def words(self) -> str:
        """Say what the phase does, in a sentence or a few; every value that matters is named."""

    def check(self, before: Sequence[Phase], after: Sequence[Phase]) -> str:
        """Say what is wrong with its values or place, and how to mend it; empty if nothing is."""
        return ""

    def check_other(self, other: Phase) -> str:
        """Say what is wrong with another phase beside this one; empty if nothing is."""
        return ""

    def before_training(self, run: RunSteps) -> None:
        """Act before anything is trained."""

    def run(self, session: TrainingSteps) -> None:
        """Act on the network.

        Raises
        ------
        RecipeError
            It cannot be done with these photos or this network.
        """

    def after_export(self, run: RunSteps) -> None:
        """Act when ``model.onnx`` lies in the run folder."""
