"""The training loop of one phase, which resumes from checkpoints.

Whatever is random is a function of seed, phase, epoch, step and photo, so a phase that was cut off
and goes on from its checkpoint ends with the weights of one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ..base import Progress, tell
from ..errors import RunError
from ..recipes import PLATEAU_FACTOR
from ._checkpoint import load_checkpoint, save_checkpoint
from ._job import Job, State, batches_of, epoch_order
from ._loss import measure
from ._optimizers import build_optimizer, set_rate
from ._schedules import momentum_at, multiplier
from ._step import class_weights, gradients

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["Trainer", "answer"]

_EVERY = 120.0  # seconds between checkpoints inside an epoch
_RATES = 400  # points of the rate that history keeps
_ANSWER = 128  # photos answered at once


class Trainer:
    """A trainer that runs a job, alone or as one of several processes that share every batch.

    Parameters
    ----------
    job : Job
    rank, world : int
        Rank of this process, and the number of processes (world size).
    """

    def __init__(self, job: Job, rank: int = 0, world: int = 1) -> None:
        self.job, self.rank, self.world = job, rank, world
        job.model.to(job.device)
        job.network.to(job.device)
        self.optimizer = build_optimizer(job.network, job.plan)
        self.state = State()
        if job.checkpoint.exists():
            self._resume(load_checkpoint(job.checkpoint))
        self._weights = class_weights(job)
        self._saved = time.perf_counter()
        self._called = DistributedDataParallel(job.model) if world > 1 else job.model

    def run(self, progress: Progress | None = None) -> State:
        """Train to the end of the plan, or until early stopping."""
        job, state = self.job, self.state
        per_epoch = job.steps_per_epoch
        label, whole = f"training (phase {job.phase})", job.plan.length * per_epoch
        while not state.done:
            epoch = state.epoch
            offset = state.step - epoch * per_epoch  # all of it before the validation
            order = epoch_order(job.train_rows, job.seed, job.phase, epoch)
            clock = time.perf_counter()
            job.opening.train()
            for rows, inputs in self._ahead(batches_of(order, job.plan)[offset:], epoch):
                self._learn(rows, inputs)
                tell(progress, label, state.step, whole)
                if time.perf_counter() - self._saved > _EVERY:
                    clock = self._tick(clock)
                    self._save()
            clock = self._tick(clock)
            self._end_epoch(epoch)
            self._tick(clock)
            if state.done:
                self._finish()
            self._save()
        return state

    def _tick(self, clock: float) -> float:
        now = time.perf_counter()
        self.state.seconds += now - clock
        return now

    def _ahead(self, batches: Sequence[Ints], epoch: int) -> Iterator[tuple[Ints, list[Tensor]]]:
        """Yield each batch with this process's part of it, prepared during the batch before."""

        def prepare(rows: Ints) -> list[Tensor]:
            return self.job.source.varied(rows[self.rank :: self.world], epoch)

        with ThreadPoolExecutor(1) as pool:
            coming = [pool.submit(prepare, rows) for rows in batches[:1]]
            for number, rows in enumerate(batches):
                inputs = coming.pop().result()
                coming = [pool.submit(prepare, batch) for batch in batches[number + 1 : number + 2]]
                yield rows, [batch.to(self.job.device) for batch in inputs]

    def _learn(self, rows: Ints, inputs: list[Tensor]) -> None:
        """Take one step; `rows` are the whole batch, `inputs` this process's part of it."""
        job, state = self.job, self.state
        rate = job.rate * state.factor * multiplier(job.plan, state.step, job.steps_per_epoch)
        set_rate(self.optimizer, rate, momentum_at(job.plan, state.step, job.steps_per_epoch))
        self.optimizer.zero_grad(set_to_none=True)
        loss, mass = gradients(
            job,
            self._called,
            rows,
            inputs,
            state.step,
            self._weights,
            rank=self.rank,
            world=self.world,
        )
        if job.plan.clip_norm:
            nn.utils.clip_grad_norm_(job.network.parameters(), job.plan.clip_norm)
        self.optimizer.step()
        if job.plan.ema:
            self._follow()
        loss, mass = self._added_up(loss, mass)
        state.sums = [state.sums[0] + loss, state.sums[1] + mass]
        state.rates.append([state.step, rate])
        state.step += 1

    def _follow(self) -> None:
        """Update the moving average of the weights, faster at the start."""
        now = self.job.network.state_dict()
        mean = self.state.mean
        keep = min(self.job.plan.ema, (1 + self.state.step) / (10 + self.state.step))
        for name, value in now.items():
            if name not in mean or not value.dtype.is_floating_point:
                mean[name] = value.detach().clone()
            else:
                mean[name].lerp_(value.detach(), 1 - keep)

    def _end_epoch(self, epoch: int) -> None:
        """Validate, write history, and decide about the rate and the end."""
        job, state, plan = self.job, self.state, self.job.plan
        with weights_of(job.network, state.mean):
            logits = answer(job, job.valid_rows)
        loss, accuracy = measure(logits, job.labels[job.valid_rows])
        loss = self._agreed(loss)
        row = {
            "phase": job.phase,
            "do": "train",
            "epoch": epoch + 1,
            "epochs": plan.length,
            "step": state.step,
            "train_loss": _number(state.sums[0] / state.sums[1]),
            "valid_loss": _number(loss),
            "valid_accuracy": accuracy,
            "rate": state.rates[-1][1],
            "seconds": round(state.seconds, 1),
        }
        state.rows.append(row)
        state.sums = [0.0, 0.0]
        if loss < state.best:
            state.best, state.bad = loss, 0
            if plan.early_stopping:
                current = state.mean or job.network.state_dict()
                state.kept = {name: value.detach().clone() for name, value in current.items()}
        else:
            state.bad += 1
            if plan.schedule == "plateau" and state.bad % (plan.patience + 1) == 0:
                state.factor *= PLATEAU_FACTOR
        stopped = bool(plan.early_stopping) and state.bad >= plan.early_stopping
        state.done = epoch + 1 == plan.length or stopped

    def _agreed(self, loss: float) -> float:
        """Return the first process's loss, so that all processes decide alike."""
        if self.world == 1:
            return loss
        value = torch.tensor(loss, dtype=torch.float64, device=self.job.device)
        torch.distributed.broadcast(value, 0)
        return float(value)

    def _added_up(self, loss: float, mass: float) -> tuple[float, float]:
        """Sum loss and mass over processes: the first process writes the checkpoint for all."""
        if self.world == 1:
            return loss, mass
        sums = torch.tensor([loss, mass], dtype=torch.float64, device=self.job.device)
        torch.distributed.all_reduce(sums)
        return float(sums[0]), float(sums[1])

    def _finish(self) -> None:
        """Leave the best or the averaged weights in the network, and thin out the rates."""
        state = self.state
        final = state.kept or state.mean
        if final:
            self.job.network.load_state_dict(final)
        state.mean, state.kept = {}, {}
        every = -(-len(state.rates) // _RATES)
        state.rows.append({"phase": self.job.phase, "do": "rates", "rates": state.rates[::every]})

    def _save(self) -> None:
        self._saved = time.perf_counter()
        if self.rank == 0:
            values = {
                "network": self.job.network.state_dict(),
                "optimizer": {} if self.state.done else self.optimizer.state_dict(),
                "state": asdict(self.state),
            }
            save_checkpoint(self.job.checkpoint, values)

    def _resume(self, values: Mapping[str, Any]) -> None:
        self.job.network.load_state_dict(values["network"])
        self.state = State(**values["state"])
        if not self.state.done:
            self._check_epoch()
            self.optimizer.load_state_dict(values["optimizer"])

    def _check_epoch(self) -> None:
        """Refuse a state whose steps do not belong to the epoch that is under way."""
        job, state = self.job, self.state
        if not 0 <= state.step - state.epoch * job.steps_per_epoch <= job.steps_per_epoch:
            raise RunError(
                f"{job.checkpoint}: validations of this phase are missing; delete it to train the "
                "phase again"
            )


def _number(value: float) -> float | None:
    """Replace a number that is not finite by None, as JSON cannot hold it."""
    return value if math.isfinite(value) else None


@torch.no_grad()
def answer(job: Job, rows: Ints) -> Tensor:
    """Compute the logits float32 (n, K), on the CPU, of photos without augmentation."""
    job.network.eval()
    job.model.eval()
    logits = []
    for start in range(0, len(rows), _ANSWER):
        inputs = [
            images.to(job.device) for images in job.source.plain(rows[start : start + _ANSWER])
        ]
        with torch.autocast(job.device, torch.bfloat16, enabled=job.precision == "bf16"):
            logits.append(job.model(inputs).float().cpu())
    return torch.cat(logits)


@contextmanager
def weights_of(network: nn.Module, mean: Mapping[str, Tensor]) -> Iterator[None]:
    """Use averaged weights within the block; nothing happens where there are none."""
    if not mean:
        yield
        return
    trained = {name: value.detach().clone() for name, value in network.state_dict().items()}
    network.load_state_dict(dict(mean))
    try:
        yield
    finally:
        network.load_state_dict(trained)
