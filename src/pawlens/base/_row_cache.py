"""A cache of rows by content hash, so that a photo's bytes are examined once."""

from __future__ import annotations

import json
import sqlite3
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from ..errors import RunError
from ._files import make_folder

__all__ = ["RowCache"]

Row = TypeVar("Row")

_WRITE_EVERY = 1.0  # seconds
_PATIENCE, _LITTLE_PATIENCE = 10.0, 0.1  # seconds that another process is waited for
_CHECK = "crc32"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


class RowCache(Generic[Row]):
    """Rows of earlier runs, in SQLite; several processes may read and add at once.

    New rows are written each second, in a transaction of a moment. Rows only save time: where
    another process does not let go of the file they are not kept, a file that is damaged is renamed
    to ``*.damaged``, and a row whose checksum is wrong is thrown away.

    Parameters
    ----------
    folder : Path or None
        Where ``scans.sqlite`` (of a `kind` named Scan) lies. None keeps nothing.
    kind : dataclass
        Its first field is the SHA-256 of the photo's bytes, the others are texts and numbers. A
        row with a `problem` is not kept: the next version may be able to read the photo.
    version : int
        Raised when the fields, or what they mean, change.

    Raises
    ------
    RunError
        The folder or the file cannot be written, or the disk is full; `add` and `close` raise it
        too.
    """

    def __init__(self, folder: Path | None, kind: type[Row], *, version: int) -> None:
        self._kind = cast(Any, kind)
        self._names = [field.name for field in fields(self._kind)]
        self._table = f"{kind.__name__.lower()}_{version}"
        self._rows: dict[str, Row] = {}
        self._waiting: list[tuple[Any, ...]] = []
        self._written = time.monotonic()
        self._db: sqlite3.Connection | None = None
        if folder is None:
            return
        make_folder(folder)
        self._path = folder / f"{kind.__name__.lower()}s.sqlite"
        if not self._try(self._load):
            self._set_damaged_aside()
            self._try(self._load)

    def get(self, digest: str) -> Row | None:
        """The row of a content, or None."""
        return self._rows.get(digest)

    def add(self, row: Row) -> None:
        """Keep a row; the first one of a content stays, in memory and on disk."""
        values: tuple[Any, ...] = astuple(row)  # type: ignore[call-overload]
        if self._rows.setdefault(values[0], row) is not row or self._db is None:
            return
        self._waiting.append((*values, _checksum(values)))
        if time.monotonic() - self._written >= _WRITE_EVERY:
            self._try(lambda: self._write(_LITTLE_PATIENCE))
            self._written = time.monotonic()

    def close(self) -> None:
        """Write the rows that are not written yet, and close the file."""
        try:
            self._try(lambda: self._write(_PATIENCE))
        finally:
            self._let_go()

    def _load(self) -> None:
        if self._path.exists() and not self._path.is_file():  # a pipe would be waited for
            raise sqlite3.DatabaseError("not a regular file")
        self._db = db = sqlite3.connect(self._path, timeout=_PATIENCE)
        # A text with a flipped bit must not make the rows beside it fail.
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        first, *others = self._names
        columns = ", ".join([f"{first} TEXT PRIMARY KEY", *others, _CHECK])
        db.execute(f"CREATE TABLE IF NOT EXISTS {self._table} ({columns})")
        self._add_checks(db)
        stored = db.execute(f"SELECT rowid, {_CHECK}, {', '.join(self._names)} FROM {self._table}")
        wrong: list[tuple[int]] = []
        for number, check, *values in stored.fetchall():
            if check is None or check == _checksum(values):  # None: written by an earlier version
                self._rows[values[0]] = self._kind(*values)
            else:
                wrong.append((number,))
        if wrong:
            with db:
                db.executemany(f"DELETE FROM {self._table} WHERE rowid = ?", wrong)

    def _add_checks(self, db: sqlite3.Connection) -> None:
        """Give a table of an earlier version the column of checksums, whose rows stay."""

        def has_checks() -> bool:
            columns = db.execute(f"PRAGMA table_info({self._table})").fetchall()
            return _CHECK in [column[1] for column in columns]

        if not has_checks():
            with db:
                db.execute("BEGIN IMMEDIATE")
                if not has_checks():  # another process may have been faster
                    db.execute(f"ALTER TABLE {self._table} ADD COLUMN {_CHECK}")

    def _write(self, patience: float) -> None:
        db = self._db
        if db is None or not self._waiting:
            return
        db.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")
        names = ", ".join([*self._names, _CHECK])
        marks = ", ".join("?" * (len(self._names) + 1))
        insert = f"INSERT OR IGNORE INTO {self._table} ({names}) VALUES ({marks})"
        with db:
            db.executemany(insert, self._waiting)
        self._waiting.clear()

    def _try(self, work: Callable[[], None]) -> bool:
        """Do something with the file; False where that found the file damaged."""
        try:
            work()
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _BUSY:
                return True  # another process holds it; waiting rows are written later, or never
            self._let_go()
            if code in _DAMAGED:
                return False
            raise RunError(
                f"{self._path}: cannot be used ({error}); free space or choose another folder "
                "with --cache-dir"
            ) from error
        return True

    def _let_go(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _set_damaged_aside(self) -> None:
        try:
            self._path.replace(self._path.with_suffix(".damaged"))
            # The old journal would be applied to the new file.
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
        except OSError as error:
            raise RunError(
                f"{self._path}: damaged, and cannot be renamed ({error.strerror}); delete it or "
                "choose another folder with --cache-dir"
            ) from error


def _checksum(values: Sequence[Any]) -> int:
    return zlib.crc32(json.dumps(list(values), ensure_ascii=False).encode())
