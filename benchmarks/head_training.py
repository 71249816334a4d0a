"""Heads of a search, trained by the project's own NumPy and by torch: seconds, and losses.

Plans are drawn from the space of a recipe and cross-validated on synthetic features, by the same
trainer with the same rows in every batch and the same stopping. What trains the networks differs:

- numpy: `pawlens.heads`, as `pawlens tune` uses it;
- stacked: the same stacked matrices as torch tensors, with autograd;
- vmap: `torch.func.vmap` over one plain module, for linear heads and hidden layers without batch
  norm;
- modules: one plain module for each plan and fold, one after the other, with `torch.optim.SGD`.

Each has as many threads as the process may use. All are measured in turn, several rounds in one
run, in wall and in processor time. Without torch only numpy is measured. Losses are compared where
they have to agree, on the same plans without dropout, and where only the masks differ.

    python benchmarks/head_training.py [--plans 8 --epochs 2 --rounds 3] [--only numpy stacked]
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from torch_heads import STACKS

from pawlens.base._parallel import cores
from pawlens.heads import HeadBudget, HeadPlan, HeadTrainer, HeadTrial
from pawlens.recipes import Choice, Search, read_recipe

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

FOLDS = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recipe", default="b-fused-search", help="whose space plans come from")
    parser.add_argument("--photos", type=int, default=8800)
    parser.add_argument("--columns", type=int, default=3000)
    parser.add_argument("--plans", type=int, default=8, help="heads trained at once")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=int, nargs="*", default=[], help="widths of hidden layers")
    parser.add_argument("--dropout", type=float, help="of every plan, instead of drawn")
    parser.add_argument("--only", nargs="+", choices=["numpy", *STACKS])
    options = parser.parse_args()
    plans = draw_plans(options.recipe, options.plans, tuple(options.hidden))
    if options.dropout is not None:
        plans = [replace(plan, dropout=options.dropout) for plan in plans]
    batch = search_of(options.recipe).batch
    budget = HeadBudget(epochs=options.epochs, patience=options.epochs, batch=batch)
    data = draw_features(options.photos, options.columns)
    ways = [name for name in ("numpy", *STACKS) if not options.only or name in options.only]
    start = time.perf_counter()
    if importlib.util.find_spec("torch") is None:
        ways = ["numpy"]
        print("torch is not installed: numpy alone")
    else:
        import torch  # noqa: F401  what the import costs is part of the answer

        print(f"importing torch takes {time.perf_counter() - start:.1f} s")
    print(
        f"{options.photos} x {options.columns} values, {FOLDS} folds, {len(plans)} plans, ", end=""
    )
    print(f"{options.epochs} epochs, {cores()} threads, load {os.getloadavg()[0]:.1f}")
    compare_times(ways, plans, data, budget, options.rounds)
    compare_losses(ways, plans, data, budget)


def search_of(recipe: str) -> Search:
    """The search phase of a recipe."""
    return next(phase for phase in read_recipe(recipe).phases if isinstance(phase, Search))


def draw_plans(recipe: str, count: int, hidden: tuple[int, ...]) -> list[HeadPlan]:
    """Plans drawn by chance from the space of a recipe's search."""
    rng, plans = np.random.default_rng(0), []
    for _ in range(count):
        drawn: dict[str, Any] = {}
        for name, values in search_of(recipe).values().items():
            if isinstance(values, Choice):
                drawn[name] = values.values[rng.integers(len(values.values))]
            elif values.kind == "log":
                drawn[name] = float(np.exp(rng.uniform(np.log(values.low), np.log(values.high))))
            else:
                drawn[name] = float(rng.uniform(values.low, values.high))
        plans.append(HeadPlan(**{"hidden": hidden} | drawn))
    return plans


def draw_features(photos: int, columns: int) -> tuple[Floats, Any, Any]:
    """Features float32 [n, D] of two classes that overlap, labels and folds int64 [n]."""
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, photos)
    features = rng.standard_normal((photos, columns), np.float32)
    features[:, :50] += 0.2 * (2 * labels[:, None] - 1)
    return features, labels, rng.permutation(photos) % FOLDS


def compare_times(
    ways: Sequence[str],
    plans: Sequence[HeadPlan],
    data: tuple[Any, Any, Any],
    budget: HeadBudget,
    rounds: int,
) -> None:
    """Measure every way in turn, and print medians and ratios to numpy's."""
    wall: dict[str, list[float]] = {way: [] for way in ways}
    busy: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            trainer = make_trainer(way, data, budget)
            start, start_busy = time.perf_counter(), time.process_time()
            trainer.cross_validate(plans)
            wall[way].append(time.perf_counter() - start)
            busy[way].append(time.process_time() - start_busy)
    for way in ways:
        line = f"{way:8} {statistics.median(wall[way]):6.2f} s"
        line += f"  processor {statistics.median(busy[way]):6.2f} s"
        if way != "numpy" and "numpy" in ways:
            for name, seconds in (("wall", wall), ("processor", busy)):
                ratios = [a / b for a, b in zip(seconds[way], seconds["numpy"], strict=True)]
                line += f"  {name} {statistics.median(ratios):.2f} times numpy's"
                line += f" ({min(ratios):.2f} to {max(ratios):.2f})"
        print(line)


def compare_losses(
    ways: Sequence[str],
    plans: Sequence[HeadPlan],
    data: tuple[Any, Any, Any],
    budget: HeadBudget,
) -> None:
    """Print how far losses after any epoch are apart, without dropout and with it."""
    few = replace(budget, epochs=min(3, budget.epochs))
    for word, chosen in (
        ("without dropout", [replace(plan, dropout=0.0) for plan in plans]),
        ("with dropout, other masks", list(plans)),
    ):
        losses = {
            way: np.array(
                [trial.losses for trial in make_trainer(way, data, few).cross_validate(chosen)]
            )
            for way in ways
        }
        first = losses[ways[0]]
        print(f"{word}: losses of {ways[0]} from {first.min():.4f} to {first.max():.4f}")
        for way in ways[1:]:
            apart = np.abs(losses[way] / losses[ways[0]] - 1).max()
            print(f"{way:8} differs by at most {apart:.1e} of {ways[0]}'s")


def make_trainer(way: str, data: tuple[Any, Any, Any], budget: HeadBudget) -> HeadTrainer:
    """A trainer whose networks are trained in one of the ways."""
    features, labels, fold = data
    if way == "numpy":
        return HeadTrainer(features, labels, fold, n_classes=2, budget=budget)
    return TorchTrainer(STACKS[way], features, labels, fold, n_classes=2, budget=budget)


class TorchTrainer(HeadTrainer):
    """The trainer of `pawlens.heads` over networks of torch."""

    def __init__(self, stack: Callable[..., Any], *values: Any, **options: Any) -> None:
        super().__init__(*values, **options)
        self._make = stack

    def stack(self, plans: Sequence[HeadPlan], copies: int) -> Any:
        """Untrained networks of these plans."""
        return self._make(plans, copies, self._x.shape[1], self._outputs, self._budget.seed)

    def cross_validate(self, plans: Sequence[HeadPlan], **options: Any) -> list[HeadTrial]:
        """As its parent; torch's own threads would wait for each other, as those of BLAS do."""
        import torch

        torch.set_num_threads(1)
        return super().cross_validate(plans, **options)


if __name__ == "__main__":
    main()
