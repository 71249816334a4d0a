"""A search over heads: trials are drawn, trained side by side, and told one by one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from math import isfinite

from ...base import Progress
from ...heads import HeadTrainer, HeadTrial
from ._study import Study
from ._trial import Drawn, head_plan

__all__ = ["try_heads"]


def try_heads(study: Study, trainer: HeadTrainer, progress: Progress | None = None) -> None:
    """Run a search over heads until it is over.

    The objective is the out-of-fold log loss over the photos of the trainer. Each trial keeps its
    loss after every epoch.
    """

    def batch(drawn: Sequence[Drawn]) -> None:
        start = time.perf_counter()

        def watch(number: int, epoch: int, loss: float) -> bool:
            return study.goes_on(drawn[number], epoch, loss)

        def ended(number: int, trial: HeadTrial) -> None:
            facts = {
                "losses": [round(loss, 6) if isfinite(loss) else None for loss in trial.losses],
                "best_epoch": trial.best,
                "seconds": round(time.perf_counter() - start, 2),
            }
            study.tell(drawn[number], trial.loss, facts, pruned=trial.stopped)
            study.told(progress)

        plans = [head_plan(trial.values) for trial in drawn]
        trainer.cross_validate(plans, watch=watch, ended=ended)

    study.run(study.phase.together, batch, progress)
