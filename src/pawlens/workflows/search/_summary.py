"""The summary of a search, as plain data for the run folder and the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import RunError
from ._study import Study
from ._trial import plain

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

__all__ = ["summary"]


def summary(study: Study) -> dict[str, Any]:
    """Summarise the trials, the best one, and how much each value mattered.

    Returns
    -------
    dict
        ``trials``: rows with ``trial`` (number), ``state`` (complete or pruned), ``loss`` (null
        where it never was a number), ``values``, and what the trial kept about itself, such as
        the ``error`` that ended it; ``best``:
        one of these rows; ``importance``: share of each value (PED-ANOVA, Watanabe et al. 2023),
        the largest first, empty where there are too few trials; ``space``: as the recipe gives it.

    Raises
    ------
    RunError
        No trial gave a loss.
    """
    rows = [_row(study, trial) for trial in study.ended()[: study.phase.trials]]
    best = study.best()
    if best is None:
        errors = [row["error"] for row in rows if "error" in row]
        why = errors[-1] if errors else "lower the rates of the space"
        raise RunError(f"none of {len(rows)} trials gave a loss that is a number; {why}")
    return {
        "sampler": study.phase.sampler,
        "pruner": study.phase.pruner,
        "space": study.phase.space,
        "best": next(row for row in rows if row["trial"] == best.number),
        "importance": _importance(study, sum(row["state"] == "complete" for row in rows)),
        "trials": rows,
    }


def _row(study: Study, trial: FrozenTrial) -> dict[str, Any]:
    facts = trial.user_attrs
    complete = trial.value is not None and trial.state.name == "COMPLETE"
    loss = trial.value if complete else facts.get("loss")
    kept: dict[str, Any] = {
        name: facts[name] for name in ("best_epoch", "seconds", "losses", "error") if name in facts
    }
    return {
        "trial": trial.number,
        "state": "complete" if complete else "pruned",
        "loss": loss,
        "values": plain(trial.params, study.space),
        **kept,
    }


def _importance(study: Study, complete: int) -> dict[str, float]:
    from optuna.importance import get_param_importances

    varied = {name for trial in study.ended() for name in trial.params}
    if complete < 4 or not varied:  # PED-ANOVA compares the best tenth of them with the others
        return {}
    importance = get_param_importances(study.study)
    return {name: float(share) for name, share in importance.items()}
