"""Diagnosis: why the wrong answers of a run are wrong, by the exported model and the photos."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...audit import distances, find_neither, find_quality, measure_appearance
from ...base import Progress, tell
from ...errors import MissingExtra, UnreadablePhoto, UsageError
from ...metrics import Evidence, FailureGroup, group_failures, photo_losses
from ...models import Model, answer_closely
from ...pages import mapped_rows
from ...photos import Side, jpeg, trim
from ._method import Fitted, TrainingJob
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["answer_maps", "find_failures"]

_OTHERS = 2000  # photos that define what is usual
_ASKED = 48  # wrong answers that are examined, eight views each


def find_failures(
    model: Model,
    job: TrainingJob,
    fitted: Fitted,
    results: OneLabelResults,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> list[FailureGroup]:
    """Group the wrong answers of largest loss, at most 48 of them.

    Out-of-fold probabilities decide which answers are wrong. The reasons come from the model that
    ships, which trained on most of these photos: it errs towards their labels, and where it
    contradicts one all the same, that weighs more.

    Parameters
    ----------
    model : Model
        The exported model.
    job : TrainingJob
    fitted : Fitted
    results : OneLabelResults
        The results of `fitted`.
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
    photos, trimmed = table.photos.subset(rows), job.trimmed
    looks = answer_closely(
        model,
        photos,
        trimmed=[i for i, row in enumerate(rows) if row in trimmed],
        progress=progress,
    )
    among = _with_others(asked, len(evaluated), results.recipe.seed)
    far = find_neither(distances(fitted.matrix.of(evaluated[among]), proba[among].argmax(axis=1)))
    seen = measure_appearance(photos, [table.scans[row].sha256 for row in rows], cache_dir=cache)
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
    """Return the asked places, then a sample of others, which shows what is usual."""
    others = np.setdiff1d(np.arange(count), asked)
    return np.concatenate([asked, np.random.default_rng(seed).permutation(others)[:_OTHERS]])


def answer_maps(
    model: Model, job: TrainingJob, results: OneLabelResults, progress: Progress | None = None
) -> dict[int, bytes]:
    """Make the maps that the report shows, as JPEG, by place among the evaluated photos.

    A map explains the predicted class, in the model that ships. There are none where
    the model cannot be explained, and none for a photo that can no longer be read.
    """
    table, proba = job.table, results.calibration.proba
    cut = job.trimmed if job.recipe.borders == "keep" else frozenset[int]()
    places = mapped_rows(table.label[results.evaluated], proba)
    maps: dict[int, bytes] = {}
    try:
        explainer = model.explainer()
    except UsageError:
        return maps
    for done, place in enumerate(places, start=1):
        row = int(results.evaluated[place])
        with suppress(UnreadablePhoto, MissingExtra):
            pixels = table.photos.decode(row)  # whole, as `pawlens explain` sees it
            pixels = trim(pixels) if row in cut else pixels
            explanation = explainer.explain(pixels, table.classes[int(proba[place].argmax())])
            maps[place] = jpeg(explanation.shrunk(Side.SHEET).overlay())
        tell(progress, "explaining", done, len(places))
    return maps
