"""Members of an ensemble, how they are combined, and what that gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...heads import CombineMethod, Combiner
from ...metrics import (
    Calibration,
    Difference,
    Interval,
    apply_clip,
    apply_temperature,
    evaluate,
)
from ...trust import AnswerRules

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...runs import Joined

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Ensemble"]

_HEADS = {
    "blend": "mean of the members' probabilities, weighted",
    "greedy": "mean of the members' probabilities, selected greedily",
    "stack": "logistic regression on the members' log-probabilities",
}


@dataclass(frozen=True)
class Ensemble:
    """Members, how they are combined, and what that gave.

    Attributes
    ----------
    joined : Joined
    method : {"blend", "greedy", "stack"}
    seed : int
    fold : ndarray of int64, shape (n,)
        Over which weights, temperature and clip were fitted. Where that is parts of one held-out
        fold, one training answered them all: the folds of the trainings are those of `joined`.
    combiner : Combiner
        Fitted on all photos: what ships.
    calibration : Calibration
        Its probabilities are those of the common photos.
    members : list of Difference
        Each member less the ensemble.
    adds : list of Difference
        The ensemble less the ensemble of the other members: below 0, the member helps.
        Their p values are corrected together.
    asked : mapping
        What its answers are to promise.
    rules : AnswerRules
    trust : mapping
        How the rules did out-of-fold.
    neither_shift : float, optional
        See `joint_shift`; None where it has no answer *neither*.
    """

    joined: Joined
    method: CombineMethod
    seed: int
    fold: Ints
    combiner: Combiner
    calibration: Calibration
    members: list[Difference]
    adds: list[Difference]
    asked: Mapping[str, Any] = field(default_factory=dict)
    rules: AnswerRules = field(default_factory=AnswerRules)
    trust: Mapping[str, Any] = field(default_factory=dict)
    neither_shift: float | None = None

    @cached_property
    def metrics(self) -> dict[str, Interval]:
        """Over the common photos."""
        joined = self.joined
        proba = self.calibration.proba
        return evaluate(joined.y, proba, joined.classes, seed=self.seed, groups=joined.group)

    @property
    def on(self) -> str:
        """What the numbers were measured on, in words."""
        folds = len(np.unique(self.joined.fold[0]))
        parts = len(np.unique(self.fold))
        return (
            f"out-of-fold, {parts} folds" if folds > 1 else f"one held-out fold, in {parts} parts"
        )

    @property
    def conclusion(self) -> str:
        """Whether it is worth more than its best member, in words."""
        pairs = zip(self.members, self.joined.names, strict=True)
        best, name = min(pairs, key=lambda p: (p[0].verdict != "better", p[0].log_loss.value))
        return {
            "better": f"{name} alone is better than the ensemble: ship that run instead",
            "no real difference": f"no real difference to {name} alone, which is smaller",
            "worse": f"better than its best member, {name}",
        }[best.verdict]

    @property
    def head_in_words(self) -> str:
        """How the members are combined."""
        return f"{_HEADS[self.method]}, {len(self.joined.names)} members"

    def to_yaml(self) -> str:
        """For ``recipe.yaml``."""
        import yaml

        members = [str(run.path) for run in self.joined.runs]
        plan = {"ensemble": {"method": self.method, "members": members}, "seed": self.seed}
        return yaml.safe_dump(plan | dict(self.asked), sort_keys=False, allow_unicode=True)

    def answer(self, proba: Floats) -> Floats:
        """What ships: the members' probabilities float64 (M, n, K) combined and calibrated."""
        cold = apply_temperature(self.combiner.logits(proba), self.calibration.temperature)
        return apply_clip(cold, self.calibration.clip)

    def rows(self) -> list[dict[str, Any]]:
        """A member each: its weight, its own log loss, and what it adds."""
        joined = self.joined
        return [
            {
                "member": name,
                "weight": float(weight),
                "log_loss": self.metrics["log_loss"].value + alone.log_loss.value,
                "less_the_ensemble": alone.to_json(["ensemble", *joined.names]),
                "adds": asdict(adds) | {"verdict": adds.verdict},
                "in_words": _adds_in_words(name, adds),
            }
            for name, weight, alone, adds in zip(
                joined.names, self.combiner.weights, self.members, self.adds, strict=True
            )
        ]


def _adds_in_words(name: str, adds: Difference) -> str:
    return f"with {name}, log loss {adds.log_loss:+.4f}: {adds.verdict}"
