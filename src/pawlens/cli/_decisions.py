"""``pawlens decisions``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json, say
from ._options import AsJson

if TYPE_CHECKING:
    from ..audit import Journal

    _Way = Callable[[Journal, Path], int]

__all__: list[str] = []

_SHOWN = 20


@app.command()
def decisions(
    audit: Annotated[Path, typer.Argument(help="The audit folder, or its decisions.jsonl.")],
    export: Annotated[
        Path | None,
        typer.Option(
            help="The file to write the decisions to: FILE.csv, or FILE.json for Label Studio. By "
            "default they are printed."
        ),
    ] = None,
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import",
            help="The file whose decisions to add: FILE.csv, or FILE.json of Label Studio. By "
            "default nothing is added.",
        ),
    ] = None,
    as_json: AsJson = False,
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
    current = journal.current().values()
    if give is not None and export is not None:
        say(f"exported {give(journal, export)} decisions to {export}")
    if as_json:
        print_json([asdict(decision) for decision in current])
    elif give is None:
        for decision in list(current)[:_SHOWN]:
            labels = f" {', '.join(decision.labels)}" if decision.labels else ""
            reason = f" ({decision.reason})" if decision.reason else ""
            photo = decision.path or decision.sha256
            print(f"{photo}: {decision.action}{labels}, by {decision.by}{reason}")
        if len(current) > _SHOWN:
            print(f"... and {len(current) - _SHOWN} more; --export FILE.csv writes them all")
        counts = Counter(decision.action for decision in current)
        print(", ".join(f"{n} {action}" for action, n in counts.items()) or "no decision yet")


def _by_ending(file: Path | None, csv: _Way, json: _Way) -> _Way | None:
    if file is None:
        return None
    ways = {".csv": csv, ".json": json}
    if file.suffix.lower() not in ways:
        raise UsageError(f"{file}: give a file that ends in .csv or, for Label Studio, in .json")
    return ways[file.suffix.lower()]
