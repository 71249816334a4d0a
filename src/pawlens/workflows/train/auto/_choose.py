"""The choice of backbones: a sample tells what is promising, all photos what is taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ....base import Progress
from ....errors import PawlensError
from ....features import FeatureMatrix
from ....metrics import Interval, paired_difference, photo_losses
from ._candidates import DEFAULT, Candidate
from ._choice import Choice, Tried
from ._costs import Costs
from ._deadline import Deadline, OutOfTime, Pace, in_words
from ._sample import draw_sample, loses_by_int8
from ._trials import Trials

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Chooser"]

_SHORT = 24  # photos of the short timing before it
_SHARE = 0.3  # of the time that is left, for one sample at most
_SHARE_OF_TIMING = 0.1  # of it, for the short timing
_SHARE_OF_FIRST = 0.5  # of it, for a sample while no candidate was judged, and none can be chosen


class Chooser:
    """A choice under way.

    The default is measured on all photos first. Another one replaces what stands where the 95 %
    interval of the paired difference says that it gains thrice what it may lose; a second one is
    added where the whole interval is below zero. So the choice is never worse than the default
    beyond the luck of the photos.

    Parameters
    ----------
    trials : Bench
    candidates : sequence of Candidate
        From `find_candidates`.
    deadline : Deadline
    seed : int
        Seed of the sample and of the intervals.
    int8 : bool
        Whether int8 may be tried.
    progress : callable, optional
    """

    def __init__(
        self,
        trials: Trials,
        candidates: Sequence[Candidate],
        deadline: Deadline,
        *,
        seed: int = 0,
        int8: bool = True,
        progress: Progress | None = None,
    ) -> None:
        self._trials, self._deadline, self._progress = trials, deadline, progress
        self._candidates, self._seed, self._int8 = list(candidates), seed, int8
        self._rows = trials.rows
        self._sample = draw_sample(self._rows, trials.label, seed)
        self._costs = Costs(len(self._rows))
        self._tried: list[Tried] = []
        self._full: dict[str, FeatureMatrix] = {}
        self._best: tuple[str, ...] = (DEFAULT,)
        self._answers: Floats | None = None  # of what is best, on all rows
        self._sampled: dict[str, Floats] = {}  # answers on the sample
        self._precision = "auto"

    def choose(self) -> Choice:
        """Try what the time allows, and return what is best."""
        first, *others = self._candidates
        self._take_default(first)
        promising = self._promising(others)
        if self._answers is not None:
            self._try_all(promising)
        return Choice(
            self._best, self._precision, self._tried, self._deadline.seconds, self._deadline.spent
        )

    def _take_default(self, default: Candidate) -> None:
        start, names = self._deadline.spent, (default.name,)
        try:
            self._trials.open(default.name, self._deadline.left)
            self._full[default.name] = self._extract(default, None, names)
            self._answers = self._judge([self._full[default.name]], self._rows)
        except OutOfTime:
            why = "the default; there was no time to measure it"
            self._tried.append(Tried(names, predicted=self._deadline.seconds, taken=True, why=why))
            return
        self._note(names, self._rows, start, 0.0, self._answers, taken=True, why="the default")

    def _promising(self, others: Sequence[Candidate]) -> list[Candidate]:
        """Measure candidates on the sample; return those that may be better, the best first."""
        if self._answers is None or not others:
            for one in others:
                self._leave(one.name, 0.0)
            return []
        at = np.searchsorted(self._rows, self._sample)
        self._sampled[DEFAULT] = (
            self._answers[at]
            if len(self._sample) == len(self._rows)
            else self._judge([self._full[DEFAULT]], self._sample)
        )
        measured = [one for one in others if self._measure(one)]
        losses = {one.name: self._loss(self._sampled[one.name], self._sample) for one in measured}
        return sorted(measured, key=lambda one: (losses[one.name], one.macs, one.name))

    def _measure(self, one: Candidate) -> bool:
        """Time a candidate on a few photos and judge it on the sample; whether it is promising."""
        costs, deadline = self._costs, self._deadline
        predicted = costs.opening(self._trials.is_ready(one.name))
        predicted += costs.extraction(one, len(self._sample))
        room = deadline.left - costs.finish((DEFAULT,))
        if predicted > self._share() * room:
            self._leave(one.name, predicted)
            return False
        start, ready = deadline.spent, self._trials.is_ready(one.name)
        try:
            self._trials.open(one.name, room)
            costs.opened(ready, deadline.spent - start)
            if not self._time(one):
                self._leave(one.name, costs.extraction(one, len(self._sample)))
                return False
            matrix = self._extract(one, self._sample, (DEFAULT,))
            answers = self._judge([matrix], self._sample)
        except OutOfTime:
            self._leave(one.name, predicted)
            return False
        except PawlensError as error:
            self._tried.append(Tried((one.name,), why=f"cannot be used: {error}"))
            return False
        self._sampled[one.name] = answers
        gap = self._gap(answers, self._sampled[DEFAULT], self._sample)
        worse = gap.low > 0
        why = "worse on the sample" if worse else "promising on the sample"
        if not worse and (terms := self._trials.terms(one.name)):
            why += f" (weights: {terms})"
        names, rows, against = (one.name,), self._sample, (DEFAULT,)
        self._note(names, rows, start, predicted, answers, gap=gap, why=why, against=against)
        return not worse

    def _time(self, one: Candidate) -> bool:
        """Time a few photos; whether there is time for the sample."""
        room = self._deadline.left - self._costs.finish((DEFAULT,))
        most = self._deadline.left - _SHARE_OF_TIMING * room
        self._extract(one, self._sample[:_SHORT], (DEFAULT,), kept=most)
        room = self._deadline.left - self._costs.finish((DEFAULT,))
        return self._costs.extraction(one, len(self._sample)) <= self._share() * room

    def _share(self) -> float:
        """Return the share of the time that is left which one sample may take."""
        return _SHARE if len(self._sampled) > 1 else _SHARE_OF_FIRST

    def _extract(
        self,
        one: Candidate,
        rows: Ints | None,
        names: tuple[str, ...],
        *,
        int8: bool = False,
        kept: float = 0.0,
    ) -> FeatureMatrix:
        """Extract features of rows, or of all photos, while there is time to train on `names`.

        Some more seconds can be `kept`.
        """
        most = max(kept, self._costs.finish(names))
        pace = Pace(self._deadline, self._deadline.until(most, self._progress))
        wanted = None if rows is None else set(rows.tolist())
        matrix = self._trials.extract(one.name, wanted, int8=int8, progress=pace)
        if not int8:
            self._costs.extracted(one, pace.each)
        return matrix

    def _try_all(self, promising: Sequence[Candidate]) -> None:
        """Extract all photos of what is promising, while there is time for it."""
        waiting = list(promising)
        while waiting:
            one = next((one for one in waiting if self._fits(one)), None)
            if one is None:
                break
            waiting.remove(one)
            self._try(one)
        for one in waiting:
            if not (self._int8 and self._best == (DEFAULT,) and self._try_int8(one)):
                self._leave(one.name, self._costs.extraction(one, len(self._rows)))

    def _fits(self, one: Candidate, gain: float = 1.0) -> bool:
        costs = self._costs
        needed = costs.extraction(one, len(self._rows)) / gain + 2 * costs.head(2)
        return needed + costs.finish((*self._best, one.name)) <= self._deadline.left

    def _try(self, one: Candidate) -> None:
        """Extract all photos of one candidate, and compare it alone and beside what is best."""
        start, predicted = self._deadline.spent, self._costs.extraction(one, len(self._rows))
        before = self._best
        try:
            self._full[one.name] = self._extract(one, None, (*before, one.name))
            self._compare((one.name,), start, predicted)
            if before != (DEFAULT,):
                start = self._deadline.spent
                self._compare((*before, one.name), start, self._costs.head(len(before) + 1))
        except OutOfTime:
            self._leave(one.name, predicted)

    def _compare(self, names: tuple[str, ...], start: float, predicted: float) -> None:
        """Judge backbones on all rows; several are taken if surely better, one if likely."""
        answers = self._judge([self._full[name] for name in names], self._rows)
        assert self._answers is not None
        gap, against = self._gap(answers, self._answers, self._rows), self._best
        better = gap.high < 0 if len(names) > 1 else _is_worth_it(gap)
        why = f"{_verdict(gap, better)} than {' + '.join(against)}"
        self._note(
            names,
            self._rows,
            start,
            predicted,
            answers,
            gap=gap,
            against=against,
            taken=better,
            why=why,
        )
        if better:
            self._best, self._answers = names, answers

    def _try_int8(self, one: Candidate) -> bool:
        """Try a candidate that is too slow in floats; whether it was measured."""
        if not self._fits(one, gain=self._costs.INT8_GAIN):
            return False
        start = self._deadline.spent
        try:
            part = self._extract(one, self._sample, (one.name,), int8=True)
            answers = self._judge([part], self._sample)
            floats = self._sampled[one.name]
            gap = self._gap(answers, floats, self._sample)
            loses = loses_by_int8(gap, self._loss(floats, self._sample))
            why = "int8 loses on the sample" if loses else "int8 loses nothing on the sample"
            self._note(
                (one.name,),
                self._sample,
                start,
                0.0,
                answers,
                gap=gap,
                why=why,
                against=(one.name,),
                precision="int8",
            )
            if loses:
                return True
            start = self._deadline.spent
            predicted = self._costs.extraction(one, len(self._rows)) / self._costs.INT8_GAIN
            self._full[one.name] = self._extract(one, None, (one.name,), int8=True)
            before = self._best
            self._compare((one.name,), start, predicted)
            self._precision = "int8" if self._best != before else self._precision
        except (OutOfTime, PawlensError) as error:
            why = str(error) if isinstance(error, PawlensError) else "its time was over"
            self._tried.append(Tried((one.name,), "int8", why=why))
        return True

    def _judge(self, matrices: Sequence[FeatureMatrix], rows: Ints) -> Floats:
        start = self._deadline.spent
        answers = self._trials.answers(matrices, rows, progress=self._until((DEFAULT,)))
        if len(rows) == len(self._rows):
            self._costs.judged(len(matrices), self._deadline.spent - start)
        return answers

    def _until(self, names: tuple[str, ...]) -> Progress:
        return self._deadline.until(self._costs.finish(names), self._progress)

    def _loss(self, answers: Floats, rows: Ints) -> float:
        return float(photo_losses(self._trials.label[rows], answers).mean())

    def _gap(self, answers: Floats, other: Floats, rows: Ints) -> Interval:
        return paired_difference(
            self._trials.label[rows],
            answers,
            other,
            seed=self._seed,
            groups=self._trials.group[rows],
        )

    def _leave(self, name: str, predicted: float) -> None:
        left = self._deadline.left - self._costs.finish(self._best)
        if left > 0 and predicted > 0:
            why = f"would take about {in_words(predicted)}, with {in_words(left)} left for trials"
        else:
            why = "no time was left for trials"
        self._tried.append(Tried((name,), predicted=predicted, why=why))

    def _note(
        self,
        names: tuple[str, ...],
        rows: Ints,
        start: float,
        predicted: float,
        answers: Floats,
        *,
        gap: Interval | None = None,
        against: tuple[str, ...] = (),
        taken: bool = False,
        why: str,
        precision: str = "",
    ) -> None:
        self._tried.append(
            Tried(
                names,
                precision,
                len(rows),
                predicted,
                self._deadline.spent - start,
                self._loss(answers, rows),
                gap,
                against,
                taken,
                why,
            )
        )


def _is_worth_it(gap: Interval) -> bool:
    """Whether one backbone replaces another: by the interval it gains thrice what it may lose.

    That is where the difference is about a standard error below zero or further: of two that cannot
    be told apart the cheaper stays, and few photos do not hold up one that halves the loss.
    """
    return -gap.low > 3 * max(gap.high, 0)


def _verdict(gap: Interval, better: bool) -> str:
    if gap.high < 0:
        return "better"
    if better:
        return "likely better"
    return "worse" if gap.low > 0 else "not surely better"
