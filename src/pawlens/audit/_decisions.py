"""Decisions about single photos, in an append-only journal.

Each line of ``decisions.jsonl`` is one decision, or takes the newest one back. A photo is known by
the SHA-256 of its bytes, so that a decision holds wherever the photo lies. The photos themselves
are never touched: training reads the decisions.
"""

from __future__ import annotations

import errno
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, BinaryIO, Literal, get_args

from ..base import make_folder, open_regular, sync_folder
from ..errors import DecisionsError

__all__ = ["DECISIONS", "Action", "Decision", "Journal", "read_decisions"]

Action = Literal["drop", "relabel", "trim", "keep"]
DECISIONS = "decisions.jsonl"
"""The journal's name in an audit folder, and that of what was applied in a run folder."""

_UNDO = "undo"
_TORN = ".torn"
_LOCK = ".lock"
_CHECK = "crc32"  # of the rest of a row; rows that a person writes have none


@dataclass(frozen=True)
class Decision:
    """A decision about one photo.

    Attributes
    ----------
    sha256 : str
        SHA-256 of the photo's bytes, in hexadecimal.
    action : {"drop", "relabel", "trim", "keep"}
        The action: leave the photo out, give it other labels, cut its plain border off, or keep it
        as it is.
    labels : tuple of str
        New labels, only for ``relabel``: one class, or several, or none where the photo shows none.
    path : str
        Path of the photo at the time of the decision; for people, not a key.
    by : str
        Author: ``"person"``, ``"auto"``, or a name.
    reason : str
    time : str
        Time in UTC, ISO 8601; set by the journal.

    Raises
    ------
    DecisionsError
        A value is of the wrong type or out of range.

    Examples
    --------
    >>> decision = Decision("0a" * 32, "relabel", labels=("cat",), path="train/dog.7.jpg")
    >>> decision.action, decision.labels, decision.by
    ('relabel', ('cat',), 'person')
    >>> Decision.from_row({"sha256": "0b" * 32, "action": "drop", "by": "auto"}).labels
    ()
    """

    sha256: str
    action: Action
    labels: tuple[str, ...] = ()
    path: str = ""
    by: str = "person"
    reason: str = ""
    time: str = ""

    def __post_init__(self) -> None:
        for name in ("sha256", "path", "by", "reason", "time"):
            if not isinstance(getattr(self, name), str):
                raise DecisionsError(f"{name} of a decision must be text")
            if not _is_unicode(getattr(self, name)):
                raise DecisionsError(f"{name} of a decision must be valid Unicode")
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise DecisionsError(f"sha256 of a decision must be 64 hex digits: {self.sha256!r}")
        if self.action not in get_args(Action):
            known = ", ".join(get_args(Action))
            raise DecisionsError(f"action {self.action!r} is unknown; use one of {known}")
        if not isinstance(self.labels, tuple) or not all(
            isinstance(label, str) and label and _is_unicode(label) for label in self.labels
        ):
            raise DecisionsError(f"labels of a decision must be names: {self.labels!r}")
        if len(set(self.labels)) < len(self.labels):
            raise DecisionsError(f"labels of a decision must differ: {self.labels!r}")
        if self.labels and self.action != "relabel":
            raise DecisionsError(f"labels belong to relabel, not to {self.action}")

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Decision:
        """Read the fields from a mapping, as `dataclasses.asdict` or JSON gives them."""
        values = dict(row)
        unknown = sorted(set(values) - set(cls.__dataclass_fields__))
        if unknown:
            raise DecisionsError(f"a decision has no field {unknown[0]!r}")
        labels = values.get("labels", ())
        if not isinstance(labels, list | tuple):
            raise DecisionsError(f"labels of a decision must be a list: {labels!r}")
        try:
            return cls(**values | {"labels": tuple(labels)})
        except TypeError as error:
            raise DecisionsError("a decision needs sha256 and action") from error


