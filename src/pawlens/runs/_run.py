"""A finished run, read back from its folder."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RunError
from ..metrics import Interval

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Run"]


class Run:
    """What a finished training run found.

    Parameters
    ----------
    path : str or Path
        The run folder.

    Raises
    ------
    RunError
        There is no finished run in the folder, or its files are damaged.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.report_path.is_file():
            raise RunError(
                f"{self.path}: no finished run (report.html is missing); finish it with the "
                "command that began it, or name another folder"
            )

    def __repr__(self) -> str:
        return (
            f"Run({str(self.path)!r}, log_loss={self.log_loss:.4f}, accuracy={self.accuracy:.4f})"
        )

    @cached_property
    def classes(self) -> list[str]:
        """Class names in the order of the probabilities."""
        names: list[str] = self._json("classes.json")
        return names

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """All of ``metrics.json``."""
        found: dict[str, Any] = self._json("metrics.json")
        return found

    @cached_property
    def environment(self) -> dict[str, Any]:
        """All of ``environment.json``: versions, machine, and seconds of every step."""
        found: dict[str, Any] = self._json("environment.json")
        return found

    @property
    def out_of_fold(self) -> dict[str, Interval]:
        """Every metric with its 95 % interval: out-of-fold, or on the held-out fold."""
        return {name: Interval(**value) for name, value in self.metrics["out_of_fold"].items()}

    @property
    def log_loss(self) -> float:
        """Out-of-fold log loss, natural logarithm."""
        return self.out_of_fold["log_loss"].value

    @property
    def accuracy(self) -> float:
        """Out-of-fold accuracy, 0 to 1; of several labels, the share of photos with all right."""
        found = self.out_of_fold
        return found["accuracy" if "accuracy" in found else "subset_accuracy"].value

    @property
    def report_path(self) -> Path:
        """The self-contained report."""
        return self.path / "report.html"

    @property
    def model_path(self) -> Path:
        """The exported classifier."""
        return self.path / "model.onnx"

    def oof(self) -> pa.Table:
        """Out-of-fold probabilities by path: ``oof.parquet``."""
        return self._table("oof.parquet")

    def photos(self) -> pa.Table:
        """The table of photos with content hashes, roles and folds: ``photos.parquet``."""
        return self._table("photos.parquet")

    def _json(self, name: str) -> Any:
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RunError(f"{self.path / name}: missing or damaged ({error})") from error

    def _table(self, name: str) -> pa.Table:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_table(self.path / name)
        except (OSError, pa.ArrowException) as error:
            raise RunError(f"{self.path / name}: missing or damaged ({error})") from error
