"""Which run is better, and is it real: runs measured on the same photos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..base import Progress, make_folder, tell, write_atomic
from ..errors import UsageError
from ..metrics import Difference, Interval, compare_models, evaluate
from ..pages import ComparisonData, render_comparison
from ..runs import Joined, Run, join_runs, notes_of, settings_that_differ, stored_photos, thumbnail

__all__ = ["Comparison", "Cost", "compare"]

_PAGE = "compare.html"


@dataclass(frozen=True)
class Cost:
    """What a run took and what its model takes.

    Attributes
    ----------
    seconds : float
        Of all steps of the training, with what the cache did not have.
    megabytes : float
        Of ``model.onnx``.
    photos_per_second : float or None
        Of feature extraction as the run recorded it; None where the features came from the cache.
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
        Of each run, on the common photos.
    differences : list of Difference
        Of every other run and the one that they are compared with.
    """

    joined: Joined
    metrics: list[dict[str, Interval]]
    differences: list[Difference]

    @property
    def names(self) -> list[str]:
        """Of the runs."""
        return self.joined.names

    @property
    def against(self) -> int:
        """Number of the run that the others are compared with."""
        return self.differences[0].against

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know before believing the numbers, a sentence each."""
        return notes_of(self.joined)

    @cached_property
    def costs(self) -> list[Cost]:
        """What each run took."""
        return [_cost(run) for run in self.joined.runs]

    def in_words(self) -> list[str]:
        """The verdict on each run, a sentence each."""
        return [sentence(one, self.names) for one in self.differences]

    def to_json(self) -> dict[str, Any]:
        """All figures as plain values."""
        return {
            "photos": len(self.joined.y),
            "against": self.names[self.against],
            "runs": {
                name: {key: asdict(one) for key, one in metrics.items()} | {"cost": asdict(cost)}
                for name, metrics, cost in zip(self.names, self.metrics, self.costs, strict=True)
            },
            "differences": [one.to_json(self.names) for one in self.differences],
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
        """Write the page.

        Parameters
        ----------
        out : path
            Ends in ``.html``, or is a folder that gets ``compare.html``.
        photos : path, optional
            The folder or zip of the photos, if it is no longer where the first run read it.
        progress : callable, optional

        Returns
        -------
        Path
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
        Of the bootstrap.
    progress : callable, optional

    Raises
    ------
    UsageError
        Fewer than two runs, one of them twice, `against` is not among them, or no common photo.
    RunError
        A run is not finished, or its files are damaged.
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
        tell(progress, "measuring runs", done, len(opened))
    differences = compare_models(
        joined.y,
        joined.proba,
        against=wanted,
        seed=seed,
        groups=joined.group,
        folds=joined.fold,
    )
    return Comparison(joined, metrics, differences)


def sentence(one: Difference, names: Sequence[str]) -> str:
    """The verdict on a model, with what it stands on."""
    words = f"{names[one.model]} and {names[one.against]}: no real difference"
    if one.verdict != "no real difference":
        words = f"{names[one.model]} is {one.verdict} than {names[one.against]}"
    elif one.accuracy_verdict != "no real difference":
        words += " in log loss"
    words += (
        f": log loss {one.log_loss:+.4f}, {_p(one.p_log_loss)}; "
        f"accuracy {one.accuracy:+.2p}, {_p(one.p_accuracy)}"
    )
    if one.accuracy_verdict not in (one.verdict, "no real difference"):
        words += f", which is {one.accuracy_verdict}"
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
    """Rows of what a training did; none of a head alone."""
    return [row for row in run.history if "do" in row]
