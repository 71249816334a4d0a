"""Storage of trials: a journal of JSON lines, or a database."""

from __future__ import annotations

import json
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import make_folder, read_regular, require
from ...errors import RunError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage
    from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

__all__ = ["open_storage"]

_CHECK = "crc32"
_PATIENCE = 60  # seconds that a writer waits for another


def open_storage(where: str | Path) -> BaseStorage:
    """Open, or create, a storage that several processes may use at once.

    Parameters
    ----------
    where : str or Path
        A file, for a journal of JSON lines; or a URL of SQLAlchemy such as
        ``sqlite:///trials.db`` or ``postgresql://user@host/trials``.

    Raises
    ------
    RunError
        The storage cannot be opened.
    MissingExtra
        Optuna is not installed.
    """
    optuna = require("optuna", extra="tune")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    from optuna.storages import JournalStorage, RDBStorage
    from optuna.storages.journal import JournalFileSymlinkLock

    try:
        if isinstance(where, str) and "://" in where:
            local = {"connect_args": {"timeout": _PATIENCE}} if where.startswith("sqlite") else {}
            return RDBStorage(where, engine_kwargs=local)
        path = Path(where).absolute()  # the lock of a dead process is a symbolic link to that file
        make_folder(path.parent)
        lock = JournalFileSymlinkLock(str(path))
        if path.exists():
            _mend(path, lock)
        return JournalStorage(_checked_journal()(str(path), lock))
    except RunError:
        raise
    except Exception as error:  # SQLAlchemy's own, and those of every driver
        raise RunError(
            f"{_without_password(str(where))}: trials cannot be kept there "
            f"({str(error).splitlines()[0]}); give --storage a file or a URL of SQLAlchemy"
        ) from error


def _checked_journal() -> type[JournalFileBackend]:
    """Optuna's journal of JSON lines, each with a checksum of its own."""
    from optuna.storages.journal import JournalFileBackend

    class CheckedJournal(JournalFileBackend):
        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            super().append_logs([{**one, _CHECK: _checksum(one)} for one in logs])

        def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
            try:
                for number, one in enumerate(super().read_logs(log_number_from)):
                    whole = isinstance(one, dict)
                    if not whole or one.pop(_CHECK, None) not in (None, _checksum(one)):
                        raise ValueError(f"trial log {log_number_from + number + 1}")
                    yield one
            except ValueError as error:  # also what is no JSON any more
                raise RunError(
                    f"{self._file_path}: damaged ({error}); remove it, and the search begins anew"
                ) from error

    return CheckedJournal


def _checksum(row: dict[str, Any]) -> int:
    return zlib.crc32(json.dumps(row, sort_keys=True).encode())


def _mend(path: Path, lock: JournalFileSymlinkLock) -> None:
    """Cut off a last line that a power failure left unfinished.

    A line that another process is writing looks the same, so the lock is held meanwhile.
    """
    lock.acquire()
    try:
        data = read_regular(path)
        if data and not data.endswith(b"\n"):
            with path.open("r+b") as file:
                file.truncate(data.rfind(b"\n") + 1)
    finally:
        lock.release()


def _without_password(where: str) -> str:
    scheme, mark, rest = where.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
