"""A finished run, read back from its folder."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..base import Tabular, or_plain_text
from ..errors import RunError
from ..metrics import Interval
from . import _files as files
from ._notebook import run_card
from ._standing import Standing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Run"]


class Run(Tabular):
    """A finished training run, read from its folder.

    Files are read when they are asked for; one that is missing or damaged is a `RunError` that
    names it.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Raises
    ------
    RunError
        There is no finished run in the folder, or a newer pawlens wrote it.

    Examples
    --------
    >>> from pawlens import Run
    >>> run = Run("runs/first")
    >>> run.classes
    ['cat', 'dog']
    >>> sorted(run.out_of_fold)[:3]
    ['accuracy', 'balanced_accuracy', 'brier']
    >>> 0 <= run.out_of_fold["accuracy"].low <= run.accuracy <= 1
    True
    >>> run.oof().column_names
    ['path', 'label', 'fold', 'p:cat', 'p:dog']
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.report_path.is_file():
            raise RunError(
                f"{self.path}: no finished run (report.html is missing); finish it with the "
                "command that began it, or name another folder"
            )
        files.check_version(self.path)

    @classmethod
    def unfinished(cls, path: Path) -> Self:
        """Return the run of a folder whose last file, the report, is not written yet."""
        run = cls.__new__(cls)
        run.path = path
        return run

    def __repr__(self) -> str:
        try:
            figures = f"log_loss={self.log_loss:.4f}, accuracy={self.accuracy:.4f}"
        except RunError:  # whoever looks at a run wants to see which one it is
            figures = "metrics.json is damaged"
        return f"Run({str(self.path)!r}, {figures})"

    @or_plain_text
    def _repr_html_(self) -> str:
        return run_card(self)

    @cached_property
    def classes(self) -> list[str]:
        """Class names in the order of the probabilities."""
        return files.read_classes(self.path)

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The values of ``metrics.json``: intervals, counts, head, calibration."""
        return files.read_metrics(self.path)

    @property
    def parity(self) -> dict[str, Any]:
        """The values of ``parity.json``: how far the answers of the file that ships are off."""
        return files.read_parity(self.path)

    @cached_property
    def environment(self) -> dict[str, Any]:
        """The values of ``environment.json``: versions, machine, and seconds of every step."""
        return files.read_environment(self.path)

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe as plain values; that of an ensemble says how it was put together."""
        return files.read_recipe_values(self.path)

    @property
    def choice(self) -> dict[str, Any] | None:
        """How the backbones were chosen: ``choice.json``; None where a person named them."""
        return files.read_choice(self.path)

    @property
    def history(self) -> list[dict[str, Any]]:
        """Rows of ``history.jsonl``: values that were tried, and the progress of each phase."""
        return files.read_history(self.path)

    @property
    def decisions(self) -> list[dict[str, Any]]:
        """Rows of ``decisions.jsonl``: decisions about these photos."""
        return files.read_rows(self.path / files.DECISIONS)

    @property
    def out_of_fold(self) -> dict[str, Interval]:
        """Every metric with its 95 % interval: out-of-fold, or on the held-out fold."""
        return {name: Interval(**value) for name, value in self.metrics["out_of_fold"].items()}

    @property
    def held_out(self) -> dict[str, dict[str, Interval]]:
        """Metrics of each labelled split that was kept from training (``valid``, ``test``)."""
        return {
            split: {name: Interval(**value) for name, value in metrics.items()}
            for split, metrics in self.metrics.get("held_out", {}).items()
        }

    @cached_property
    def standing(self) -> Standing:
        """What stands beside the numbers: the baseline, held-out splits, and what to doubt."""
        table = self.photos().to_pydict()
        found = Standing.of(
            self.classes, table["labels"], table["role"], self.out_of_fold, self.held_out
        )
        return found.with_notes(self.metrics.get("notes", ()))

    @property
    def log_loss(self) -> float:
        """Out-of-fold log loss (natural logarithm)."""
        return self.out_of_fold["log_loss"].value

    @property
    def accuracy(self) -> float:
        """Out-of-fold accuracy, 0 to 1; for several labels, the share of photos with all right."""
        intervals = self.out_of_fold
        return intervals["accuracy" if "accuracy" in intervals else "subset_accuracy"].value

    @property
    def report_path(self) -> Path:
        """Path of the self-contained report."""
        return self.path / files.REPORT

    @property
    def recipe_path(self) -> Path:
        """Path of the recipe of the run; see `pawlens.Recipe`."""
        return self.path / files.RECIPE

    @property
    def model_path(self) -> Path:
        """Path of the exported classifier."""
        return self.path / files.MODEL

    @property
    def model_size(self) -> int:
        """Size of the exported classifier in bytes."""
        try:
            return self.model_path.stat().st_size
        except OSError as error:
            raise files.damaged(self.model_path, str(error.strerror)) from error

    def given_groups(self) -> list[str | None]:
        """Return the group that was given for each photo; None for one of its own."""
        table = self.photos()
        if "given_group" not in table.column_names:  # written before there were groups
            return [None] * len(table)
        return list(self.photos("given_group")["given_group"].to_pylist())

    def learnt_from(self) -> set[str]:
        """SHA-256 of the photos that the model was trained, selected or calibrated on."""
        table = self.photos()
        pairs = zip(table["sha256"].to_pylist(), table["role"].to_pylist(), strict=True)
        return {sha for sha, role in pairs if role in files.LEARNT_FROM}

    def oof(self) -> pa.Table:
        """Read ``oof.parquet``: the out-of-fold probabilities by path.

        Returns
        -------
        pyarrow.Table
            Columns ``path``, ``label``, ``fold``, and ``p:CLASS`` (float64) for each class.

        Raises
        ------
        RunError
            The file is missing or damaged.
        """
        return files.read_oof(self.path, self.classes)

    def reference(self) -> pa.Table | None:
        """Read ``reference.parquet``: what some photos are like that the model was measured on.

        Returns
        -------
        pyarrow.Table or None
            A row for each of up to 1,000 photos in random order, none of them named: ``embedding``
            (features projected onto up to 256 directions), ``answer`` (the out-of-fold label) and
            measures of the picture. None in a run of an earlier version.

        Raises
        ------
        RunError
            The file is damaged.
        """
        if not (self.path / files.REFERENCE).is_file():
            return None
        return files.read_reference(self.path, self.classes)

    def to_arrow(self) -> pa.Table:
        """Return the photos with their out-of-fold answers as a pyarrow table.

        A row a photo: the columns of `photos`, and those of `oof` that are not among them, which
        are null for a photo that was not answered out-of-fold.
        """
        import pyarrow.compute as pc

        photos, oof = self.photos(), self.oof()
        row = pc.index_in(photos["path"], value_set=oof["path"])
        answers = oof.take(row.combine_chunks() if hasattr(row, "combine_chunks") else row)
        for name in answers.column_names:
            if name not in photos.column_names:
                photos = photos.append_column(name, answers[name])
        return photos

    def photos(self, *also: str) -> pa.Table:
        """Read ``photos.parquet``: the table of photos with content hashes, roles and folds.

        Parameters
        ----------
        *also : str
            Columns that the caller needs besides ``path``, ``sha256``, ``labels``, ``split``,
            ``role``, ``fold`` and ``group``, which every version wrote.

        Returns
        -------
        pyarrow.Table
            One row for each photo that was read.

        Raises
        ------
        RunError
            The file is missing or damaged, or lacks a column.
        """
        return files.read_photos(self.path, also)
