"""The entry point: run the phases of a recipe; torch is imported only when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import Backbone
from ..base import Progress, require
from ..heads import Head
from ..recipes import Recipe
from ._data import Data, Place

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._session import Session

__all__ = ["Trained", "train_network"]


@dataclass(frozen=True)
class Trained:
    """A network after its last phase.

    Attributes
    ----------
    history : list of dict
        Rows of ``history.jsonl``.
    set_aside : ndarray of int64
        Rows of `Data` that a phase such as ``clean`` took out of training.
    changed : bool
        Whether a body differs from the backbone that it was.
    """

    history: list[dict[str, Any]]
    set_aside: npt.NDArray[np.int64]
    changed: bool
    _session: Session

    def head(self) -> Head:
        """The trained head as it is exported."""
        return self._session.network.head.exported()

    def backbones(self, folder: Path) -> Sequence[Backbone]:
        """Return the backbones; where bodies were trained, new graphs of them, kept in `folder`."""
        return self._session.trained_backbones(folder)


def train_network(
    recipe: Recipe, data: Data, place: Place, progress: Progress | None = None
) -> Trained:
    """Run every phase of a recipe that concerns the network.

    Each phase leaves a file in ``place.folder``; run again after an interruption, the phases that
    are done are read back, and the one that was cut off goes on from its last checkpoint.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    place : Place
    progress : callable, optional

    Raises
    ------
    MissingExtra
        torch is not installed.
    RecipeError
        A phase cannot be done with these backbones or photos.
    """
    require("torch", extra="torch")
    from ._session import Session

    session = Session(recipe, data, place, progress)
    session.run()
    set_aside = np.setdiff1d(data.train, session.train_rows)
    return Trained(session.history, set_aside, session.changed, session)
