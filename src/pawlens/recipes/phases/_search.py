"""The phase that looks for the best values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from .._facts import RUNGS
from .._language import joined_or
from ._phase import Phase
from ._space import Range, Values, published_space, read_values, wrong_space

__all__ = ["Search"]

_Count = Annotated[int, Field(ge=1, le=1_000_000)]
_HEADS = {"dense": "dropout and one linear layer", "mlp": "dropout and hidden layers"}
_SAMPLERS = {"tpe": "Parzen estimators (TPE)", "random": "chance"}


class Search(Phase):
    """Look for the best values: many trials on the photos that train, then the best in full.

    Attributes
    ----------
    head : {"dense", "mlp"} or None
        Kind of the heads that are trained on cached features: dropout and one linear layer, or
        hidden layers too. None searches values of the recipe itself, and each trial trains its
        network.
    trials : int
        Number of trials.
    sampler : {"tpe", "random"}
        Tree-structured Parzen estimators (Bergstra et al. 2011), or chance.
    pruner : {"none", "asha"}
        ``asha`` ends trials that are behind at 5, 15, 45 ... epochs (successive halving, Li et al.
        2020); heads only.
    together : int
        Number of heads that are drawn at once, and trained side by side.
    epochs, patience, batch : int
        Limits of the training of each head: the most epochs, the epochs without a better loss
        after which it stops, and the photos in a batch.
    space : dict
        Values to try, by name (``rate``, ``decay``, ``momentum``, ``dropout``, ``l2``,
        ``optimizer``; for ``mlp`` also ``hidden`` and ``batch_norm``), or without a head by path in
        the recipe: ``{log: [low, high]}``, ``{uniform: [low, high]}``, ``{whole: [low, high]}``, a
        list to choose from, or one value. The default is system B's.
    """

    do: Literal["search"]
    head: Literal["dense", "mlp"] | None = "dense"
    trials: _Count = 100
    sampler: Literal["tpe", "random"] = "tpe"
    pruner: Literal["none", "asha"] = "none"
    together: _Count = 20
    epochs: _Count = 200
    patience: _Count = 8
    batch: Annotated[int, Field(ge=2)] = 128
    space: dict[str, Any] = Field(default={})

    once: ClassVar[str] = "a recipe has one; leave it out"

    @model_validator(mode="before")
    @classmethod
    def _published(cls, values: Any) -> Any:
        if not isinstance(values, Mapping) or values.get("space"):
            return values
        return {**values, "space": published_space(values.get("head", "dense"))}

    def values(self) -> dict[str, Values]:
        """Read the space, in which `wrong_space` has found nothing wrong."""
        return {name: read_values(written) for name, written in self.space.items()}

    @property
    def puts_on_head(self) -> bool:
        """Whether it searches heads and trains the best of them."""
        return self.head is not None

    def words(self) -> str:
        """Say what is tried, how it is drawn, and what comes of it."""
        how = _SAMPLERS[self.sampler]
        space = "; ".join(f"{name} {_in_words(values)}" for name, values in self.values().items())
        if self.head is None:
            return f"{self.trials} trials of the phases that follow, drawn by {how}: {space}."
        least, times = RUNGS
        rungs = ", ".join(str(least * times**n) for n in range(3))
        pruned = f"; those behind at {rungs} ... epochs are ended" if self.pruner == "asha" else ""
        return (
            f"{self.trials} heads ({_HEADS[self.head]}) on cached features, drawn by {how}: "
            f"{space}. Each trains at most {self.epochs} epochs in batches of {self.batch}, "
            f"stopping after {self.patience} without a better out-of-fold loss{pruned}. The best "
            "is trained anew on all of these photos."
        )

    def check(self, before: Sequence[Phase], after: Sequence[Phase]) -> str:
        """Check its space, and that it stands before the phases that it varies."""
        if self.space and self.head is None and self.pruner != "none":
            return "pruner: asha goes with a head; a network's trials are trained to their end"
        wrong = wrong_space(self.space, self.head)
        if wrong or self.head is not None:
            return wrong
        if any(phase.do != "explore" for phase in before):
            return "a search of the recipe's own values comes before the phases that it varies"
        if not any(phase.do == "train" for phase in after):
            return "a search of the recipe's own values needs a train, whose loss it compares"
        return ""

    def check_other(self, other: Phase) -> str:
        """Refuse other phases that act on a network, since the search itself trains heads."""
        if self.head is None or not other.acts_on_network:
            return ""
        return f"{other.do} goes with no search of heads, which fuses and trains; leave it out"


def _in_words(values: Values) -> str:
    if isinstance(values, Range):
        logarithm = {"log": " (logarithm)", "uniform": "", "whole": " (whole)"}[values.kind]
        return f"{values.low:g} to {values.high:g}{logarithm}"
    return joined_or(
        [f"{value:g}" if type(value) is float else str(value) for value in values.values]
    )
