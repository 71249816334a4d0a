"""The folder of a training run: what it holds, written so that a crash leaves nothing half done."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ..base import PARTIAL, draft_of, make_folder, write_atomic, write_json, write_table
from ..errors import RunError
from ._files import (
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
    REPORT,
    damaged,
)

__all__ = ["OWN_CACHE", "RunFolder", "Settled", "is_begun", "is_finished", "next_free"]

OWN_CACHE = "cache"
"""Where features are kept, until the run is finished, when no other cache is wanted."""


class Settled(Protocol):
    """The plan that decides the outcome of a run: a `Recipe`, or the plan of an ensemble."""

    def to_yaml(self) -> str:
        """Write every value as YAML, defaults included."""


class RunFolder:
    """A run folder being written.

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
        self._made = [folder for folder in (path, *path.parents) if not folder.exists()]
        make_folder(path)
        if is_finished(path):
            shutil.rmtree(path / OWN_CACHE, ignore_errors=True)  # a crash may have come before it
            raise RunError(f"{path}: holds a finished run; choose another folder with --out")
        foreign = [f for f in path.iterdir() if not f.name.startswith((PARTIAL, OWN_CACHE))]
        if not (path / RECIPE).exists() and foreign:
            raise RunError(f"{path}: holds other files; choose an empty or a new folder with --out")
        if _of_another(path, self._recipe):
            raise RunError(
                f"{path}: holds an unfinished run of another recipe; finish that one or choose "
                "another folder with --out"
            )

    def abandon(self) -> None:
        """Remove the folders that were made for this run, if they are still empty."""
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()

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

    def finish(
        self, photos: Path, parity: Mapping[str, Any], facts: Mapping[str, Any], report: str
    ) -> None:
        """Write the proof, the machine and, last of all, the page that marks a finished run.

        Parameters
        ----------
        photos : Path
            The folder or archive that the run read.
        parity : mapping
            Figures of the proof that the graph gives the answers that were evaluated.
        facts : mapping
            See `pawlens.base.environment`.
        report : str
        """
        write_json(self.path / PARITY, parity)
        write_json(self.path / ENVIRONMENT, {"photos": str(photos.resolve())} | dict(facts))
        self.write(REPORT, report)


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def is_finished(path: Path) -> bool:
    """Return whether a folder holds a finished run."""
    return (path / REPORT).exists()


def is_begun(path: Path) -> bool:
    """Whether a folder holds a run, finished or not."""
    return any((path / name).is_file() for name in (MODEL, RECIPE))


def next_free(folder: Path, name: str, recipe: Settled) -> Path:
    """Return the first of ``folder/name``, ``folder/name-2`` ... that this run may use."""
    path, number, wanted = folder / name, 2, recipe.to_yaml()
    while is_finished(path) or _of_another(path, wanted):
        path, number = folder / f"{name}-{number}", number + 1
    return path


def _of_another(path: Path, recipe: str) -> bool:
    return _differs(path / RECIPE, recipe)


def _differs(file: Path, text: str) -> bool:
    """Return whether a file exists with another content."""
    try:
        return file.exists() and file.read_bytes() != text.encode()
    except OSError as error:
        raise damaged(file, f"cannot be read ({error.strerror})") from error
