"""``pawlens decisions``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json, say

if TYPE_CHECKING:
    from ..audit import Journal

    _Way = Callable[[Journal, Path], int]

__all__ = ["decide_automatically"]

_SHOWN = 20


@app.command()
def decisions(
    audit: Annotated[Path, typer.Argument(help="An audit's folder, or a decisions.jsonl.")],
    export: Annotated[
        Path | None, typer.Option(help="Write FILE.csv, or FILE.json for Label Studio.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Add those of FILE.csv or FILE.json.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the decisions as JSON.")] = False,
) -> None:
    """Show, export or import what was decided about photos."""
    from dataclasses import asdict

    from ..audit import (
        DECISIONS,
        Journal,
        export_csv,
        export_label_studio,
        import_csv,
        import_label_studio,
    )

    take = _by_ending(import_, import_csv, import_label_studio)
    give = _by_ending(export, export_csv, export_label_studio)
    if not audit.exists():
        raise UsageError(f"{audit}: no such folder or file; give an audit's folder")
    journal = Journal(audit / DECISIONS if audit.is_dir() else audit)
    if take is not None and import_ is not None:
        say(f"imported {take(journal, import_)} decisions from {import_}")
    found = journal.current().values()
    if give is not None and export is not None:
        say(f"exported {give(journal, export)} decisions to {export}")
    if as_json:
        print_json([asdict(one) for one in found])
    elif give is None:
        for one in list(found)[:_SHOWN]:
            labels = f" {', '.join(one.labels)}" if one.labels else ""
            reason = f" ({one.reason})" if one.reason else ""
            print(f"{one.path or one.sha256}: {one.action}{labels}, by {one.by}{reason}")
        if len(found) > _SHOWN:
            print(f"... and {len(found) - _SHOWN} more; --export FILE.csv writes them all")
        counts = Counter(one.action for one in found)
        print(", ".join(f"{n} {action}" for action, n in counts.items()) or "no decision yet")


def decide_automatically(folder: Path) -> dict[str, int]:
    """Decide what needs no person in an audit's folder: how many photos, by action and reason.

    A rule that was not right often enough where it was measured is named with 0 photos.
    """
    from ..audit import (
        DECISIONS,
        LEAST_PRECISION,
        RULES,
        AuditTable,
        Journal,
        automatic_decisions,
    )

    journal = Journal(folder / DECISIONS)
    columns = AuditTable.read(folder).columns
    counts = {
        f"nothing about {rule.kind}: {rule.in_words}": 0
        for rule in RULES
        if rule.precision < LEAST_PRECISION
    }
    for decision in automatic_decisions(columns, decided=journal.current()):
        done = journal.decide(decision)
        name = f"{done.action}, {done.reason}"
        counts[name] = counts.get(name, 0) + 1
    return counts


def _by_ending(file: Path | None, csv: _Way, json: _Way) -> _Way | None:
    if file is None:
        return None
    ways = {".csv": csv, ".json": json}
    if file.suffix.lower() not in ways:
        raise UsageError(f"{file}: give a file that ends in .csv or, for Label Studio, in .json")
    return ways[file.suffix.lower()]
