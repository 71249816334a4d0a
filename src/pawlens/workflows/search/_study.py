"""A study of Optuna that survives its processes and is shared by them."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Progress, require, tell
from ...recipes import RUNGS, Search, is_rung
from ._heartbeat import OWNER, Pulse, is_orphan
from ._trial import Drawn, draw

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial

__all__ = ["Study"]

_BATCH = "batch"  # attribute of a trial: the name and the size of the batch that it was drawn in
_VERDICT = "goes_on_"
_POLL = 0.5  # seconds


class Study:
    """The trials of one search.

    Every process that opens the same study in the same storage takes trials from it until there
    are as many as the recipe asks for. What a trial draws follows from the seed, its number and the
    trials before it. A trial whose process died is run again by another one, before anything new is
    drawn: number, values and what was decided about it so far stay.

    Parameters
    ----------
    phase : Search
    storage : BaseStorage
        Storage from `open_storage`.
    name : str
        Name of the study, which stands for recipe, photos and backbones.
    seed : int
    """

    def __init__(self, phase: Search, storage: BaseStorage, name: str, seed: int) -> None:
        optuna = require("optuna", extra="tune")
        self.phase, self._seed, self._name = phase, seed, name
        self.space = phase.values()
        self._storage = optuna.storages.get_storage(storage)
        self.study = optuna.create_study(
            study_name=name,
            storage=self._storage,
            pruner=optuna.pruners.NopPruner(),
            load_if_exists=True,
        )
        self._id = self._storage.get_study_id_from_name(name)
        self._states = optuna.trial.TrialState
        self._idle = (self._states.FAIL, self._states.WAITING)
        self._batches = itertools.count()
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
        """Run trials until the search is over, also those of processes that died.

        Parameters
        ----------
        together : int
            Number of trials that are drawn at once.
        batch : callable
            Function that runs trials and calls `tell` at the end of each.
        progress : callable, optional
        """
        while True:
            self.told(progress)
            drawn = self._draw(together)
            if drawn:
                batch(drawn)
            elif any(trial.state == self._states.RUNNING for trial in self._trials()):
                time.sleep(_POLL)  # other processes run the last trials
            else:
                return

    def told(self, progress: Progress | None) -> None:
        """Report how many trials have ended."""
        tell(progress, "searching", min(len(self.ended()), self.phase.trials), self.phase.trials)

    def goes_on(self, drawn: Drawn, epoch: int, loss: float) -> bool:
        """Report a loss at a rung of ASHA; return False if the trial is pruned there.

        Each decision is stored, in one piece: a process that runs the trial again must neither
        decide once more, beside losses that came later, nor forget that it was to end.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        if self.phase.pruner == "none" or not is_rung(epoch):
            return True
        key, facts = f"{_VERDICT}{epoch}", self._trials()[drawn.number]
        if key not in facts.user_attrs:
            try:
                if epoch not in facts.intermediate_values:
                    drawn.trial.report(loss, epoch)
                reported = [trial.intermediate_values.get(epoch) for trial in self._trials()]
                losses = [loss for loss in reported if loss is not None]
                drawn.trial.set_user_attr(key, _is_promoted(loss, losses))
            except UpdateFinishedTrialError:  # another process took this one for dead
                return False
        return bool(self._trials()[drawn.number].user_attrs[key])

    def tell(
        self, drawn: Drawn, loss: float, facts: dict[str, Any], *, pruned: bool = False
    ) -> None:
        """Store the end of a trial; a trial whose loss is not finite counts as pruned."""
        from optuna.exceptions import UpdateFinishedTrialError

        failed = pruned or not np.isfinite(loss)
        # Another process may have taken this process for dead, and have run the trial to its end.
        with contextlib.suppress(UpdateFinishedTrialError):
            for name, value in facts.items():
                drawn.trial.set_user_attr(name, value)
            if pruned:
                drawn.trial.set_user_attr("loss", loss)
            state = self._states.PRUNED if failed else self._states.COMPLETE
            self.study.tell(
                drawn.number, None if failed else loss, state=state, skip_if_finished=True
            )

    def ended(self) -> list[FrozenTrial]:
        """Return the trials that ran to their end or were pruned, in the order of their numbers."""
        over = (self._states.COMPLETE, self._states.PRUNED)
        return [trial for trial in self._trials() if trial.state in over]

    def _trials(self) -> list[FrozenTrial]:
        trials: list[FrozenTrial] = self.study.get_trials(deepcopy=False)
        return trials

    def best(self) -> FrozenTrial | None:
        """Return the trial of least loss among those that count; the first of equal ones."""
        counted = self.ended()[: self.phase.trials]
        whole = [trial for trial in counted if trial.state == self._states.COMPLETE]
        return min(whole, key=lambda trial: (trial.value, trial.number), default=None)

    def _draw(self, together: int) -> list[Drawn]:
        """Take up to `together` trials: orphans of dead processes first, else new ones."""
        batch: list[Any] = [f"{self._pulse.name}:{next(self._batches)}", together]
        left = self._orphans()
        if left:
            # A batch that was cut off while it was drawn is drawn to its end first. Its values
            # must not depend on the results of its own trials.
            batch = left[0].user_attrs.get(_BATCH, [])
            left = [orphan for orphan in left if orphan.user_attrs.get(_BATCH, []) == batch]
        drawn = [taken for trial in left if (taken := self._taken_over(trial)) is not None]
        whole = batch[1] if batch else len(drawn)
        while self._drawn_in(batch) < whole and self._taken() < self.phase.trials:
            # The owner must be stored in the trial at the moment in which it begins.
            number = self._begin({OWNER: self._pulse.name, _BATCH: batch})
            if self._is_surplus(number):  # two processes asked for the last trial
                self.study.tell(number, state=self._states.FAIL)
                break
            drawn.append(self._values(number))
        return drawn

    def _begin(self, facts: Mapping[str, Any]) -> int:
        """Start a new trial with attributes, and return its number."""
        from optuna.trial import create_trial

        template = create_trial(state=self._states.RUNNING, user_attrs=dict(facts))
        trial = self._storage.create_new_trial(self._id, template)
        number: int = self._storage.get_trial_number_from_id(trial)
        return number

    def _values(self, number: int) -> Drawn:
        """Draw the values of a trial, or those that are still missing."""
        import optuna

        sampler = self._sampler(number)
        # A new object, because a study caches the history that it read for the trial before.
        study = optuna.load_study(study_name=self._name, storage=self._storage, sampler=sampler)
        trial = optuna.Trial(
            study, self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
        )
        facts = self._trials()[number]
        for name in self.space:
            if name in facts.distributions:  # the sampler's random numbers go on behind these
                sampler.sample_independent(study, facts, name, facts.distributions[name])
        return Drawn(number, draw(trial, self.space), trial)

    def _drawn_in(self, batch: Sequence[Any]) -> int:
        return sum(trial.user_attrs.get(_BATCH, []) == batch for trial in self._trials())

    def _taken(self) -> int:
        return sum(trial.state not in self._idle for trial in self._trials())

    def _is_surplus(self, number: int) -> bool:
        before = [trial for trial in self._trials() if trial.number < number]
        return sum(trial.state not in self._idle for trial in before) >= self.phase.trials

    def _sampler(self, number: int) -> BaseSampler:
        """Make the sampler of one trial, with its own seed: neither a restart nor a second process
        repeats what another trial drew.
        """
        from optuna.samplers import RandomSampler, TPESampler

        seed = int(np.random.SeedSequence([self._seed, number]).generate_state(1)[0])
        if self.phase.sampler == "random":
            return RandomSampler(seed=seed)
        return TPESampler(seed=seed, multivariate=False)

    def _orphans(self) -> list[FrozenTrial]:
        """Return the orphaned trials, whose processes have died."""
        pulses = {
            name.removeprefix(f"{OWNER}:"): float(when)
            for name, when in self.study.user_attrs.items()
            if name.startswith(f"{OWNER}:")
        }
        running = [trial for trial in self._trials() if trial.state == self._states.RUNNING]
        return [trial for trial in running if is_orphan(trial, pulses)]

    def _taken_over(self, orphan: FrozenTrial) -> Drawn | None:
        """Take over an orphaned trial; None where another process was faster.

        Should two processes do so in the same moment, both run it, and the first result counts.
        """
        from optuna.exceptions import UpdateFinishedTrialError

        number = orphan.number
        with contextlib.suppress(UpdateFinishedTrialError, ValueError):
            if self._is_surplus(number):
                self.study.tell(number, state=self._states.FAIL)
                return None
            trial = self._storage.get_trial_id_from_study_id_trial_number(self._id, number)
            self._storage.set_trial_user_attr(trial, OWNER, self._pulse.name)
            if self._trials()[number].user_attrs[OWNER] == self._pulse.name:
                return self._values(number)
        return None


def _is_promoted(loss: float, losses: Sequence[float]) -> bool:
    """Return whether ASHA promotes a trial: its loss is in the best third of a rung.

    Parameters
    ----------
    loss : float
    losses : sequence of float
        All losses that were reported at this rung so far, this one included. Among the first few
        only the best one goes on.
    """
    _, times = RUNGS
    return loss <= sorted(losses)[max(0, len(losses) // times - 1)]
