"""Promises that a finished run was not trained with, found on its out-of-fold answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import RunError, UsageError
from ..models import Model, ModelLike, Predictions, load
from ..runs import Run, is_begun
from ..trust import AnswerRules, measured_rules, parts_of

__all__ = ["Promises", "check_promises", "find_promises"]


@dataclass(frozen=True)
class Promises:
    """Rules of answers for a run, and how they did out-of-fold.

    Attributes
    ----------
    rules : AnswerRules
        As far as they were asked for; the others are those of the model.
    facts : dict
        See `measure_answers`.
    """

    rules: AnswerRules
    facts: dict[str, Any]

    def kept_by(self, answers: Predictions) -> Predictions:
        """Return the answers as these rules give them; scores and probabilities stay."""
        rules, new = answers.answer_rules, self.rules
        if new.sets is not None:
            rules = replace(rules, sets=new.sets)
        if new.least_confidence is not None:
            rules = replace(rules, least_confidence=new.least_confidence, promise=new.promise)
        answers.answer_rules = rules
        return answers


def check_promises(
    *, sets: float | None, sets_by_class: bool, risk: float | None, coverage: float | None
) -> dict[str, Any]:
    """Return what was asked for, for `find_rules`; empty where nothing was.

    Raises
    ------
    UsageError
        There are two ways to abstain, or promises within classes of no sets.
    """
    if sets_by_class and sets is None:
        raise UsageError("sets_by_class needs sets; give their share, as 0.95")
    if risk is not None and coverage is not None:
        raise UsageError("risk and coverage are two ways to say the same; leave one out")
    asked = {"sets": sets, "risk": risk, "coverage": coverage}
    found: dict[str, Any] = {name: value for name, value in asked.items() if value is not None}
    return found | ({"sets_by_class": True} if sets_by_class else {})


def find_promises(
    model: ModelLike,
    *,
    sets: float | None = None,
    sets_by_class: bool = False,
    risk: float | None = None,
    coverage: float | None = None,
) -> Promises | None:
    """Find rules that keep promises on the out-of-fold answers of a run; None where none is asked.

    Parameters
    ----------
    model : Run or path
        A run folder; nothing else knows how its model answers photos that it was not trained on.
    sets, sets_by_class, risk, coverage
        See `find_rules`.

    Raises
    ------
    UsageError
        Two ways to abstain, or a model without out-of-fold answers of one label a photo.
    RunError
        A file of the run is missing or damaged.
    """
    asked = check_promises(sets=sets, sets_by_class=sets_by_class, risk=risk, coverage=coverage)
    if not asked:
        return None
    run = _run_of(model)
    known = load(run)
    if known.facts.labels is not None:
        raise UsageError(f"{run.path}: sets, risk and coverage need a run with one label a photo")
    table, oof = run.photos().to_pydict(), run.oof().to_pydict()
    group_of = dict(zip(table["path"], table["group"], strict=True))
    strangers = [path for path in oof["path"] if path not in group_of]
    if strangers or len(set(oof["fold"])) < 2:
        what = f"{strangers[0]!r} is no photo of it" if strangers else "they are of one fold"
        raise RunError(f"{run.path}: its out-of-fold answers are damaged ({what}); train it again")
    groups = np.array([group_of[path] for path in oof["path"]], np.int64)
    number = {name: place for place, name in enumerate(run.classes)}
    y = np.array([number[name] for name in oof["label"]], np.int64)
    proba = np.column_stack([np.array(oof[f"p:{name}"], np.float64) for name in run.classes])
    rules, facts = measured_rules(
        y,
        proba,
        run.classes,
        parts_of(np.array(oof["fold"], np.int64), groups),
        groups=groups,
        costs=known.answer_rules.costs,
        **asked,
    )
    return Promises(rules, facts)


def _run_of(model: ModelLike) -> Run:
    """Return the run that a model is of, where its folder was named."""
    if isinstance(model, Run):
        return model
    if not isinstance(model, Model) and is_begun(Path(model)):
        return Run(model)
    name = "a loaded model" if isinstance(model, Model) else f"{model}"
    raise UsageError(
        f"{name}: sets, risk and coverage are found on the out-of-fold answers of a run, and it "
        "has none; name a run folder"
    )
