"""``pawlens review``."""

from __future__ import annotations

import os
import sys
import webbrowser
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Annotated

import typer

from ..base import require
from ._app import app, say
from ._options import LabelColumn, PathColumn
from ._progress import Bars

__all__: list[str] = []


@app.command()
def review(
    source: Annotated[
        str,
        typer.Argument(
            metavar="AUDIT",
            help="The audit folder, or photos, which are then audited first.",
        ),
    ],
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65_535, help="The port of this machine to answer on; 0 takes a free one."
        ),
    ] = 0,
    open_page: Annotated[
        bool,
        typer.Option("--open/--no-open", help="Whether to open the page in the browser."),
    ] = True,
    path_column: PathColumn = None,
    label_column: LabelColumn = None,
) -> None:
    """Decide about photos in the browser. Shows what the audit found, photo by photo."""
    from ..audit import DECISIONS, is_audit
    from ..review import serve_review

    require("fastapi", extra="serve")  # told before an audit that may take minutes
    folder = Path(source)
    if not is_audit(folder):
        folder = _audit(source, path_column, label_column)

    with TemporaryDirectory(prefix="pawlens-", ignore_cleanup_errors=True) as private:

        def ready(link: str) -> None:
            print(f"review  {link}", flush=True)
            say("decisions are kept as they are made; Ctrl-C ends the page")
            if open_page and _has_browser():
                door = _door(Path(private), link)
                # Some browsers hold the caller until they are closed.
                Thread(target=webbrowser.open, args=(door.as_uri(),), daemon=True).start()

        decided = serve_review(folder, port=port, ready=ready)
    print(f"decided {decided} photos: {folder / DECISIONS}")


def _door(folder: Path, link: str) -> Path:
    """Write a page that leads to the link, for nobody else to read.

    Every user of a machine can see the command lines of all: a browser is started with the name of
    this file on its own, and not with the token.
    """
    door = folder / "review.html"
    with open(os.open(door, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
        file.write(
            '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
            f'<meta http-equiv="refresh" content="0;url={escape(link)}"><title>pawlens</title>\n'
        )
    return door


def _audit(source: str, path_column: str | None, label_column: str | None) -> Path:
    """Audit photos as ``pawlens audit`` does when nothing else is asked of it."""
    from ..photos import as_photos
    from ..workflows import audit

    table = as_photos(source, path_column=path_column, label_column=label_column)
    folder = Path("audits") / table.name
    with Bars(table) as bars:
        audited = audit(table, folder, progress=bars)
    say(f"audited {len(audited.photos)} photos: {folder}")
    return folder


def _has_browser() -> bool:
    """Whether a window can open: without a screen, a text browser would take the terminal."""
    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in screens)
