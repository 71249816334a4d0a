"""Explaining one photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..base import read_regular
from ..photos import decode
from ._explainer import Explains
from ._explanation import Explanation

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["explain"]


class _Model(Protocol):
    def explainer(self) -> Explains: ...


def explain(
    model: _Model, photo: str | Path | npt.NDArray[np.uint8], of: str | None = None
) -> Explanation:
    """Explain one answer of a model; of many photos open ``model.explainer()`` once.

    Parameters
    ----------
    model : Model
        From `pawlens.load`.
    photo : path, or ndarray of uint8, shape (H, W, 3)
    of : str, optional
        Name of the class; the most probable one by default.

    Raises
    ------
    UnreadablePhoto
        The photo cannot be decoded.
    UsageError
        There is no such class, or no backbone has a map to give.
    """
    pixels = decode(read_regular(Path(photo))) if isinstance(photo, str | Path) else photo
    return model.explainer().explain(pixels, of)
