"""Comparison of runs: which is better on the same photos, and is the difference real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base import Progress, make_folder, write_atomic
from ..errors import UsageError
from ..metrics import Difference, Interval, compare_models, evaluate
from ..pages import ComparisonData, render_comparison
from ..runs import Joined, Run, join_runs, notes_of, settings_that_differ, stored_photos, thumbnail

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
class Comparison:
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
    def notes(self) -> list[str]:
        """Caveats that a reader must know before believing the numbers, a sentence each."""
        return notes_of(self.joined)

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
            "runs": {
                name: {key: asdict(value) for key, value in metrics.items()}
                | {"cost": asdict(cost)}
                for name, metrics, cost in zip(self.names, self.metrics, self.costs, strict=True)
            },
            "differences": [d.to_json(self.names) for d in self.differences],
            "notes": self.notes,
            "words": self.in_words(),
        }

    def write(
        self,
        out: str | Path,
        *,
        photos: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Path:
        """Write the comparison as a page.

        Parameters
        ----------
        out : path
            File that ends in ``.html``, or a folder that gets ``compare.html``.
        photos : path, optional
            The folder or zip of the photos, if it is no longer where the first run read it.
        progress : callable, optional

        Returns
        -------
        Path
            The page.

        Raises
        ------
        PhotosError
            The folder or zip in `photos` does not exist.
        RunError
            The page cannot be written, or files of a run are damaged.
        """
        page = Path(out)
        page = page if page.suffix.lower() in (".html", ".htm") else page / _PAGE
        make_folder(page.parent)
        write_atomic(page, render_comparison(self._data(photos, progress)).encode())
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
    progress: Progress | None = None,
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
        Seed of the bootstrap.
    progress : callable, optional

    Returns
    -------
    Comparison

    Raises
    ------
    UsageError
        There are fewer than two runs, a run is named twice, `against` is not among them, or the
        runs have no common photo.
    RunError
        A run is not finished, or its files are damaged.

    Examples
    --------
    >>> import pawlens
    >>> comparison = pawlens.compare(["runs/first", "runs/second"], against="runs/second")
    >>> comparison.names, comparison.against
    (['first', 'second'], 1)
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
    metrics = []
    for done, proba in enumerate(joined.proba, start=1):
        metrics.append(evaluate(joined.y, proba, joined.classes, seed=seed, groups=joined.group))
        if progress is not None:
            progress("measuring runs", done, len(opened))
    differences = compare_models(
        joined.y,
        joined.proba,
        against=wanted,
        seed=seed,
        groups=joined.group,
        folds=joined.fold,
    )
    return Comparison(joined, metrics, differences)


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
