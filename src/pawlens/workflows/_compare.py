"""Comparison of runs: which is better on the same photos, and is the difference real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import (
    Bar,
    Progress,
    Tabular,
    Watcher,
    bar_chart,
    make_folder,
    notebook_card,
    or_plain_text,
    tell,
    watched,
    write_atomic,
)
from ..errors import UsageError
from ..metrics import Baseline, Difference, Interval, compare_models, evaluate
from ..pages import ComparisonData, render_comparison
from ..runs import (
    Joined,
    Run,
    join_runs,
    notes_of,
    rare_classes,
    settings_that_differ,
    stored_photos,
    thumbnail,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Comparison", "Cost", "compare"]

_PAGE = "compare.html"


@dataclass(frozen=True)
class Cost:
    """The costs of a run and of its model.

    Attributes
    ----------
    seconds : float
        Wall time of all steps of the training; features that came from the cache cost nothing.
    megabytes : float
        Size of ``model.onnx``.
    photos_per_second : float or None
        Speed of feature extraction in the run; None where the features came from the cache.
    """

    seconds: float
    megabytes: float
    photos_per_second: float | None


@dataclass(frozen=True)
class Comparison(Tabular):
    """Runs side by side, measured on the photos that all of them answered.

    Attributes
    ----------
    joined : Joined
    metrics : list of dict of Interval
        Metrics of each run on the common photos, with 95 % intervals.
    differences : list of Difference
        Difference of every other run to the one that they are compared with.

    Examples
    --------
    >>> from pawlens import compare
    >>> comparison = compare(["runs/first", "runs/second"])
    >>> comparison.names[comparison.against]
    'first'
    >>> [difference.verdict for difference in comparison.differences]
    ['no real difference']
    >>> comparison.write("compare.html").name
    'compare.html'
    """

    joined: Joined
    metrics: list[dict[str, Interval]]
    differences: list[Difference]

    @property
    def names(self) -> list[str]:
        """Names of the runs."""
        return self.joined.names

    @property
    def against(self) -> int:
        """Index of the run that the others are compared with."""
        return self.differences[0].against

    @cached_property
    def baseline(self) -> Baseline:
        """What the commonest class of the common photos is worth on them."""
        return Baseline.of(self._labels, self.joined.classes)

    @cached_property
    def notes(self) -> list[str]:
        """Caveats that a reader must know before believing the numbers, a sentence each."""
        present = [name for k, name in enumerate(self.joined.classes) if (self.joined.y == k).any()]
        return [*notes_of(self.joined), *rare_classes(present, self._labels)]

    @property
    def _labels(self) -> list[list[str]]:
        return [[self.joined.classes[k]] for k in self.joined.y]

    @cached_property
    def costs(self) -> list[Cost]:
        """The costs of each run."""
        return [_cost(run) for run in self.joined.runs]

    def in_words(self) -> list[str]:
        """Return the verdict on each run, a sentence each."""
        return [sentence(difference, self.names) for difference in self.differences]

    def to_json(self) -> dict[str, Any]:
        """Return all figures as plain values."""
        return {
            "photos": len(self.joined.y),
            "against": self.names[self.against],
            "baseline": asdict(self.baseline),
            "runs": {
                name: {key: asdict(interval) for key, interval in metrics.items()}
                | {"cost": asdict(cost)}
                for name, metrics, cost in zip(self.names, self.metrics, self.costs, strict=True)
            },
            "differences": [difference.to_json(self.names) for difference in self.differences],
            "notes": self.notes,
            "words": self.in_words(),
        }

    def to_arrow(self) -> pa.Table:
        """Return the figures as a pyarrow table, a row a run.

        Its columns are ``run``, each metric with its ``_low`` and ``_high``, ``seconds``,
        ``megabytes``, and ``verdict`` and ``p_log_loss`` against the run that the others are
        compared with, which has none of its own.
        """
        import pyarrow as pa

        verdicts = {difference.model: difference for difference in self.differences}
        rows = []
        for number, (name, metrics, cost) in enumerate(
            zip(self.names, self.metrics, self.costs, strict=True)
        ):
            row: dict[str, Any] = {"run": name}
            for metric, interval in metrics.items():
                row |= {metric: interval.value}
                row |= {f"{metric}_low": interval.low, f"{metric}_high": interval.high}
            row |= {"seconds": cost.seconds, "megabytes": cost.megabytes}
            verdict = verdicts.get(number)
            row["verdict"] = None if verdict is None else verdict.verdict
            row["p_log_loss"] = None if verdict is None else verdict.p_log_loss
            rows.append(row)
        return pa.Table.from_pylist(rows)

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.names)}; {len(self.joined.y)} photos)"

    @or_plain_text
    def _repr_html_(self) -> str:
        pairs = list(zip(self.names, self.metrics, strict=True))
        losses = [(name, metrics["log_loss"]) for name, metrics in pairs]
        bars = [Bar(name, loss.value, loss.low, loss.high) for name, loss in losses]
        return notebook_card(
            f"{len(self.names)} runs on {len(self.joined.y)} photos, 95 % intervals",
            header=("run", "log loss", "accuracy"),
            rows=[
                (name, f"{metrics['log_loss']:.4f}", f"{metrics['accuracy']:.2%}")
                for name, metrics in pairs
            ]
            + [("no look", f"{self.baseline.log_loss:.4f}", self.baseline.in_words())],
            pictures=[(bar_chart(bars), "log loss")],
            notes=[*self.in_words(), *self.notes],
        )

    def write(
        self,
        out: str | Path,
        *,
        photos: str | Path | None = None,
        progress: Watcher = None,
    ) -> Path:
        """Write the page.

        Parameters
        ----------
        out : path
            Ends in ``.html``, or is a folder that gets ``compare.html``.
        photos : path, optional
            The folder or zip of the photos, if it is no longer where the first run read it.
        progress : callable, False or None
            What is told how much is done; by default bars in a notebook, and nothing elsewhere.

        Returns
        -------
        Path
        """
        page = Path(out)
        page = page if page.suffix.lower() in (".html", ".htm") else page / _PAGE
        make_folder(page.parent)
        with watched(progress) as told:
            write_atomic(page, render_comparison(self._data(photos, told)).encode())
        return page

    def _data(self, photos: str | Path | None, progress: Progress | None) -> ComparisonData:
        joined = self.joined
        source = stored_photos(joined.runs[0], photos)
        return ComparisonData(
            names=self.names,
            classes=joined.classes,
            y=joined.y,
            proba=joined.proba,
            paths=joined.paths,
            metrics=self.metrics,
            differences=self.differences,
            sentences=self.in_words(),
            notes=self.notes,
            settings=settings_that_differ(joined.runs),
            costs=[(c.seconds, c.megabytes, c.photos_per_second) for c in self.costs],
            histories=dict(zip(self.names, map(_history, joined.runs), strict=True)),
            thumbnail=lambda row: thumbnail(source, joined.paths[row], joined.sha256[row]),
            progress=progress,
        )


def compare(
    runs: Sequence[Run | str | Path],
    *,
    against: Run | str | Path | None = None,
    seed: int = 0,
    progress: Watcher = None,
) -> Comparison:
    """Compare runs on the photos that all of them answered without having trained on them.

    Photos are joined by content. Log loss is compared by a paired bootstrap and over folds,
    accuracy by McNemar's exact test, with Holm's correction for several comparisons.

    Parameters
    ----------
    runs : sequence of Run or path
        Two or more finished runs.
    against : Run or path, optional
        The run that the others are compared with; the one of least log loss by default.
    seed : int
        The random seed of the bootstrap.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        Fewer than two runs, one of them twice, `against` is not among them, or no common photo.
    RunError
        A run is not finished, or its files are damaged.

    Examples
    --------
    >>> comparison = compare(["runs/first", "runs/second"], against="runs/second")
    >>> comparison.names
    ['first', 'second']
    >>> comparison.names[comparison.against]
    'second'
    """
    if len(runs) < 2:
        raise UsageError(f"{len(runs)} run to compare; name two or more run folders")
    opened = [run if isinstance(run, Run) else Run(run) for run in runs]
    paths = [run.path.resolve() for run in opened]
    wanted = None
    if against is not None:
        path = Path(against.path if isinstance(against, Run) else against)
        if path.resolve() not in paths:
            raise UsageError(f"{path}: not among the runs that are compared; name it there too")
        wanted = paths.index(path.resolve())
    joined = join_runs(opened)
    with watched(progress) as told:
        metrics = _measured(joined, seed, told)
    differences = compare_models(
        joined.y,
        joined.proba,
        against=wanted,
        seed=seed,
        groups=joined.group,
        folds=joined.fold,
    )
    return Comparison(joined, metrics, differences)


def _measured(joined: Joined, seed: int, progress: Progress | None) -> list[dict[str, Interval]]:
    metrics = []
    for done, proba in enumerate(joined.proba, start=1):
        metrics.append(evaluate(joined.y, proba, joined.classes, seed=seed, groups=joined.group))
        tell(progress, "measuring runs", done, len(joined.runs))
    return metrics


def sentence(difference: Difference, names: Sequence[str]) -> str:
    """Write the verdict on a model, with the figures behind it."""
    words = f"{names[difference.model]} and {names[difference.against]}: no real difference"
    if difference.verdict != "no real difference":
        words = (
            f"{names[difference.model]} is {difference.verdict} than {names[difference.against]}"
        )
    elif difference.accuracy_verdict != "no real difference":
        words += " in log loss"
    words += (
        f": log loss {difference.log_loss:+.4f}, {_p(difference.p_log_loss)}; "
        f"accuracy {difference.accuracy:+.2p}, {_p(difference.p_accuracy)}"
    )
    if difference.accuracy_verdict not in (difference.verdict, "no real difference"):
        words += f", which is {difference.accuracy_verdict}"
    return words


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"


def _cost(run: Run) -> Cost:
    facts = run.environment
    seconds: Mapping[str, float] = facts["seconds"]
    extracted, spent = facts["extracted"], seconds.get("features", 0.0)
    return Cost(
        seconds=float(sum(seconds.values())),
        megabytes=run.model_size / 1e6,
        photos_per_second=extracted / spent if extracted and spent else None,
    )


def _history(run: Run) -> list[dict[str, Any]]:
    """Return the rows of ``history.jsonl`` that a network's phases wrote."""
    return [row for row in run.history if "do" in row]
