"""How much of each photo its features come from: the size of the subject, as a model sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Progress, tell
from ..errors import UsageError
from ..export import CELLS, find_window
from ..features import WholePhotos, picture_batches
from ..photos import Photos
from ._model import Model
from ._views import answer_views, open_view_engine

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["subject_shares"]


def subject_shares(model: Model, photos: Photos, *, progress: Progress | None = None) -> Floats:
    """Measure the share of each photo's area that its features come from, float64 (n,).

    1 where that is most of the photo; NaN where the photo cannot be read.

    Raises
    ------
    UsageError
        The backbones have no map to give.
    """
    n, specs = len(photos), model.facts.backbones
    engine, mapped = open_view_engine(
        model.batched(),
        specs,
        photos=n,
        views=("subject",),
        precision=model.facts.precision("auto"),
    )
    if not mapped:
        raise UsageError("the features of this model have no places, so no subject can be found")
    shares = np.full(n, np.nan)
    pictures = WholePhotos(photos, scale=model.facts.scale)
    batches = picture_batches(pictures, range(n), specs, engine.batch_size)
    done = 0
    for rows, answers in answer_views(engine, batches, len(specs), ()):
        for row, cells in zip(rows, answers[0, 0, :, -CELLS:], strict=True):
            window = find_window(cells)
            shares[row] = (
                1.0 if window is None else (window[2] - window[0]) * (window[3] - window[1])
            )
        done += len(rows)
        tell(progress, "measuring subjects", done, n)
    return shares
