"""A search over values of the run's own recipe: each trial trains a network."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...base import Clock, Progress, require
from ...errors import RecipeError
from ...recipes import Choice, Recipe, Search, Train, Values, override
from ..search import Drawn, Study, open_storage, plain, summary
from ._head_search import JOURNAL, study_name
from ._method import Fitted, TrainingJob, TrainingMethod
from ._network import NetworkTraining

__all__ = ["RecipeSearch"]


class RecipeSearch(TrainingMethod):
    """A training that trains a network for every trial, and measures the best one.

    Each value has been tried in the recipe before the run begins. Values that turn out not to go
    together, or not with these photos, end their trial and not the search. The loss of a trial is
    that of the photos that validate, of the weights that would ship. The best trial has trained on
    everything that trains, so its network is taken as it is; where another process trained it, it
    is trained once more.
    """

    _number: int
    _phase: Search
    _study: str
    _storage: Any

    def prepare(self) -> None:
        """Try every value in the recipe, and open the storage."""
        require("optuna", extra="tune")
        job, recipe = self.job, self.job.recipe
        ((self._number, self._phase),) = recipe.phases_of(Search).items()
        _check(recipe, self._phase.values())
        rows = job.table.rows("train")
        self._study = study_name(job, rows, job.find_backbones(), [recipe.precision])
        self._storage = open_storage(job.options.storage) if job.options.storage else None

    def train(self, clock: Clock, progress: Progress | None) -> Fitted:
        """Run the trials, then take over the network of the best one."""
        job = self.job
        with clock.step("search"):
            storage = self._storage or open_storage(job.work.parent / JOURNAL)
            with Study(self._phase, storage, self._study, job.recipe.seed) as study:
                _Trials(study, job, progress).run_all()
                report = summary(study)
        best = report["best"]
        training = NetworkTraining(trial_job(job, best["trial"], best["values"]))
        training.prepare()
        fitted = training.train(clock, progress)
        number = self._number
        start = {"phase": number, "do": "search"}
        words = f"Tried {len(report['trials'])}; least validation loss {best['loss']:.4f}"
        rows = [{"phase": number, "do": "trial", **row} for row in report["trials"]]
        history = [start | {"words": words}, *rows, *fitted.results.history]
        return replace(fitted, results=replace(fitted.results, search=report, history=history))


def put_in(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """Return the recipe with values put in at their paths."""
    return override(recipe, [f"{path}={json.dumps(value)}" for path, value in values.items()])


def trial_job(job: TrainingJob, number: int, values: Mapping[str, Any]) -> TrainingJob:
    """Make the job of one trial: its values in the recipe, and its own folder."""
    options = replace(job.options, recipe=put_in(job.recipe, values))
    return replace(job, options=options, work=job.work / trial_folder(number, values))


class _Trials:
    """A loop that runs trials one by one, and keeps the files of the best so far."""

    def __init__(self, study: Study, job: TrainingJob, progress: Progress | None) -> None:
        self._study, self._job, self._progress = study, job, progress

    def run_all(self) -> None:
        """Run trials until the search is over; only the files of the best one stay."""
        self._study.run(1, self._run, self._progress)
        self._tidy()  # a process that died may have told its last trial's end and no more

    def _run(self, drawn: Sequence[Drawn]) -> None:
        """Train each trial, and tell the study its loss."""
        for trial in drawn:
            start = time.perf_counter()
            try:
                loss, facts = self._train(trial)
            except RecipeError as error:
                loss, facts = math.nan, {"error": str(error)}
            facts["seconds"] = round(time.perf_counter() - start, 2)
            self._study.tell(trial, loss, facts)
            self._tidy()

    def _train(self, trial: Drawn) -> tuple[float, dict[str, Any]]:
        job = trial_job(self._job, trial.number, trial.values)
        training = NetworkTraining(job, shared=self._job.work / "shared")
        training.prepare()
        return _shipped_loss(job.recipe, training.train_network(self._progress).history)

    def _tidy(self) -> None:
        """Remove the files of trials that ended without being the best; checkpoints are large.

        They are found by the storage, so that files of a process that died are removed too.
        """
        best = self._study.best()
        for trial in self._study.ended():
            values = plain(trial.params, self._study.space)
            if best is None or trial.number != best.number:
                folder = self._job.work / trial_folder(trial.number, values)
                shutil.rmtree(folder, ignore_errors=True)


def trial_folder(number: int, values: Mapping[str, Any]) -> str:
    """Return the folder of a trial's files; a process that takes the trial over finds them there.

    In another storage the same number may stand for other values, whose files must not be taken.
    """
    digest = hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()
    return f"trial-{number:04}-{digest[:8]}"


def _shipped_loss(
    recipe: Recipe, rows: Sequence[Mapping[str, Any]]
) -> tuple[float, dict[str, Any]]:
    """Return the validation loss of the weights that ship, and the losses by epoch."""
    epochs = [row for row in rows if row.get("do") == "train"]
    last = [row for row in epochs if row["phase"] == epochs[-1]["phase"]]
    losses = [math.inf if row["valid_loss"] is None else row["valid_loss"] for row in last]
    plan = recipe.phases_of(Train)[last[-1]["phase"]]
    best = losses.index(min(losses)) if plan.early_stopping else len(losses) - 1
    return losses[best], {"losses": [row["valid_loss"] for row in last], "best_epoch": best + 1}


def _check(recipe: Recipe, space: Mapping[str, Values]) -> None:
    """Try each value in the recipe, beside the first values of other keys; ranges by their ends.

    Raises
    ------
    RecipeError
        A path leads nowhere, or a value is out of range.
    """
    every = {name: _ends(scale) for name, scale in space.items()}
    first = {name: values[0] for name, values in every.items()}
    for name, values in every.items():
        for value in values:
            put_in(recipe, first | {name: value})


def _ends(values: Values) -> tuple[Any, ...]:
    if isinstance(values, Choice):
        return values.values
    kind = int if values.kind == "whole" else float
    return kind(values.low), kind(values.high)
