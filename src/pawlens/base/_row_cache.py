"""Rows kept by content hash, so that what a photo's bytes tell is worked out once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..errors import RunError
from ._files import make_folder

__all__ = ["Kept"]

Row = TypeVar("Row")

_COMMIT_EVERY = 2000


class Kept(Generic[Row]):
    """Rows of earlier runs; one writer at a time, kept by SQLite.

    Parameters
    ----------
    folder : Path or None
        Where ``scans.sqlite`` (of a `kind` named Scan) lies. None keeps nothing.
    kind : dataclass
        Its first field is the SHA-256 of the photo's bytes, the others are texts and numbers. A
        row with a `problem` is not kept: the next version may be able to read the photo.
    version : int
        Raised when the fields, or what they mean, change.
    """

    def __init__(self, folder: Path | None, kind: type[Row], *, version: int) -> None:
        self._kind = cast(Any, kind)
        self._names = [field.name for field in fields(self._kind)]
        self._table = f"{kind.__name__.lower()}_{version}"
        self._fresh = 0
        self._rows: dict[str, Row] = {}
        self._db: sqlite3.Connection | None = None
        if folder is None:
            return
        make_folder(folder)
        self._path = folder / f"{kind.__name__.lower()}s.sqlite"
        with self._writing():
            try:
                self._load()
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # damaged: it only saves time, so begin anew beside it
                if self._db is not None:
                    self._db.close()
                self._path.replace(self._path.with_suffix(".damaged"))
                self._load()

    def get(self, digest: str) -> Row | None:
        """The row of a content, or None."""
        return self._rows.get(digest)

    def add(self, row: Row) -> None:
        """Keep a row; the first one of a content stays."""
        values: tuple[Any, ...] = astuple(row)  # type: ignore[call-overload]
        self._rows.setdefault(values[0], row)
        if self._db is None:
            return
        marks = ", ".join("?" * len(values))
        with self._writing():
            self._db.execute(f"INSERT OR REPLACE INTO {self._table} VALUES ({marks})", values)
            self._fresh += 1
            if self._fresh % _COMMIT_EVERY == 0:
                self._db.commit()

    def close(self) -> None:
        """Write what is not written yet."""
        if self._db is not None:
            with self._writing():
                self._db.commit()
                self._db.close()

    def _load(self) -> None:
        self._db = sqlite3.connect(self._path, timeout=60)
        first, *others = self._names
        columns = ", ".join([f"{first} TEXT PRIMARY KEY", *others])
        self._db.execute(f"CREATE TABLE IF NOT EXISTS {self._table} ({columns})")
        found = self._db.execute(f"SELECT {', '.join(self._names)} FROM {self._table}")
        self._rows = {row[0]: self._kind(*row) for row in found}

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if self._db is not None:
                self._db.close()
                self._db = None
            raise RunError(
                f"{self._path}: cannot be used ({error}); free space or choose another folder "
                "with --cache-dir"
            ) from error
