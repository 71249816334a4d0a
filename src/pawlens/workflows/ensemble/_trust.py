"""What an ensemble knows of its own answers: sets, abstention, and *neither*."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...runs import Joined, Run
from ...trust import NEITHER, joint_shift, measured_rules
from ._combination import Ensemble

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["with_trust"]


def with_trust(found: Ensemble, asked: Mapping[str, Any]) -> Ensemble:
    """Find the rules of an ensemble's answers on its own out-of-fold answers, and measure them.

    Parameters
    ----------
    found : Ensemble
    asked : mapping
        From `check_promises`.
    """
    joined = found.joined
    alarms, shift = _neither(joined)
    rules, facts = measured_rules(
        joined.y,
        found.calibration.proba,
        joined.classes,
        found.fold,
        groups=joined.group,
        seed=found.seed,
        false_alarms=alarms,
        **asked,
    )
    told = {NEITHER: {"false_alarms": alarms}} | facts
    return replace(found, asked=asked, rules=rules, trust=told, neither_shift=shift)


def _neither(joined: Joined) -> tuple[float | None, float | None]:
    """Return the share of false alarms, and what the members' scores must reach for it.

    Both are None where a member has no such answer, or where an earlier version trained it: it
    kept no scores of photos that they were not fitted on.
    """
    scores = [_scores(run, joined.sha256) for run in joined.runs]
    there = [one for one in scores if one is not None]
    if len(there) < len(scores):
        return None, None
    alarms = max(run.metrics["trust"][NEITHER]["false_alarms"] for run in joined.runs)
    if (len(joined.y) + 1) * alarms < 1:
        return None, None
    return alarms, joint_shift(there, alarms)


def _scores(run: Run, contents: list[str]) -> Floats | None:
    oof, photos = run.oof(), run.photos()
    if "neither_score" not in oof.column_names:
        return None
    content = dict(zip(photos["path"].to_pylist(), photos["sha256"].to_pylist(), strict=True))
    pairs = zip(oof["path"].to_pylist(), oof["neither_score"].to_pylist(), strict=True)
    score = {content[path]: value for path, value in pairs}
    return np.array([score[sha] for sha in contents], np.float64)
