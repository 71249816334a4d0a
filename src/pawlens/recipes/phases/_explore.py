"""The phase that shows the photos before anything is trained."""

from __future__ import annotations

from typing import ClassVar, Literal

from ._phase import Phase
from ._session import RunSteps

__all__ = ["Explore"]


class Explore(Phase):
    """Write the exploration page beside the run: counts, shapes, samples."""

    do: Literal["explore"]

    once: ClassVar[str] = "both write the same page; leave it out"

    def words(self) -> str:
        """Say what is on the page."""
        return "Write a page to look at first: counts, shapes, samples."

    def before_training(self, run: RunSteps) -> None:
        """Write the page."""
        run.explore()
