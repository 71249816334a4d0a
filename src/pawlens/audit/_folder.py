"""The folder of an audit: its files and columns, how they are written, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import (
    SUMS,
    as_json,
    check_columns,
    check_sum,
    make_folder,
    read_regular,
    read_table,
    write_atomic,
    write_sums,
    write_table,
)
from ..errors import RunError, UsageError

if TYPE_CHECKING:
    from ..base import ColumnType

__all__ = ["AUDIT_PAGE", "AuditTable", "is_audit", "write_audit_files"]

_FACTS = "audit.json"
_TABLE = "audit.parquet"
AUDIT_PAGE = "audit.html"
"""The page, which is written last."""

_VERSION = 1
"""Format of the folder: ``version`` in ``audit.json``."""

_COLUMNS: Mapping[str, ColumnType] = {
    "path": "text",
    "sha256": "text",
    "labels": "texts",
    "reasons": "texts",
    "suspicion": "number",
    "suggestion": "text",
    "neighbours": "numbers",
    "width": "number",
    "height": "number",
    "format": "text",
    "border": "numbers",
}
_WITHOUT_GAPS = ("path", "sha256", "labels")


@dataclass(frozen=True)
class AuditTable:
    """What an audit found, photo by photo, read back from its folder.

    Attributes
    ----------
    photos : str
        The folder, archive or list that was audited.
    classes, kinds : tuple of str
        Names of the classes, and of the kinds of findings.
    columns : mapping of str to list, each of length n
        ``audit.parquet`` as Python values, one entry a photo.
    """

    photos: str
    classes: tuple[str, ...]
    kinds: tuple[str, ...]
    columns: dict[str, list[Any]]

    @classmethod
    def read(cls, folder: Path) -> AuditTable:
        """Read ``audit.json`` and ``audit.parquet``.

        Raises
        ------
        UsageError
            A file is missing or damaged, or a newer pawlens wrote it.
        """
        facts = _read_facts(folder / _FACTS)
        path, classes = folder / _TABLE, tuple(facts["classes"])
        shares: dict[str, ColumnType] = {f"p:{name}": "number" for name in classes}
        try:
            check_sum(path)
            table = read_table(path, {**_COLUMNS, **shares}, gaps=_Gaps())
            flags = [name for name in table.column_names if name.startswith("is_")]
            if not flags:
                raise ValueError("column 'is_KIND' is missing")
            kinds = tuple(name.removeprefix("is_") for name in flags)
            check_columns(table, dict.fromkeys(flags, "flag"))
            scores = [f"{kind}_score" for kind in kinds]
            check_columns(table, dict.fromkeys(scores, "number"), gaps=_Gaps())
        except OSError as error:
            raise _damaged(path, str(error.strerror)) from error
        except ValueError as error:
            raise _damaged(path, str(error)) from error
        return cls(facts["photos"], classes, kinds, table.to_pydict())

    def __len__(self) -> int:
        return len(self.columns["path"])

    def row(self, name: str, row: int) -> Any:
        """Return the value of a column for one row."""
        return self.columns[name][row]

    def found(self, row: int) -> int:
        """Return the kinds found in a photo as bits: bit i stands for kind i."""
        return sum(1 << i for i, kind in enumerate(self.kinds) if self.columns[f"is_{kind}"][row])


class _Gaps:
    """The columns in which values may be missing: all but those that say which photo it is."""

    def __contains__(self, name: object) -> bool:
        return name not in _WITHOUT_GAPS


def is_audit(folder: Path) -> bool:
    """Whether a folder holds a whole audit."""
    return (folder / _FACTS).is_file()


def write_audit_files(
    folder: Path, columns: Mapping[str, Any], facts: Mapping[str, Any], page: str
) -> Path:
    """Write the table, the facts and, last of all, the page.

    Broken off in between, the folder holds no ``audit.json``, so that nobody takes it for an audit.

    Parameters
    ----------
    folder : Path
        Created if it is missing; what an earlier audit wrote there is replaced, and whatever else
        lies there stays.
    columns : mapping
        See `audit_columns`.
    facts : mapping
        See `audit_facts`.
    page : str

    Returns
    -------
    Path
        The page.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    make_folder(folder)
    # A table must never be read with the facts of another audit.
    for name in (AUDIT_PAGE, _FACTS, SUMS):
        _remove(folder / name)
    write_table(folder / _TABLE, columns)
    written = {_FACTS: as_json({"version": _VERSION} | dict(facts)), AUDIT_PAGE: page.encode()}
    write_sums(folder, {_TABLE: None, **written})
    for name, data in written.items():
        write_atomic(folder / name, data)
    return folder / AUDIT_PAGE


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be replaced ({error.strerror}); choose another folder with --out"
        ) from error


def _damaged(path: Path, what: str) -> UsageError:
    return UsageError(f"{path}: missing or damaged ({what}); run pawlens audit again")


def _read_facts(path: Path) -> dict[str, Any]:
    try:
        check_sum(path)
        facts = json.loads(read_regular(path))
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file; make it with pawlens audit PHOTOS") from error
    except OSError as error:
        raise _damaged(path, str(error.strerror)) from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise _damaged(path, "no JSON") from error
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(facts, dict):
        raise _damaged(path, "no JSON object")
    version, classes = facts.get("version"), facts.get("classes")
    if isinstance(version, int) and version > _VERSION:
        raise UsageError(
            f"{path}: written by a newer pawlens (format {version}, this one reads up to "
            f"{_VERSION}); update pawlens"
        )
    if version != _VERSION:
        raise _damaged(path, "'version' is missing")
    if not isinstance(classes, list) or not all(isinstance(name, str) for name in classes):
        raise _damaged(path, "'classes' is no list of class names")
    if not isinstance(facts.get("photos"), str):
        raise _damaged(path, "'photos' is missing")
    return facts
