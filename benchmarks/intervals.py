"""How often 95 % intervals hold the truth, and how wide they are, on real answers.

The answers of a run to all its photos stand for the world: their metrics are the truth. Small sets
are drawn out of them, each with its own intervals. Beside ours stands the same without the imagined
photo (`bounded_interval`), which is a bootstrap, and for means of bounded values an interval by
betting (Waudby-Smith and Ramdas 2024), as a mixture of bets so that it knows no order.

    python benchmarks/intervals.py RUN [RUN ...] [--draws 500] [--kinds metrics classes ...]

Runs on the same photos are compared, each with the next. Groups are photos of like loss, 1 to 9
together, which are drawn whole.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from unittest import mock

import numpy as np
import numpy.typing as npt

from pawlens import Run
from pawlens.metrics import (
    Interval,
    class_accuracy,
    clopper_pearson,
    decision_curve,
    evaluate,
    evaluate_labels,
    paired_difference,
    photo_losses,
)
from pawlens.metrics import _interval as intervals
from pawlens.metrics import _label_sets as labels

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Measure = Callable[[Ints, Ints | None], Mapping[str, Interval]]

_SIZES = (30, 100, 1000)
_BETS = np.geomspace(1e-3, 0.98, 24)


class World:
    """All answers of a run: labels (n,) and (n, K), probabilities (n, K); how to measure them."""

    def __init__(self, run: Run, draws: int) -> None:
        table = run.to_arrow().to_pydict()
        answered = [row for row, fold in enumerate(table["fold"]) if fold is not None]
        answered = [row for row in answered if table[f"p:{run.classes[0]}"][row] is not None]
        self.name, self.classes, self.draws = run.path.name, run.classes, draws
        self.sha = [table["sha256"][row] for row in answered]
        self.proba = np.array([[table[f"p:{c}"][row] for c in run.classes] for row in answered])
        carried = [set(table["labels"][row]) for row in answered]
        self.targets = np.array([[c in own for c in run.classes] for own in carried])
        self.several = "labels" in run.metrics
        self.y = self.targets.argmax(axis=1)

    def metrics(self, rows: Ints, groups: Ints | None = None) -> Mapping[str, Interval]:
        """Measure photos, int64 (n,), that may be in groups."""
        y, proba = self.y[rows], self.proba[rows]
        return evaluate(y, proba, self.classes, draws=self.draws, groups=groups)

    def per_class(self, rows: Ints, groups: Ints | None = None) -> Mapping[str, Interval]:
        return class_accuracy(self.y[rows], self.proba[rows], self.classes)

    def decisions(self, rows: Ints, groups: Ints | None = None) -> Mapping[str, Interval]:
        found = decision_curve(self.y[rows], self.proba[rows], draws=self.draws, groups=groups)
        ends = zip(found.value, found.low, found.high, strict=True)
        return {f"threshold {i}": Interval(*map(float, one)) for i, one in enumerate(ends)}

    def labels(self, rows: Ints, groups: Ints | None = None) -> Mapping[str, Interval]:
        targets, proba = self.targets[rows], self.proba[rows]
        found = evaluate_labels(
            targets, proba, proba >= 0.5, self.classes, draws=self.draws, groups=groups
        )
        each = {
            f"{label}: {name}": one
            for label, metrics in found.by_label.items()
            for name, one in metrics.items()
        }
        return found.overall | each

    def groups(self, rng: np.random.Generator) -> Ints:
        """Photos of like loss together, since those of one animal are hard or easy together."""
        losses = photo_losses(self.y, self.proba)
        order = np.argsort(np.log(losses) + rng.normal(size=len(losses)))
        sizes = rng.integers(1, 10, len(losses))
        group = np.empty(len(losses), np.int64)
        group[order] = np.repeat(np.arange(len(sizes)), sizes)[: len(losses)]
        return group


def against(first: World, second: World) -> Measure:
    """Differences of two runs on the photos that both answered."""
    row = {sha: i for i, sha in enumerate(second.sha)}
    pairs = [(i, row[sha]) for i, sha in enumerate(first.sha) if sha in row]
    ours, theirs = np.array(pairs).T

    def measure(rows: Ints, groups: Ints | None = None) -> Mapping[str, Interval]:
        y, a, b = first.y[ours[rows]], first.proba[ours[rows]], second.proba[theirs[rows]]
        return {
            f"difference in {metric.replace('_', ' ')}": paired_difference(
                y, a, b, metric=metric, draws=first.draws, groups=groups
            )
            for metric in ("log_loss", "accuracy")
        }

    return measure


@contextmanager
def without_imagined_photo() -> Iterator[None]:
    """Leave the draws as they are: the percentiles of the bootstrap."""
    name = "pessimistic_and_optimistic"

    def unmixed(draws: Floats, units: float, **bounds: float) -> tuple[Floats, Floats]:
        return draws, draws

    with mock.patch.object(intervals, name, unmixed), mock.patch.object(labels, name, unmixed):
        yield


def by_betting(values: Floats, least: float, most: float) -> Interval:
    """Interval of a mean by wealth: no mean stays on which bets would have won 40 times."""
    x = (values - least) / (most - least)
    means = np.linspace(0, 1, 2001)[1:-1]
    ends = []
    for share, mean in ((x, means), (1 - x, 1 - means)):
        bets = _BETS[:, None] / mean
        wealth = np.zeros_like(bets)
        for value, count in zip(*np.unique(share.round(4), return_counts=True), strict=True):
            wealth += count * np.log1p(bets * (value - mean))
        won = np.logaddexp.reduce(wealth, axis=0) - np.log(len(_BETS)) >= np.log(40)
        ends.append(won)
    kept = means[~(ends[0] | ends[1])]
    low, high = (kept.min(), kept.max()) if len(kept) else (x.mean(), x.mean())
    return Interval(float(values.mean()), *(least + (most - least) * end for end in (low, high)))


def check(
    world: World, kind: str, measure: Measure, photos: int, repeats: int, grouped: bool
) -> None:
    """Print a line for each metric and size."""
    truth = {name: one.value for name, one in measure(np.arange(photos), None).items()}
    for size in _SIZES:
        held: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        widths: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for seed in range(repeats):
            rng = np.random.default_rng([size, seed])
            rows, groups = drawn(world, photos, size, grouped, rng)
            ours = measure(rows, groups)
            with without_imagined_photo():
                plain = measure(rows, np.arange(len(rows)) if groups is None else groups)
            for name, one in ours.items():
                if name not in truth:
                    continue
                for place, end in enumerate((one, plain[name])):
                    held[name][place] += end.low - 1e-9 <= truth[name] <= end.high + 1e-9
                held[name][2] += 1
                widths[name].append(tuple(end.high - end.low for end in (one, plain[name])))
        report(f"{world.name}{', groups' if grouped else ''}", kind, size, held, widths)


def drawn(
    world: World, photos: int, size: int, grouped: bool, rng: np.random.Generator
) -> tuple[Ints, Ints | None]:
    """Draw photos, or whole groups of them until there are as many."""
    if not grouped:
        return rng.integers(photos, size=size), None
    group = world.groups(np.random.default_rng(0))
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(group.max() + 2))
    chosen = rng.integers(group.max() + 1, size=round(size * (group.max() + 1) / len(group)))
    parts = [order[starts[g] : starts[g + 1]] for g in chosen]
    return np.concatenate(parts), np.repeat(np.arange(len(parts)), [len(one) for one in parts])


def report(
    where: str,
    kind: str,
    size: int,
    held: Mapping[str, list[int]],
    widths: Mapping[str, list[tuple[float, float]]],
) -> None:
    for name, (ours, plain, count) in held.items():
        width, narrow = np.median(widths[name], axis=0)
        low, high = clopper_pearson(ours, count)
        print(
            f"{where:24} {kind:10} {name:32} {size:5}  {ours / count:7.1%} "
            f"({float(low):.1%} to {float(high):.1%})  {plain / count:7.1%}  "
            f"{width:.4f}  {narrow:.4f}",
            flush=True,
        )


def betting(world: World, repeats: int) -> None:
    """Print the width of an interval by betting beside ours, for the Brier score."""
    k = len(world.classes)
    most = 1.0 if k == 2 else 2.0
    scores = ((world.proba - np.eye(k)[world.y]) ** 2).sum(axis=1) / (2 / most)
    for size in _SIZES:
        held, widths = 0, []
        for seed in range(repeats):
            rows = np.random.default_rng([size, seed]).integers(len(scores), size=size)
            bets, ours = by_betting(scores[rows], 0.0, most), world.metrics(rows)["brier"]
            held += bets.low <= scores.mean() <= bets.high
            widths.append((bets.high - bets.low, ours.high - ours.low))
        wide, narrow = np.median(widths, axis=0)
        print(
            f"{world.name:24} betting    {'brier':32} {size:5}  {held / repeats:7.1%}; median "
            f"widths {wide:.4f} by bets, {narrow:.4f} ours",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--draws", type=int, default=500, help="sets drawn for each line")
    parser.add_argument("--samples", type=int, default=1000, help="draws of each interval")
    parser.add_argument("--kinds", nargs="+", default=["metrics", "classes", "decisions", "groups"])
    options = parser.parse_args()
    worlds = [World(Run(path), options.samples) for path in options.runs]
    print("run, kind, metric, photos: truth held by ours, by the bootstrap; median widths")
    for number, world in enumerate(worlds):
        n = len(world.y)
        if world.several:
            check(world, "labels", world.labels, n, options.draws, False)
            continue
        if "metrics" in options.kinds:
            check(world, "metrics", world.metrics, n, options.draws, False)
            betting(world, min(options.draws, 100))
        if "classes" in options.kinds:
            check(world, "classes", world.per_class, n, options.draws, False)
        if "labels" in options.kinds:
            check(world, "labels", world.labels, n, options.draws, False)
        if "decisions" in options.kinds:
            check(world, "decisions", world.decisions, n, options.draws, False)
        if "groups" in options.kinds:
            check(world, "metrics", world.metrics, n, options.draws, True)
        after = worlds[number + 1 : number + 2]
        if after and set(world.sha) & set(after[0].sha):
            common = len(set(world.sha) & set(after[0].sha))
            check(world, "pair", against(world, after[0]), common, options.draws, False)


if __name__ == "__main__":
    main()