class Journal:
    """The decisions of one ``decisions.jsonl``, in the order in which they were made.

    Every row is on disk before `decide` or `undo` returns. A last row that a crash cut short does
    not count; the next writer moves it to ``decisions.jsonl.torn``. Several processes may write at
    once: each holds the lock ``decisions.jsonl.lock`` while it adds its row.

    Parameters
    ----------
    path : Path
        The file; it is made, with its folder, by the first decision.

    Raises
    ------
    DecisionsError
        While reading, a row is not a decision; the message names the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._forget()

    def __len__(self) -> int:
        """Count the rows in the file: decisions, and rows that take one back."""
        with self._lock:
            self._read()
            return self._rows

    def decide(self, decision: Decision) -> Decision:
        """Add a decision; the last one for a content is in force. Returns it with its time."""
        stamped = decision if decision.time else replace(decision, time=_now())
        with self._writing() as file:
            self._append(file, asdict(stamped))
        return stamped

    def undo(self) -> Decision | None:
        """Take back the newest decision that stands, and return it; None where none stands."""
        with self._writing() as file:
            if not self._standing:
                return None
            last = self._standing[-1]
            self._append(file, {"sha256": last.sha256, "action": _UNDO, "time": _now()})
        return last

    def current(self) -> dict[str, Decision]:
        """Return the decisions in force, by SHA-256."""
        with self._lock:
            self._read()
            return {decision.sha256: decision for decision in self._standing}

    def _forget(self) -> None:
        self._standing: list[Decision] = []
        self._rows = 0
        self._seen = 0  # bytes, always up to the end of a row

    def _read(self) -> None:
        try:
            with open_regular(self.path) as file:
                self._catch_up(file)
        except FileNotFoundError:
            self._forget()
        except OSError as error:
            raise DecisionsError(f"{self.path}: cannot be read ({error.strerror})") from error

    @contextmanager
    def _writing(self) -> Iterator[BinaryIO]:
        """Yield the file, locked and read to its end, which is the end of a row."""
        from filelock import FileLock

        make_folder(self.path.parent)
        try:
            # A file beside it is locked: on Windows nobody could read rows that are locked.
            apart = FileLock(f"{self.path}{_LOCK}")
            with self._lock, apart, open(self.path, "a+b", buffering=0) as raw:
                file: Any = raw
                self._catch_up(file)
                self._set_torn_apart(file)
                yield file
        except OSError as error:
            raise DecisionsError(
                f"{self.path}: cannot be written ({error.strerror}); free space or check its rights"
            ) from error

    def _catch_up(self, file: BinaryIO) -> None:
        """Read the complete rows that were added since the last read."""
        if file.seek(0, os.SEEK_END) < self._seen:
            self._forget()
        file.seek(self._seen)
        lines = file.read().split(b"\n")[:-1]  # what follows the last line's end is torn
        for line in lines:
            self._take(line)
            self._seen += len(line) + 1

    def _take(self, line: bytes) -> None:
        try:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise DecisionsError("not a JSON object")
            if row.pop(_CHECK, None) not in (None, _checksum(row)):
                raise DecisionsError("its checksum is wrong")
            if row.get("action") == _UNDO:
                if not self._standing or self._standing[-1].sha256 != row.get("sha256"):
                    raise DecisionsError("it takes back what was not the newest decision")
                self._standing.pop()
            else:
                self._standing.append(Decision.from_row(row))
        except (ValueError, RecursionError, DecisionsError) as error:
            reason = error if isinstance(error, DecisionsError) else "not JSON"
            raise DecisionsError(
                f"{self.path}: line {self._rows + 1} is not a decision ({reason}); remove the line "
                "or choose another file"
            ) from error
        self._rows += 1

    def _set_torn_apart(self, file: BinaryIO) -> None:
        """Move a last row that a crash cut short to another file."""
        file.seek(self._seen)
        torn = file.read()
        if torn:
            with open(f"{self.path}{_TORN}", "ab") as apart:
                apart.write(torn + b"\n")
                apart.flush()
                os.fsync(apart.fileno())
            file.truncate(self._seen)

    def _append(self, file: BinaryIO, row: Mapping[str, Any]) -> None:
        checked = {**row, _CHECK: _checksum(row)}
        line = json.dumps(checked, ensure_ascii=False).encode() + b"\n"
        try:
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, "the disk took only a part")
            os.fsync(file.fileno())
            if not self._seen:
                sync_folder(self.path.parent)  # the journal is new
        except OSError:
            file.truncate(self._seen)
            raise
        self._seen += len(line)
        self._take(line)


def read_decisions(path: str | Path) -> dict[str, Decision]:
    """Read the decisions in force from a file, or an audit's or a run's folder, by SHA-256.

    Raises
    ------
    DecisionsError
        There is no such file, or it holds something else.

    Examples
    --------
    >>> import json
    >>> with open("decisions.jsonl", "w") as file:
    ...     print(json.dumps({"sha256": "0a" * 32, "action": "drop", "path": "7.jpg"}), file=file)
    >>> decisions = read_decisions("decisions.jsonl").values()
    >>> [(decision.path, decision.action) for decision in decisions]
    [('7.jpg', 'drop')]
    """
    path = Path(path)
    file = path / DECISIONS if path.is_dir() else path
    if not file.is_file():
        raise DecisionsError(f"{file}: no such file; give an audit's folder or its {DECISIONS}")
    return Journal(file).current()


def _is_unicode(text: str) -> bool:
    """Return whether a text can be encoded: JSON may hold half a surrogate pair."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _checksum(row: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(row, ensure_ascii=False, sort_keys=True).encode())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
