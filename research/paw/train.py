"""Train paw from scratch by distillation: photos, teacher, student, file, in one command.

``python research/paw/train.py --shared ../shared --out research/paw/out``

Every stage keeps what it made in ``--out`` and is skipped when that is there; a training that
was cut off goes on from its last checkpoint. Beyer et al. 2022, "Knowledge distillation: a good
teacher is patient and consistent".
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Any, TypeVar

import data
import numpy as np
import numpy.typing as npt
import teacher
import torch
from network import Paw, Projector
from optimizer import Muon, optimizers, step
from torch import Tensor, nn
from views import Views

from export import export
from heads import Head, fit_heads
from pawlens.backbones import cpu_precision

BATCH = 96
RATE = 2e-3
WARM_UP = 100  # steps
DECAY = 0.05
PLAN = ((64, 27), (96, 17), (128, 9))  # input size, epochs
COOL = 14  # epochs at the end in which the rate falls to zero
BF16 = cpu_precision() == "bf16"  # without the instructions it is ten times slower than float32

M = TypeVar("M", bound=nn.Module)


@dataclass
class State:
    """Everything a checkpoint holds."""

    model: Paw
    project: Projector
    mean: Paw  # exponential moving average of `model`
    mean_project: Projector
    muon: Muon
    adamw: torch.optim.AdamW
    step: int = 0
    seconds: float = 0.0

    def modules(self) -> dict[str, Any]:
        names = ("model", "project", "mean", "mean_project", "muon", "adamw")
        return {name: getattr(self, name) for name in names}

    def save(self, path: Path) -> None:
        kept = {name: part.state_dict() for name, part in self.modules().items()}
        torch.save({**kept, "step": self.step, "seconds": self.seconds}, path.with_suffix(".part"))
        os.replace(path.with_suffix(".part"), path)

    def load(self, path: Path) -> None:
        kept = torch.load(path, weights_only=True)
        for name, part in self.modules().items():
            part.load_state_dict(kept[name])
        self.step, self.seconds = kept["step"], kept["seconds"]


def start(seed: int) -> State:
    """Return a fresh state, drawn from `seed`."""
    torch.manual_seed(seed)
    model = Paw().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    project = Projector(teacher.DIM)
    both = optimizers(model, project, RATE, DECAY)
    return State(model, project, deepcopy(model), deepcopy(project), *both)


def losses(
    found: Tensor, cells: Tensor, project: Projector, heads: dict[str, Head]
) -> dict[str, Tensor]:
    """Unexplained shares of pooled features and of cells (0 perfect, about 1 blind), and heads."""
    student = project(found.permute(0, 2, 3, 1))
    wanted = cells.permute(0, 2, 3, 1)
    pooled, pooled_wanted = student.mean((1, 2)), wanted.mean((1, 2))
    spread = pooled_wanted.var(0).sum()
    parts = {
        "pooled": (pooled - pooled_wanted).square().sum(1).mean() / spread,
        "cells": (student - wanted).square().sum(3).mean() / wanted.flatten(0, 2).var(0).sum(),
    }
    for name, head in heads.items():
        parts[name] = head.divergence(pooled, pooled_wanted)
    return parts


def total(parts: dict[str, Tensor], heads: dict[str, Head]) -> Tensor:
    """The loss that is minimised."""
    answers = [head.share * parts[name] for name, head in heads.items()]
    return torch.stack([parts["pooled"], 0.5 * parts["cells"], *answers]).sum()


def follow(mean: nn.Module, model: nn.Module, step: int) -> None:
    """Move the averaged weights and statistics towards `model`, faster at the start."""
    keep = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for ours, theirs in zip(
            mean.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if ours.dtype.is_floating_point:
                ours.lerp_(theirs, 1 - keep)


@torch.no_grad()
def check(
    state: State, views: Views, heads: dict[str, Head], members: npt.NDArray[np.int64], size: int
) -> dict[str, float]:
    """Losses of the averaged model on whole photos that are not trained on."""
    x, cells = views.whole(members, size)
    parts = losses(state.mean.eval().cells(x), cells, state.mean_project.eval(), heads)
    return {name: round(float(value), 4) for name, value in parts.items()}


def schedule(step: int, per_epoch: int) -> float:
    """Learning rate: a warm-up, a plateau, then a straight line to zero.

    On a plateau the length need not be known when a training starts (Hagele et al. 2024,
    "Scaling laws and compute-optimal training beyond fixed training durations").
    """
    left = sum(epochs for _, epochs in PLAN) * per_epoch - step
    return RATE * min(1, (step + 1) / WARM_UP, left / (COOL * per_epoch))


def size_of(epoch: int) -> int:
    """Input size of an epoch, by the plan."""
    sizes = [size for size, epochs in PLAN for _ in range(epochs)]
    return sizes[epoch]


def twins(model: M, n: int) -> list[M]:
    """Return `model` and n - 1 copies that share its weights but not its batch statistics."""
    copies = [model]
    for _ in range(n - 1):
        twin = deepcopy(model)
        twin.load_state_dict(model.state_dict(), assign=True)
        for buffer in twin.buffers():
            buffer.data = buffer.data.clone()
        copies.append(twin)
    return copies


def gradients(
    model: Paw, project: Projector, x: Tensor, cells: Tensor, heads: dict[str, Head]
) -> tuple[tuple[Tensor, ...], dict[str, float]]:
    """Gradients and losses of a part of a batch."""
    with torch.autocast("cpu", torch.bfloat16, enabled=BF16):
        found = model.train().cells(x)
    parts = losses(found, cells, project, heads)
    wanted = torch.autograd.grad(total(parts, heads), [*model.parameters(), *project.parameters()])
    return wanted, {name: float(value.detach()) for name, value in parts.items()}


def learn(
    state: State,
    pairs: list[tuple[Paw, Projector]],
    pool: ThreadPoolExecutor,
    x: Tensor,
    cells: Tensor,
    heads: dict[str, Head],
    rate: float,
) -> Counter[str]:
    """Take one step and return its losses. Every thread works on its own part of the batch.

    On shared cores two threads that meet once a step lose less than two that meet in every layer.
    """
    n = len(pairs)
    parts_of_batch = x.chunk(n), cells.chunk(n)
    found = list(pool.map(gradients, *zip(*pairs, strict=True), *parts_of_batch, repeat(heads)))
    weights = [*state.model.parameters(), *state.project.parameters()]
    for weight, *parts in zip(weights, *(grads for grads, _ in found), strict=True):
        weight.grad = torch.stack(parts).mean(0)
    nn.utils.clip_grad_norm_(state.model.parameters(), 2.0)
    step((state.muon, state.adamw), rate)
    follow(state.mean, state.model, state.step)
    follow(state.mean_project, state.project, state.step)
    state.step += 1
    sums: Counter[str] = Counter()
    for _, values in found:
        sums.update({name: value / n for name, value in values.items()})
    return sums


def train(out: Path, photos: list[data.Photo], views: Views, threads: int) -> None:
    """Train by the plan; writes a checkpoint and a row of ``history.jsonl`` after each epoch."""
    heads = fit_heads(out, photos)
    state, checkpoint = start(views.seed), out / "checkpoint.pt"
    if checkpoint.exists():
        state.load(checkpoint)
    everyone = np.arange(len(photos))
    checked, members = everyone[:: data.CHECK], everyone[everyone % data.CHECK != 0]
    per_epoch, epochs = len(members) // BATCH, sum(epochs for _, epochs in PLAN)
    models, projectors = twins(state.model, threads), twins(state.project, threads)
    pairs, pool = list(zip(models, projectors, strict=True)), ThreadPoolExecutor(threads)
    while state.step < epochs * per_epoch:
        clock, epoch = time.perf_counter(), state.step // per_epoch
        size = size_of(epoch)
        sums: Counter[str] = Counter()
        order = views.order(epoch, members)[: per_epoch * BATCH].reshape(per_epoch, BATCH)
        for x, cells in views.ahead(order, state.step, size):
            rate = schedule(state.step, per_epoch)
            sums.update(learn(state, pairs, pool, x, cells, heads, rate))
        state.seconds += time.perf_counter() - clock
        row = {
            "epoch": epoch + 1,
            "of": epochs,
            "size": size,
            "rate": round(rate, 6),
            "seconds": round(state.seconds, 1),
            "train": {name: round(value / per_epoch, 4) for name, value in sums.items()},
            "check": check(state, views, heads, checked, size),
        }
        state.save(checkpoint)
        with (out / "history.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shared", type=Path, required=True, help="folder of data/ and weights/")
    parser.add_argument("--out", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--views", type=int, default=1, help="views of a photo the teacher sees")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)  # of one layer; --threads share a batch
    data.prepare(args.shared, args.out)
    teacher.targets(args.shared, args.out, args.views)
    everything, pixels = data.load(args.out)
    photos = teacher.training_photos(everything)
    seen = pixels[[photo.role == "train" for photo in everything]]
    train(args.out, photos, Views(args.out, seen, args.seed), args.threads)
    export(args.out, args.seed)


if __name__ == "__main__":
    main()
