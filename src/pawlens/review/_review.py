"""A review: an audit's table, its photos, and the journal of what a person decides."""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..audit import DECISIONS, Action, AuditTable, Decision, Journal
from ..errors import UnreadablePhoto, UsageError
from ..photos import Photos, Side
from ._pictures import Pictures

__all__ = ["CONTENT_DIGITS", "Review"]

CONTENT_DIGITS = 16
"""Digits of the content hash by which the page names what it shows."""


class Review:
    """The data behind the review page, without HTTP; safe to call from several threads.

    Parameters
    ----------
    folder : Path
        An audit folder; decisions are added to its ``decisions.jsonl``.

    Raises
    ------
    UsageError
        The folder does not hold an audit, or the photos are not where they were.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._table = AuditTable.read(folder)
        self._photos, self._places = _find(self._table)
        self._journal = Journal(folder / DECISIONS)
        self._rows: defaultdict[str, list[int]] = defaultdict(list)
        for row, sha256 in enumerate(self._table.columns["sha256"]):
            self._rows[sha256].append(row)
        self._pictures = Pictures(self._photos)
        len(self._journal)  # a damaged journal is reported before the page opens

    def close(self) -> None:
        """Stop the threads that make pictures."""
        self._pictures.close()

    def __len__(self) -> int:
        return len(self._table)

    @property
    def decided(self) -> int:
        """Number of contents with a decision in force."""
        return len(self._journal.current())

    def overview(self) -> dict[str, Any]:
        """Return all that the grid needs, as columns, and all decisions in force."""
        columns = self._table.columns
        flagged = [self._table.found(row) for row in range(len(self))]
        counts = Counter(kind for kind in self._table.kinds for is_ in columns[f"is_{kind}"] if is_)
        decisions = [
            [row, _plain(decision)]
            for sha256, decision in self._journal.current().items()
            for row in self._rows.get(sha256, ())
        ]
        return {
            "name": Path(self._table.photos).stem,
            "command": shlex.join(
                ["pawlens", "train", self._table.photos, "--decisions", str(self.folder)]
            ),
            "review": shlex.join(["pawlens", "review", str(self.folder)]),
            "classes": self._table.classes,
            "kinds": [{"name": kind, "count": counts[kind]} for kind in self._table.kinds],
            "path": columns["path"],
            "labels": columns["labels"],
            "content": [sha256[:CONTENT_DIGITS] for sha256 in columns["sha256"]],
            "found": flagged,
            "suspicion": [round(value or 0.0, 4) for value in columns["suspicion"]],
            "unreadable": [row for row in range(len(self)) if not self._is_readable(row)],
            "decisions": decisions,
        }

    def scores(self, kind: str) -> list[float | None]:
        """Return the score of one kind for every photo; None where it does not apply.

        Raises
        ------
        UsageError
            There is no such kind.
        """
        if kind not in self._table.kinds:
            raise UsageError(f"no kind {kind!r}; choose one of {', '.join(self._table.kinds)}")
        column = self._table.columns[f"{kind}_score"]
        return [None if value is None else round(value, 4) for value in column]

    def photo(self, row: int) -> dict[str, Any]:
        """Return the facts about one photo, for the panel beside it."""
        table = self._table
        probabilities = [table.row(f"p:{name}", row) for name in table.classes]
        sha256 = table.row("sha256", row)
        place = self._places[row]
        return {
            "row": row,
            "reasons": table.row("reasons", row) or [],
            "suggestion": self._suggestion(row),
            "probabilities": None if None in probabilities else probabilities,
            "neighbours": [n for n in table.row("neighbours", row) or [] if 0 <= n < len(self)],
            "border": table.row("border", row),
            "width": table.row("width", row),
            "height": table.row("height", row),
            "format": table.row("format", row),
            "copies": len(self._rows[sha256]) - 1 if sha256 else 0,
            "problem": "no longer among the photos" if place is None else "",
        }

    def picture(self, row: int, content: str, side: Side) -> Future[bytes]:
        """Start to make the JPEG of a photo, at most `side` pixels on the longer side.

        Raises
        ------
        UnreadablePhoto
            The row shows another content, or the photo is gone; also from the future.
        """
        place = self._places[row]
        self._check(row, content)
        if place is None:
            raise UnreadablePhoto("no longer among the photos")
        return self._pictures.submit(place, self._table.row("sha256", row), side)

    def decide(
        self, row: int, content: str, action: Action, labels: Sequence[str] = (), reason: str = ""
    ) -> dict[str, Any]:
        """Add a decision to the journal; it is on disk when this returns.

        Parameters
        ----------
        row : int
        content : str
            The first digits of the content's hash, as the page had them: what was seen is what is
            decided.
        action, labels, reason
            See `Decision`.

        Returns
        -------
        dict
            ``rows`` that share the content, and the ``decision``.

        Raises
        ------
        UsageError
            The row shows another content, or a label is not a class.
        """
        self._check(row, content)
        unknown = [label for label in labels if label not in self._table.classes]
        if unknown:
            raise UsageError(
                f"no class {unknown[0]!r}; choose among {', '.join(self._table.classes)}"
            )
        if action == "trim" and self._table.row("border", row) is None:
            raise UsageError("no border was found to trim")
        sha256, path = self._table.row("sha256", row), self._table.row("path", row)
        decision = Decision(sha256, action, tuple(labels), path=path, reason=reason)
        return self._state(self._journal.decide(decision).sha256)

    def undo(self) -> dict[str, Any]:
        """Take back the newest decision; return its rows, and the decision that holds for them now.

        Raises
        ------
        UsageError
            There is no decision left to take back.
        """
        undone = self._journal.undo()
        if undone is None:
            raise UsageError("nothing to undo")
        return self._state(undone.sha256) | {"undone": _plain(undone)}

    def _suggestion(self, row: int) -> str:
        suggestion: str = self._table.row("suggestion", row) or ""
        copies = len(self._rows[self._table.row("sha256", row)]) > 1
        # A decision is about a content: to drop a copy would drop the original too.
        return "" if suggestion == "drop" and copies and self._is_readable(row) else suggestion

    def _state(self, sha256: str) -> dict[str, Any]:
        decision = self._journal.current().get(sha256)
        return {
            "rows": self._rows.get(sha256, []),
            "decision": None if decision is None else _plain(decision),
        }

    def _check(self, row: int, content: str) -> None:
        sha256 = self._table.row("sha256", row)
        if not sha256:
            raise UnreadablePhoto("its bytes cannot be read, so there is nothing to decide on")
        if sha256[:CONTENT_DIGITS] != content:
            raise UnreadablePhoto("another photo has this row now; reload the page")

    def _is_readable(self, row: int) -> bool:
        unreadable = self._table.columns.get("is_unreadable")
        return bool(self._table.row("sha256", row)) and not (unreadable and unreadable[row])


def _find(table: AuditTable) -> tuple[Photos, list[int | None]]:
    """Find the audited photos that are still there, and the place of each row among them."""
    source, paths = Path(table.photos), table.columns["path"]
    if source.is_dir():  # whatever the layout or the list that the audit read there
        files = [str(source / path) for path in paths]
        there = [file for file in files if Path(file).is_file()]
        photos = Photos.read(there) if there else None
        places = dict(zip(there, range(len(there)), strict=True))
        rows = [places.get(file) for file in files]
    else:
        photos = Photos.read(source, labels=False)
        places = {path: i for i, path in enumerate(photos.paths)}
        rows = [places.get(path) for path in paths]
    if photos is None or all(row is None for row in rows):
        raise UsageError(f"{source}: holds none of the audited photos; run pawlens audit again")
    return photos, rows


def _plain(decision: Decision) -> dict[str, Any]:
    fields = asdict(decision)
    return {name: fields[name] for name in ("action", "labels", "path", "by", "reason", "time")}
