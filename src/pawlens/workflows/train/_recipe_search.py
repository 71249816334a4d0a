"""A run that searches values of its own recipe: each trial trains a network as it says."""

from __future__ import annotations

import json
import math
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...audit import Decision
from ...backbones import find_backbone
from ...base import Clock, Progress, require
from ...errors import RecipeError
from ...photos import Table
from ...recipes import Choice, Recipe, Search, Train, Values, override
from ..search import Drawn, Study, open_storage, summary
from ._head_search import JOURNAL, study_name
from ._method import Outcome, Settings, Training
from ._network import network_training, prepared_training

__all__ = ["recipe_search"]


def recipe_search(
    table: Table, settings: Settings, decisions: list[Decision], cache: Path, work: Path
) -> Training:
    """Open the storage; what is returned trains every trial and measures the best one.

    Each value has been tried in the recipe by then. Values that turn out not to go together, or
    not with these photos, end their trial and not the search. The loss of a trial is that of the
    photos that validate, of the weights that would ship. The best trial has trained on everything
    that trains, so its network is taken as it is; where another process trained it, it is trained
    once more.
    """
    require("optuna", extra="tune")
    recipe = settings.recipe
    phase = next(one for one in recipe.phases if isinstance(one, Search))
    _check(recipe, phase.values())
    backbones = [
        find_backbone(name, weights_dir=settings.weights_dir, cache_dir=cache)
        for name in recipe.backbones
    ]
    name = study_name(table, recipe, table.rows("train"), backbones, [recipe.precision])
    storage = open_storage(settings.storage) if settings.storage else None

    def train(clock: Clock, progress: Progress | None) -> Outcome:
        with clock.step("search"):
            kept = storage or open_storage(work.parent / JOURNAL)
            with Study(phase, kept, name, recipe.seed) as study:
                trials = _Trials(study, table, settings, cache, work, progress)
                study.run(1, trials.run, progress)
                found = summary(study)
        best = replace(settings, recipe=put_in(recipe, found["best"]["values"]))
        folder = work / trials.folder(found["best"]["origin"])
        outcome = network_training(table, best, decisions, cache, folder)(clock, progress)
        number = recipe.phases.index(phase)
        start = {"phase": number, "do": "search"}
        words = f"Tried {len(found['trials'])}; least validation loss {found['best']['loss']:.4f}"
        rows = [{"phase": number, "do": "trial", **row} for row in found["trials"]]
        history = [start | {"words": words}, *rows, *outcome.results.history]
        return replace(outcome, results=replace(outcome.results, search=found, history=history))

    return train


def put_in(recipe: Recipe, values: Mapping[str, Any]) -> Recipe:
    """The recipe with values at their paths."""
    return override(recipe, [f"{path}={json.dumps(value)}" for path, value in values.items()])


class _Trials:
    """Runs trials one by one, and keeps the files of the best so far."""

    def __init__(
        self,
        study: Study,
        table: Table,
        settings: Settings,
        cache: Path,
        work: Path,
        progress: Progress | None,
    ) -> None:
        self._study, self._table, self._settings = study, table, settings
        self._cache, self._work, self._progress = cache, work, progress
        self._best: tuple[float, int] | None = None

    @staticmethod
    def folder(origin: int) -> str:
        """Of a trial's files; a trial that is put back finds those that it left."""
        return f"trial-{origin:04}"

    def run(self, drawn: Sequence[Drawn]) -> None:
        """Train each trial and tell its loss."""
        for one in drawn:
            start = time.perf_counter()
            try:
                loss, facts = self._trained(one)
            except RecipeError as error:
                loss, facts = math.nan, {"error": str(error)}
            facts |= {"seconds": round(time.perf_counter() - start, 2), "origin": one.origin}
            self._study.tell(one, loss, facts)
            self._tidy(loss, one.origin)

    def _trained(self, one: Drawn) -> tuple[float, dict[str, Any]]:
        recipe = put_in(self._settings.recipe, one.values)
        _, prepared = prepared_training(
            self._table,
            replace(self._settings, recipe=recipe),
            self._cache,
            self._work / self.folder(one.origin) / "training",
            self._work / "shared",
        )
        return _shipped_loss(recipe, prepared(self._progress).history)

    def _tidy(self, loss: float, origin: int) -> None:
        """Remove the files of what is not the best; checkpoints are large."""
        if math.isfinite(loss) and (self._best is None or loss < self._best[0]):
            old, self._best = self._best, (loss, origin)
        else:
            old = loss, origin
        if old is not None:
            shutil.rmtree(self._work / self.folder(old[1]), ignore_errors=True)


def _shipped_loss(
    recipe: Recipe, rows: Sequence[Mapping[str, Any]]
) -> tuple[float, dict[str, Any]]:
    """The validation loss of the weights that a training ends with, and its losses by epoch."""
    epochs = [row for row in rows if row.get("do") == "train"]
    last = [row for row in epochs if row["phase"] == epochs[-1]["phase"]]
    known = [math.inf if row["valid_loss"] is None else row["valid_loss"] for row in last]
    plan = recipe.phases[last[-1]["phase"]]
    assert isinstance(plan, Train)
    best = known.index(min(known)) if plan.early_stopping else len(known) - 1
    return known[best], {"losses": [row["valid_loss"] for row in last], "best_epoch": best + 1}


def _check(recipe: Recipe, space: Mapping[str, Values]) -> None:
    """Put each value in beside the first ones of the others; a range by its ends.

    Raises
    ------
    RecipeError
        A path leads nowhere, or a value is out of range.
    """
    every = {name: _ends(one) for name, one in space.items()}
    first = {name: values[0] for name, values in every.items()}
    for name, values in every.items():
        for value in values:
            put_in(recipe, first | {name: value})


def _ends(values: Values) -> tuple[Any, ...]:
    if isinstance(values, Choice):
        return values.values
    kind = int if values.kind == "whole" else float
    return kind(values.low), kind(values.high)
