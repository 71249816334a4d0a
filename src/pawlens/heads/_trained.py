"""Heads that are trained by gradient steps: cross-validated side by side, then fitted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ..base import cores
from ._head import Head
from ._layers import Stack
from ._logistic import two_columns
from ._plan import HeadBudget, HeadPlan, HeadTrial

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Floats32 = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["HeadTrainer"]

_MEMORY = 1 << 30  # bytes of weights, slopes and states in one stack
_ARRAYS = 4  # of the size of the weights: they, their slopes, and what the optimiser remembers
_MOST_OUTPUTS = 4096  # columns of the first product: wider ones are no faster

Watch = Callable[[int, int, float], bool]
Ended = Callable[[int, HeadTrial], None]


class HeadTrainer:
    """Features of the photos on which heads are compared, standardised.

    Mean and deviation are those of all these photos, also of the fold that a head is measured on:
    they know no labels, and what is compared here is measured again on photos held out.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Features scaled to unit length for each backbone, as every head takes them.
    labels, fold : ndarray of int64, shape (n,)
        Class numbers, and folds from 0 to F - 1.
    n_classes : int
    sample_weights : ndarray of float64, shape (n,), optional
    budget : HeadBudget
    """

    def __init__(
        self,
        features: Floats32,
        labels: Ints,
        fold: Ints,
        *,
        n_classes: int,
        budget: HeadBudget,
        sample_weights: Floats | None = None,
    ) -> None:
        # Rows of a fold lie side by side, so that they are answered without being copied.
        self._order = np.argsort(fold, kind="stable")
        self._x = features[self._order]
        self._mean = self._x.mean(axis=0, dtype=np.float64)
        scale = self._x.std(axis=0, dtype=np.float64)
        self._scale = np.where(scale > 1e-6 * (np.abs(self._mean) + 1e-12), scale, 1.0)
        self._x -= self._mean.astype(np.float32)
        self._x /= self._scale.astype(np.float32)
        self._labels, self._fold = labels[self._order], fold[self._order]
        self._folds = int(fold.max()) + 1
        self._outputs = 1 if n_classes == 2 else n_classes
        weights = np.ones(len(labels)) if sample_weights is None else sample_weights
        self._weights = weights[self._order].astype(np.float32)
        self._target = (
            self._labels.astype(np.float32)[:, None]
            if self._outputs == 1
            else np.eye(n_classes, dtype=np.float32)[self._labels]
        )
        self._budget = budget

    def cross_validate(
        self, plans: Sequence[HeadPlan], *, watch: Watch | None = None, ended: Ended | None = None
    ) -> list[HeadTrial]:
        """Train every plan once for each fold that is left out, until it no longer improves.

        Plans that can share their products train side by side, and leave when they stop. The best
        epoch of a plan is one for all its folds, so that a fit on all photos can repeat it.

        Parameters
        ----------
        plans : sequence of HeadPlan
        watch : callable, optional
            Called after each epoch with the number of the plan, the epoch and the out-of-fold
            loss, one call at a time; False ends the plan.
        ended : callable, optional
            Called with the number of a plan and its trial when that has ended.
        """
        from threadpoolctl import threadpool_limits

        trials: dict[int, HeadTrial] = {}
        lock = threading.Lock()

        def watched(number: int, epoch: int, loss: float) -> bool:
            with lock:
                return watch is None or watch(number, epoch, loss)

        def keep(number: int, trial: HeadTrial) -> None:
            with lock:
                trials[number] = trial
                if ended is not None:
                    ended(number, trial)

        def race(numbers: list[int]) -> None:
            _Race(self, numbers, [plans[i] for i in numbers], watched, keep).run()

        parts = self._parts(plans)
        # The threads of BLAS wait for each other in a loop; each part has one of ours instead.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(cores()) as pool:
            for done in [pool.submit(race, part) for part in parts]:
                done.result()
        return [trials[number] for number in range(len(plans))]

    def fit(self, plan: HeadPlan, epochs: int) -> Head:
        """Train one plan on all photos for so many epochs."""
        stack = self.stack([plan], copies=1)
        everyone = np.ones((1, len(self._x)), np.float32)
        for epoch in range(epochs):
            self.train_epoch(stack, epoch, self._budget.batch, everyone)
        (weights, bias), *others = stack.layers(0)
        weights = weights / self._scale[:, None]
        pairs = [(weights, bias - self._mean @ weights), *others]
        if self._outputs == 1:
            last, shift = pairs.pop()
            pairs.append((np.hstack([-last, last]) / 2, np.hstack([-shift, shift]) / 2))
        layers = [(w.astype(np.float32), b.astype(np.float32)) for w, b in pairs]
        return Head(tuple(layers), unit=True)

    def stack(self, plans: Sequence[HeadPlan], copies: int) -> Stack:
        """Make untrained networks of these plans."""
        return Stack(plans, copies, self._x.shape[1], self._outputs, self._budget.seed)

    def train_epoch(self, stack: Stack, epoch: int, batch: int, member: Floats32) -> None:
        """Train one epoch over all photos, `batch` at a time; `member` (F, n) says who trains."""
        rng = np.random.default_rng([self._budget.seed, 3, epoch])
        order = rng.permutation(len(self._x))
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            weight = member[:, rows] * self._weights[rows]
            weight /= np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
            target = self._target[rows]
            plans = stack.width // len(member)
            share = np.tile(weight, (plans, 1))[:, :, None]
            x = np.take(self._x, rows, axis=0)
            stack.train(x, share, partial(_slope, target=target, share=share))

    def answer(self, stack: Stack, plans: int) -> Floats32:
        """Compute logits float32 (T, n, K') of every photo by the copy that left its fold out."""
        logits = np.empty((plans, len(self._x), self._outputs), np.float32)
        for fold in range(self._folds):
            start, end = np.searchsorted(self._fold, [fold, fold + 1])
            logits[:, start:end] = stack.logits(self._x[start:end], fold)
        return logits

    def losses(self, logits: Floats32) -> Floats:
        """Compute the mean log loss float64 (T,) of logits (T, n, K')."""
        if self._outputs == 1:
            z = logits[:, :, 0]
            each = np.logaddexp(np.float32(0), z) - z * self._target[:, 0]
        else:
            shifted = logits - logits.max(axis=2, keepdims=True)
            each = np.log(np.exp(shifted).sum(axis=2)) - (shifted * self._target).sum(axis=2)
        return np.asarray(np.average(each.astype(np.float64), axis=1, weights=self._weights))

    def in_order(self, logits: Floats32) -> Floats:
        """Put logits (n, K') in the order of the caller's photos, as float64 (n, K)."""
        back = np.empty_like(logits, np.float64)
        back[self._order] = logits
        return two_columns(back)

    def members(self) -> Floats32:
        """Return who trains in each fold's networks, float32 (F, n)."""
        return np.asarray(self._fold != np.arange(self._folds)[:, None], np.float32)

    @property
    def budget(self) -> HeadBudget:
        """The training budget that all plans share."""
        return self._budget

    @property
    def folds(self) -> int:
        """F, the number of folds."""
        return self._folds

    def _parts(self, plans: Sequence[HeadPlan]) -> list[list[int]]:
        """Group plans that train together: of one shape, and a share for each processor."""
        alike: dict[object, list[int]] = {}
        for number, plan in enumerate(plans):
            key = (plan.hidden, plan.batch_norm, plan.dropout, plan.optimizer)
            alike.setdefault(key, []).append(number)
        share = -(-len(plans) // cores())
        parts = []
        for numbers in alike.values():
            sizes = [self._x.shape[1], *plans[numbers[0]].hidden, self._outputs]
            weights = sum(a * b for a, b in pairwise(sizes)) * self._folds
            most = min(share, _MEMORY // (4 * _ARRAYS * weights), _MOST_OUTPUTS // self._folds)
            most = max(1, most)
            parts += [numbers[i : i + most] for i in range(0, len(numbers), most)]
        return sorted(parts, key=len, reverse=True)


class _Race:
    """Plans that train side by side until each has stopped."""

    def __init__(
        self,
        trainer: HeadTrainer,
        numbers: list[int],
        plans: Sequence[HeadPlan],
        watch: Watch,
        ended: Ended,
    ) -> None:
        self._trainer, self._numbers = trainer, list(numbers)
        self._watch, self._ended = watch, ended
        self._stack = trainer.stack(plans, trainer.folds)
        self._losses: dict[int, list[float]] = {number: [] for number in numbers}
        self._best: dict[int, int] = dict.fromkeys(numbers, 0)
        self._logits: dict[int, Floats32] = {}

    def run(self) -> None:
        trainer, budget = self._trainer, self._trainer.budget
        member = trainer.members()
        # A fold's networks do not train on its rows: more of them make a batch of the full size.
        batch = round(budget.batch * trainer.folds / (trainer.folds - 1))
        for epoch in range(budget.epochs):
            trainer.train_epoch(self._stack, epoch, batch, member)
            logits = trainer.answer(self._stack, len(self._numbers))
            losses = trainer.losses(logits)
            pairs = zip(self._numbers, logits, losses.tolist(), strict=True)
            going = np.array([self._goes_on(number, one, loss) for number, one, loss in pairs])
            self._numbers = [n for n, goes in zip(self._numbers, going, strict=True) if goes]
            if not self._numbers:
                return
            if not going.all():
                self._stack.drop(going)

    def _goes_on(self, number: int, logits: Floats32, loss: float) -> bool:
        budget, losses = self._trainer.budget, self._losses[number]
        losses.append(loss)
        best = self._best[number]
        if np.isfinite(loss) and (best == 0 or loss < losses[best - 1]):
            self._best[number] = best = len(losses)
            self._logits[number] = logits.copy()
        over = len(losses) - best >= budget.patience or len(losses) == budget.epochs
        over = over or not np.isfinite(loss)
        stopped = not over and not self._watch(number, len(losses), loss)
        if over or stopped:
            last = self._logits.pop(number, logits)
            self._ended(number, HeadTrial(losses, best, self._trainer.in_order(last), stopped))
        return not (over or stopped)


def _slope(logits: Floats32, target: Floats32, share: Floats32) -> Floats32:
    """Slope of the log loss by the logits (C, B, K'), each row with its share (C, B, 1)."""
    if target.shape[1] == 1:
        return np.asarray((0.5 * (1 + np.tanh(0.5 * logits)) - target) * share)
    shifted = np.exp(logits - logits.max(axis=2, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=2, keepdims=True) - target) * share
