"""The folder of a training run: what it holds, written so that a crash leaves nothing half done."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from ..base import (
    LOCK,
    PARTIAL,
    SUMS,
    draft_of,
    in_use,
    make_folder,
    read_regular,
    write_atomic,
    write_json,
    write_sums,
    write_table,
)
from ..errors import FolderInUse, RunError
from ..photos import place_of
from ._files import (
    CHOICE,
    CLASSES,
    DECISIONS,
    ENVIRONMENT,
    EXPLORATION,
    HISTORY,
    METRICS,
    MODEL,
    OOF,
    PARITY,
    PHOTOS,
    PREDICTIONS,
    RECIPE,
    REFERENCE,
    REPORT,
    damaged,
)
from ._papers import Papers
from ._run import Run

__all__ = ["OWN_CACHE", "RunFolder", "Settled", "claimed", "is_begun", "is_finished"]

OWN_CACHE = "cache"
"""Where features are kept, until the run is finished, when no other cache is wanted."""


class Settled(Protocol):
    """The plan that decides the outcome of a run: a `Recipe`, or the plan of an ensemble."""

    def to_yaml(self) -> str:
        """Write every value as YAML, defaults included."""


class RunFolder:
    """A run folder being written, by the one process that has `claimed` it.

    Parameters
    ----------
    path : Path
        Created if it is missing. An unfinished run of the same recipe is continued.
    recipe : Recipe or another settled plan

    Raises
    ------
    RunError
        The folder cannot be written, holds a finished run, a run of another recipe, or other files.
    """

    def __init__(self, path: Path, recipe: Settled) -> None:
        self.path = path
        self._recipe = recipe.to_yaml()
        make_folder(path)
        if is_finished(path):
            shutil.rmtree(path / OWN_CACHE, ignore_errors=True)  # a crash may have come before it
            raise RunError(f"{path}: holds a finished run; choose another folder with --out")
        foreign = [f for f in path.iterdir() if not f.name.startswith((PARTIAL, OWN_CACHE, LOCK))]
        if not (path / RECIPE).exists() and foreign:
            raise RunError(f"{path}: holds other files; choose an empty or a new folder with --out")
        if _of_another(path, self._recipe):
            raise RunError(
                f"{path}: holds an unfinished run of another recipe; finish that one or choose "
                "another folder with --out"
            )

    def start(self, decisions: Sequence[Mapping[str, Any]] = ()) -> None:
        """Claim the folder for recipe and decisions, once photos and backbones are there.

        Parameters
        ----------
        decisions : sequence of mappings
            Decisions about these photos, as rows of ``decisions.jsonl``.

        Raises
        ------
        RunError
            The folder holds an unfinished run with other decisions.
        """
        if _differs(self.path / DECISIONS, _rows(decisions)):
            raise RunError(
                f"{self.path}: holds an unfinished run with other decisions; choose another folder "
                "with --out"
            )
        for draft in self.path.glob(f"{PARTIAL}*"):  # left behind by a crash
            draft.unlink(missing_ok=True)
        self.write(RECIPE, self._recipe)
        self.write_rows(DECISIONS, decisions)

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file in one piece."""
        data = content.encode() if isinstance(content, str) else content
        write_atomic(self.path / name, data)

    @contextmanager
    def proven(self, name: str) -> Iterator[Path]:
        """Yield a draft to write and to verify; it takes its name only if the block ends well."""
        with draft_of(self.path / name, alone=True) as draft:
            yield draft

    def write_rows(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write one JSON object a line."""
        self.write(name, _rows(rows))

    def model(self) -> AbstractContextManager[Path]:
        """A draft of the exported classifier; see `proven`."""
        return self.proven(MODEL)

    @property
    def model_path(self) -> Path:
        """The exported classifier, once it is proven."""
        return self.path / MODEL

    @property
    def exploration_path(self) -> Path:
        """The page on the photos, where a recipe asks for it."""
        return self.path / EXPLORATION

    def write_predictions(self, text: str) -> None:
        """Write the answers to other photos as CSV."""
        self.write(PREDICTIONS, text)

    def write_choice(self, choice: Mapping[str, Any]) -> None:
        """Write how the backbones were chosen."""
        write_json(self.path / CHOICE, choice)

    def write_results(
        self,
        *,
        classes: Sequence[str],
        photos: Mapping[str, Any],
        oof: Mapping[str, Any],
        history: Sequence[Mapping[str, Any]],
        metrics: Mapping[str, Any],
    ) -> None:
        """Write what was measured.

        Parameters
        ----------
        classes : sequence of str
        photos : mapping
            See `photo_columns`.
        oof : mapping
            See `oof_columns`.
        history : sequence of mappings
            A row for each thing that was tried.
        metrics : mapping
            `metrics_values` and whatever is told beside them.
        """
        write_json(self.path / CLASSES, classes)
        write_table(self.path / PHOTOS, photos)
        write_table(self.path / OOF, oof)
        self.write_rows(HISTORY, history)
        write_json(self.path / METRICS, metrics)

    def write_facts(
        self, photos: Path, parity: Mapping[str, Any], facts: Mapping[str, Any]
    ) -> None:
        """Write the proof and the machine.

        Parameters
        ----------
        photos : Path
            The folder or archive that the run read.
        parity : mapping
            Figures of the proof that the graph gives the answers that were evaluated.
        facts : mapping
            See `pawlens.base.environment`.
        """
        write_json(self.path / PARITY, parity)
        write_json(self.path / ENVIRONMENT, {"photos": place_of(photos)} | dict(facts))

    def as_run(self) -> Run:
        """Return the run as far as it is written, for the papers that are made from its files."""
        return Run.unfinished(self.path)

    def write_papers(self, papers: Papers) -> None:
        """Write what others are shown of the run: the model's card and the data set's."""
        for name, text in papers.by_name().items():
            self.write(name, text)

    def write_reference(self, columns: Mapping[str, Any]) -> None:
        """Write what photos are like that the model was measured on, for later comparison.

        Parameters
        ----------
        columns : mapping
            ``embedding`` (lists of equal length), ``answer`` and the measures of the pictures.
        """
        write_table(self.path / REFERENCE, columns)

    def finish(self, report: str) -> None:
        """Write, last of all, the page that marks a finished run."""
        there = [path.name for path in self.path.iterdir() if path.is_file()]
        kept = [name for name in there if name != SUMS and not name.startswith((PARTIAL, LOCK))]
        write_sums(self.path, dict.fromkeys(kept) | {REPORT: report.encode()})
        self.write(REPORT, report)


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def is_finished(path: Path) -> bool:
    """Return whether a folder holds a finished run."""
    return (path / REPORT).exists()


def is_begun(path: Path) -> bool:
    """Whether a folder holds a run, finished or not."""
    return any((path / name).is_file() for name in (MODEL, RECIPE))


@contextmanager
def claimed(out: Path | None, name: str, recipe: Settled) -> Iterator[Path]:
    """Yield the folder of a run, into which no other process writes until the block ends.

    Parameters
    ----------
    out : Path or None
        The folder that was asked for. None takes the first of ``runs/NAME``, ``runs/NAME-2`` ...
        that this run may use and no other process does, which is known only once it is held.
    name : str
        A short name of the photos, or of what is made.
    recipe : Recipe or another settled plan

    Raises
    ------
    FolderInUse
        Another process writes into `out`; the message says which.
    RunError
        The folder cannot be made or written.
    """
    if out is not None:
        with in_use(out):
            yield out
        return
    wanted = recipe.to_yaml()
    for number in itertools.count(1):
        path = Path("runs", name if number == 1 else f"{name}-{number}")
        if is_finished(path):
            continue
        with ExitStack() as held:
            try:
                held.enter_context(in_use(path))
            except FolderInUse:
                continue
            if not is_finished(path) and not _of_another(path, wanted):
                yield path
                return


def _of_another(path: Path, recipe: str) -> bool:
    return _differs(path / RECIPE, recipe)


def _differs(file: Path, text: str) -> bool:
    """Return whether a file exists with another content."""
    try:
        return file.exists() and read_regular(file) != text.encode()
    except OSError as error:
        raise damaged(file, f"cannot be read ({error.strerror})") from error
