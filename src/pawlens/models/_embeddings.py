"""Pooled features of photos: for search, clustering, plots and models of one's own."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Tabular, make_folder, notebook_card, or_plain_text, write_atomic, write_table
from ..errors import UsageError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

__all__ = ["Embeddings", "check_ending"]

_ENDINGS = (".parquet", ".npy")
"""Endings of the files that `Embeddings.save` writes."""

_SHOWN = 10  # rows in a notebook


class Embeddings(Tabular):
    """Embeddings of a table of photos, one row each, also for photos that cannot be read.

    Attributes
    ----------
    paths : list of str
        Paths of the photos, which are the keys of the rows.
    values : ndarray of float32, shape (n, D)
        The pooled features of all backbones side by side, as the backbones give them; NaN in the
        row of a photo that could not be read.
    status : list of str
        ``"ok"``, or ``"unreadable: "`` and the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from pawlens import Embeddings
    >>> values = np.array([[0.5, 1.5], [np.nan, np.nan]], np.float32)
    >>> found = Embeddings(["1.jpg", "2.jpg"], values, ["ok", "unreadable: the file is empty"])
    >>> found
    Embeddings(2 photos, 1 unreadable; 2 values each)
    >>> found.to_arrow()["embedding"].to_pylist()
    [[0.5, 1.5], None]
    """

    def __init__(
        self, paths: list[str], values: npt.NDArray[np.float32], status: list[str]
    ) -> None:
        self.paths = paths
        self.values = values
        self.status = status

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """The path and the status of each photo that could not be read."""
        return [(p, s) for p, s in zip(self.paths, self.status, strict=True) if s != "ok"]

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        lost = f", {len(self.unreadable)} unreadable" if self.unreadable else ""
        width = self.values.shape[1]
        return f"{type(self).__name__}({len(self)} photos{lost}; {width} values each)"

    @or_plain_text
    def _repr_html_(self) -> str:
        rows = [
            (path, ", ".join(f"{value:.3g}" for value in row[:4]) + " ...", status)
            for path, row, status in zip(self.paths, self.values, self.status, strict=True)
        ]
        left = len(self) - _SHOWN
        return notebook_card(
            f"Embeddings of {len(self)} photos, {self.values.shape[1]} values each",
            header=("photo", "first values", "status"),
            rows=rows[:_SHOWN],
            notes=[f"and {left} more"] if left > 0 else [],
        )

    def to_arrow(self) -> pa.Table:
        """Return a pyarrow table: ``path``, ``status`` and ``embedding``, a list of D floats.

        The embedding is null where a photo could not be read.
        """
        import pyarrow as pa

        # Lists of one fixed size would do, but pyarrow before 26 cannot read them back with nulls.
        read = np.array([status == "ok" for status in self.status], bool)
        ends = np.cumsum(np.where(read, self.values.shape[1], 0), dtype=np.int64)
        offsets = np.concatenate([np.zeros(1, np.int64), ends])
        flat = pa.array(np.ascontiguousarray(self.values[read]).reshape(-1))
        mask = pa.array(~read)
        rows = pa.LargeListArray.from_arrays(pa.array(offsets), flat, mask=mask)
        return pa.table({"path": self.paths, "status": self.status, "embedding": rows})

    def save(self, path: str | Path) -> list[Path]:
        """Write ``FILE.parquet``, or ``FILE.npy`` with ``FILE.csv`` of paths and status beside it.

        Returns
        -------
        list of Path
            The files.

        Raises
        ------
        UsageError
            The ending is another one.
        RunError
            A file cannot be written.
        """
        file = Path(path)
        ending = check_ending(file)
        make_folder(file.parent)
        if ending == ".parquet":
            table = self.to_arrow()
            write_table(file, {name: table[name] for name in table.column_names})
            return [file]
        sink = io.BytesIO()
        np.save(sink, self.values, allow_pickle=False)
        write_atomic(file, sink.getvalue())
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([("path", "status"), *zip(self.paths, self.status, strict=True)])
        write_atomic(file.with_suffix(".csv"), text.getvalue().encode())
        return [file, file.with_suffix(".csv")]


def check_ending(file: Path) -> str:
    """Return a file's ending; UsageError where `Embeddings.save` does not know it."""
    ending = file.suffix.lower()
    if ending not in _ENDINGS:
        raise UsageError(f"{file}: its ending says the format, use {' or '.join(_ENDINGS)}")
    return ending
