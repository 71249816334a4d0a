"""The examination of the exported model: other views, reasons for wrong answers, slices, maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ...base import Clock, Progress
from ...models import load
from ...photos import find_shortcuts
from ...runs import MODEL
from ._advice import advise
from ._diagnosis import answer_maps, find_failures
from ._find_slices import find_slices
from ._method import Fitted, RunOptions
from ._phases import PhasesOfRun
from ._results import Examination
from ._results_one_label import OneLabelResults
from .auto import OutOfTime

__all__ = ["examine"]

Found = TypeVar("Found")

_WRITING = 2.0  # seconds that the files and the report take


def examine(steps: PhasesOfRun, fitted: Fitted, clock: Clock) -> Examination:
    """Examine the exported model; where a given time is over, say what was left out."""
    results, job = fitted.results, steps.job
    model = load(steps.folder / MODEL)
    steps.exported(model, results)
    for phase in job.recipe.phases:
        phase.after_export(steps)
    parts = _Parts(job.options, clock, steps.progress)
    kept = np.array([role == "train" for role in job.table.role])
    shortcuts = parts.find(
        "shortcuts",
        "traits of files that tell the classes apart",
        lambda told: find_shortcuts(
            job.table.photos, job.table.scans, kept=kept, cache_dir=job.cache, progress=told
        ),
    )
    if not isinstance(results, OneLabelResults):
        return Examination(
            views=steps.views,
            shortcuts=shortcuts or [],
            choice=job.options.choice,
            left_out=parts.left_out,
        )
    failures = parts.find(
        "failures",
        "the reasons for wrong answers",
        lambda told: find_failures(model, job, fitted, results, cache=job.cache, progress=told),
    )
    slices = parts.find("slices", "slices", lambda told: find_slices(job, results, told))
    maps = parts.find("failures", "maps", lambda told: answer_maps(model, job, results, told))
    return Examination(
        views=steps.views,
        failures=failures,
        advice=advise(results, failures or []),
        maps=maps or {},
        shortcuts=shortcuts or [],
        slices=slices,
        choice=job.options.choice,
        left_out=parts.left_out,
    )


@dataclass
class _Parts:
    """The parts of an examination, each of which a run can do without."""

    options: RunOptions
    clock: Clock
    progress: Progress | None
    left_out: list[str] = field(default_factory=list)

    def find(self, step: str, words: str, part: Callable[[Progress | None], Found]) -> Found | None:
        """Do a part, unless the time that was given for the run is over or ends meanwhile."""
        deadline = self.options.deadline
        with self.clock.step(step):
            if deadline is None:
                return part(self.progress)
            try:
                if deadline.left > _WRITING:
                    return part(deadline.until(_WRITING, self.progress))
            except OutOfTime:
                pass
        self.left_out.append(words)
        return None
