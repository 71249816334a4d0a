"""A study of Optuna that survives its processes and is shared by them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Progress, require
from ...recipes import RUNGS, Search, is_rung
from ._heartbeat import OWNER, Pulse, is_orphan
from ._trial import Drawn, draw

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

__all__ = ["Study"]

_ORIGIN = "repeats"
_POLL = 0.5  # seconds


class Study:
    """The trials of one search.

    Every process that opens the same study in the same storage takes trials from it until there
    are as many as the recipe asks for. What a trial draws follows from the seed, its number and the
    trials before it. A trial whose process died is drawn again with the same values.

    Parameters
    ----------
    phase : Search
    storage : BaseStorage
        From `open_storage`.
    name : str
        What belongs together: recipe, photos and backbones.
    seed : int
    """

    def __init__(self, phase: Search, storage: BaseStorage, name: str, seed: int) -> None:
        optuna = require("optuna", extra="tune")
        self.phase, self._seed = phase, seed
        self.space = phase.values()
        least, times = RUNGS
        pruner = (
            optuna.pruners.SuccessiveHalvingPruner(min_resource=least, reduction_factor=times)
            if phase.pruner == "asha"
            else optuna.pruners.NopPruner()
        )
        self.study = optuna.create_study(
            study_name=name, storage=storage, pruner=pruner, load_if_exists=True
        )
        self._states = optuna.trial.TrialState
        self._pulse = Pulse(self.study)

    def __enter__(self) -> Study:
        self._pulse.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pulse.__exit__(kind, error, trace)

    def run(
        self,
        together: int,
        batch: Callable[[Sequence[Drawn]], None],
        progress: Progress | None = None,
    ) -> None:
        """Run trials until the search is over, also those of others that died.

        Parameters
        ----------
        together : int
            Drawn at once.
        batch : callable
            Runs trials and tells each one's end to this object.
        progress : callable, optional
        """
        while True:
            self.told(progress)
            drawn = self._draw(together)
            if drawn:
                batch(drawn)
            elif any(one.state == self._states.RUNNING for one in self._trials()):
                time.sleep(_POLL)  # others are at their last ones
            else:
                return

    def told(self, progress: Progress | None) -> None:
        """Say how many trials have ended."""
        if progress is not None:
            progress("searching", min(len(self.ended()), self.phase.trials), self.phase.trials)

    def goes_on(self, one: Drawn, epoch: int, loss: float) -> bool:
        """Report a loss at a rung of ASHA; False if the trial is to end there."""
        if self.phase.pruner == "none" or not is_rung(epoch):
            return True
        one.trial.report(loss, epoch)
        return not bool(one.trial.should_prune())

    def tell(self, one: Drawn, loss: float, facts: dict[str, Any], *, pruned: bool = False) -> None:
        """Keep the end of a trial; one whose loss is no number counts as pruned."""
        from optuna.exceptions import UpdateFinishedTrialError

        failed = pruned or not np.isfinite(loss)
        # Another process may have taken this one for dead, and have drawn its values again.
        with contextlib.suppress(UpdateFinishedTrialError):
            for name, value in facts.items():
                one.trial.set_user_attr(name, value)
            if pruned:
                one.trial.set_user_attr("loss", loss)
            state = self._states.PRUNED if failed else self._states.COMPLETE
            self.study.tell(
                one.number, None if failed else loss, state=state, skip_if_finished=True
            )

    def ended(self) -> list[FrozenTrial]:
        """Trials that ran to their end or were pruned, in the order of their numbers."""
        over = (self._states.COMPLETE, self._states.PRUNED)
        return [one for one in self._trials() if one.state in over]

    def _trials(self) -> list[FrozenTrial]:
        found: list[FrozenTrial] = self.study.get_trials(deepcopy=False)
        return found

    def _draw(self, together: int) -> list[Drawn]:
        """Up to so many trials that are now ours."""
        self._put_back()
        drawn: list[Drawn] = []
        while len(drawn) < together and self._taken() < self.phase.trials:
            trial = self.study.ask()
            trial.set_user_attr(OWNER, self._pulse.name)
            self.study.sampler = self._sampler(trial.number)
            values = draw(trial, self.space)
            if self._is_surplus(trial.number):  # two processes asked for the last one
                self.study.tell(trial, state=self._states.FAIL)
                break
            origin = trial.user_attrs.get(_ORIGIN, trial.number)
            drawn.append(Drawn(trial.number, origin, values, trial))
        return drawn

    def _taken(self) -> int:
        idle = (self._states.FAIL, self._states.WAITING)
        return sum(one.state not in idle for one in self._trials())

    def _is_surplus(self, number: int) -> bool:
        before = [one for one in self._trials() if one.number < number]
        return len([one for one in before if one.state != self._states.FAIL]) >= self.phase.trials

    def _sampler(self, number: int) -> BaseSampler:
        """Of one trial: its own seed, so that neither a restart nor a second process repeats it."""
        from optuna.samplers import RandomSampler, TPESampler

        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        if self.phase.sampler == "random":
            return RandomSampler(seed=seed)
        return TPESampler(seed=seed, multivariate=False)

    def _put_back(self) -> None:
        """Draw the values of trials whose process died once more; one process does it for each."""
        from optuna.exceptions import UpdateFinishedTrialError

        pulses = {
            name.removeprefix(f"{OWNER}:"): float(when)
            for name, when in self.study.user_attrs.items()
            if name.startswith(f"{OWNER}:")
        }
        for one in self._trials():
            if one.state != self._states.RUNNING or not is_orphan(one, pulses):
                continue
            with contextlib.suppress(UpdateFinishedTrialError, ValueError):
                self.study.tell(one.number, state=self._states.FAIL)
                origin = one.user_attrs.get(_ORIGIN, one.number)
                self.study.enqueue_trial(one.params, user_attrs={_ORIGIN: origin})
