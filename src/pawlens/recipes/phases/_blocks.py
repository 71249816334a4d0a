"""Phases that decide which blocks of the backbones train: freeze, unfreeze, cache_split."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ._phase import Phase
from ._session import TrainingSteps

__all__ = ["NOTHING_COMES", "CacheSplit", "Freeze", "Unfreeze"]

NOTHING_COMES = "; without one nothing comes of it"


class Freeze(Phase):
    """Close every backbone: weights and batch-norm statistics stay as they are."""

    do: Literal["freeze"]

    needs_head: ClassVar[bool] = True

    def words(self) -> str:
        """Say what still trains."""
        return "Close the backbones: only the head trains."

    def run(self, session: TrainingSteps) -> None:
        """Close all blocks."""
        session.open_blocks(0)


class Unfreeze(Phase):
    """Open the last blocks of every backbone.

    Attributes
    ----------
    blocks : "all" or int
        Number of blocks, counted from the end, in timm's own grouping.
    batch_norm : {"frozen", "trained"}
        Whether statistics of open batch norms follow the photos; their scale and shift train
        either way.
    """

    do: Literal["unfreeze"]
    blocks: Literal["all"] | Annotated[int, Field(ge=1)] = "all"
    batch_norm: Literal["frozen", "trained"] = "frozen"

    needs_head: ClassVar[bool] = True
    needs_train: ClassVar[str] = NOTHING_COMES

    @property
    def needs_body(self) -> bool:
        """Always True: blocks are parts of the backbones."""
        return True

    def words(self) -> str:
        """Say which blocks open, and what their batch norms do."""
        if self.blocks == "all":
            what = "every backbone, whole"
        else:
            last = "the last block" if self.blocks == 1 else f"the last {self.blocks} blocks"
            what = f"{last} of every backbone"
        norm = {"frozen": "stay as they are", "trained": "follow the photos"}[self.batch_norm]
        return f"Open {what}; statistics of its batch norms {norm}."

    def run(self, session: TrainingSteps) -> None:
        """Open the blocks."""
        session.open_blocks(self.blocks, self.batch_norm)


class CacheSplit(Phase):
    """Cut the network, keep the activations at the cut, and train only what follows from them.

    Attributes
    ----------
    blocks : int
        Number of blocks after the cut, counted from the end; 0 keeps pooled features, so that the
        head alone trains.
    """

    do: Literal["cache_split"]
    blocks: Annotated[int, Field(ge=0)] = 0

    needs_head: ClassVar[bool] = True
    needs_train: ClassVar[str] = NOTHING_COMES

    @property
    def needs_body(self) -> bool:
        """Whether the cut lies inside the backbones."""
        return self.blocks > 0

    def words(self) -> str:
        """Say where the cut is."""
        if not self.blocks:
            return "Keep the pooled features; the head alone trains from here on, on these."
        what = "block" if self.blocks == 1 else f"{self.blocks} blocks"
        return (
            f"Cut each backbone before its last {what} and keep the activations there; only what "
            "follows the cut trains from here on, on these."
        )

    def run(self, session: TrainingSteps) -> None:
        """Cut the network."""
        session.cache_split(self.blocks)
