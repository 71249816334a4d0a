"""Why the wrong answers of a run are wrong, asked of the model that ships and of the photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...audit import distances, find_neither, find_quality, look_at_photos
from ...base import Progress
from ...metrics import Evidence, FailureGroup, group_failures, photo_losses
from ...models import Model, look_closer
from ._method import trimmed_rows
from ._results_one_label import Results

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["find_failures"]

_OTHERS = 2000  # photos that say what is usual
_ASKED = 48  # wrong answers that are looked at, eight times each


def find_failures(
    model: Model,
    results: Results,
    features: Callable[[Ints], Floats32],
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> list[FailureGroup]:
    """Group the wrong answers of largest loss, at most 48 of them.

    Which answers are wrong, out-of-fold probabilities tell. Why, the model that ships is asked,
    which trained on most of these photos: it errs towards their labels, and where it
    contradicts one all the same, that weighs more.

    Parameters
    ----------
    model : Model
        As exported.
    results : Results
    features : callable
        Row numbers of the table to what the head sees, float32 [n, D].
    cache : Path, optional
    progress : callable, optional
    """
    table, evaluated, proba = results.table, results.evaluated, results.calibration.proba
    label = table.label[evaluated]
    wrong = np.flatnonzero(proba.argmax(axis=1) != label)
    if not len(wrong):
        return []
    losses = photo_losses(label, proba)
    asked = wrong[np.argsort(-losses[wrong], kind="stable")[:_ASKED]]
    rows = evaluated[asked].tolist()
    photos, trimmed = table.photos.subset(rows), trimmed_rows(table, results.recipe)
    looks = look_closer(
        model,
        photos,
        trimmed=[i for i, row in enumerate(rows) if row in trimmed],
        progress=progress,
    )
    among = _with_others(asked, len(evaluated), results.recipe.seed)
    far = find_neither(distances(features(evaluated[among]), proba[among].argmax(axis=1)))
    seen = look_at_photos(photos, [table.scans[row].sha256 for row in rows], cache_dir=cache)
    evidence = Evidence(
        rows=asked,
        label=label[asked],
        turned=looks.turned,
        parts=looks.parts,
        small=np.array([window is not None for window in looks.subject]),
        poor=np.any([kind.found for kind in find_quality(seen)], axis=0),
        unlike=far.found[: len(asked)],
    )
    return group_failures(evidence)


def _with_others(asked: Ints, count: int, seed: int) -> Ints:
    """The asked places, then a sample of the others: enough to know what is usual."""
    others = np.setdiff1d(np.arange(count), asked)
    return np.concatenate([asked, np.random.default_rng(seed).permutation(others)[:_OTHERS]])
