"""The phase that puts a head on the backbones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .._language import joined
from ._phase import Phase
from ._session import TrainingSteps

__all__ = ["Fuse"]

_STARTS = {
    "random": "It starts at random.",
    "logistic": "It starts as the logistic head, fitted on features of unit length.",
}


class Fuse(Phase):
    """Put a head on the pooled features of all backbones, side by side.

    Attributes
    ----------
    hidden : list of int
        Widths of hidden layers, each followed by ReLU.
    dropout : float
        Share of the values dropped before every linear layer.
    batch_norm : bool
        Whether the features pass a batch norm before the first layer.
    init : {"random", "logistic"}
        ``logistic`` starts from the default head, fitted on cached features of the training part;
        it needs ``hidden: []`` and ``batch_norm: false``, and scales features to unit length.
    """

    do: Literal["fuse"]
    hidden: list[Annotated[int, Field(ge=1)]] = Field(default=[])
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch_norm: bool = False
    init: Literal["random", "logistic"] = "random"

    once: ClassVar[str] = "it would throw away the head that was trained; leave it out"

    @property
    def puts_on_head(self) -> bool:
        """Always True."""
        return True

    def words(self) -> str:
        """Say which layers the head has, and how it starts."""
        if self.hidden:
            widths = joined([str(width) for width in self.hidden])
            head = f"A head with hidden layers of {widths} (ReLU)"
        else:
            head = "A linear head"
        extras = [
            "batch norm before them" if self.batch_norm else "",
            f"dropout {self.dropout:g} before each layer" if self.dropout else "",
        ]
        tail = "".join(f", {extra}" for extra in extras if extra)
        return f"{head} on the pooled features{tail}. {_STARTS[self.init]}"

    def check(self, before: Sequence[Phase], after: Sequence[Phase]) -> str:
        """Refuse a start from the logistic head where the head is not linear."""
        if self.init == "logistic" and (self.hidden or self.batch_norm):
            return "init: logistic is a linear head; it needs hidden: [] and batch_norm: false"
        return ""

    def run(self, session: TrainingSteps) -> None:
        """Build the network."""
        session.fuse(self)
