"""The audit's folder as the review page needs it: one list per column."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import UsageError

__all__ = ["AUDIT_FILE", "AuditTable"]

AUDIT_FILE = "audit.json"
_TABLE_FILE = "audit.parquet"
_VERSION = 1


@dataclass(frozen=True)
class AuditTable:
    """The results of an audit, photo by photo.

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
            A file is missing, or is not what an audit writes.
        """
        facts = _facts(folder / AUDIT_FILE)
        table = _read_parquet(folder / _TABLE_FILE)
        classes = tuple(facts["classes"])
        kinds = tuple(n.removeprefix("is_") for n in table.column_names if n.startswith("is_"))
        needed = ["path", "sha256", "labels", "reasons", "suspicion", "suggestion", "neighbours"]
        needed += ["width", "height", "format", "border", *(f"p:{name}" for name in classes)]
        needed += [f"{kind}_score" for kind in kinds]
        missing = [name for name in needed if name not in table.column_names]
        if missing or not kinds:
            raise UsageError(
                f"{folder / _TABLE_FILE}: no column {(missing or ['is_KIND'])[0]!r}; "
                "run pawlens audit again"
            )
        return cls(facts["photos"], classes, kinds, table.to_pydict())

    def __len__(self) -> int:
        return len(self.columns["path"])

    def row(self, name: str, row: int) -> Any:
        """Return the value of a column for one row."""
        return self.columns[name][row]

    def found(self, row: int) -> int:
        """Return the kinds found in a photo as bits: bit i stands for kind i."""
        return sum(1 << i for i, kind in enumerate(self.kinds) if self.columns[f"is_{kind}"][row])


def _facts(path: Path) -> dict[str, Any]:
    facts: dict[str, Any]
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"{path}: no such file; make it with pawlens audit PHOTOS") from error
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); run pawlens audit again") from error
    classes = facts.get("classes") if isinstance(facts, dict) else None
    if (
        not isinstance(classes, list)
        or not all(isinstance(name, str) for name in classes)
        or not isinstance(facts.get("photos"), str)
        or facts.get("version") != _VERSION
    ):
        raise UsageError(f"{path}: not written by this version; run pawlens audit again")
    return facts


def _read_parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UsageError(f"{path}: cannot be read ({error}); run pawlens audit again") from error
