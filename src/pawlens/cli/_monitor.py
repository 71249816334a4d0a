"""``pawlens monitor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._app import app, print_json, say
from ._options import AsJson, CacheDir
from ._progress import Bars

__all__: list[str] = []

_SHOWN = 5
_DRIFT = 3  # exit code


@app.command()
def monitor(
    run: Annotated[Path, typer.Argument(help="The run folder that new photos are compared with.")],
    photos: Annotated[
        str,
        typer.Argument(
            help="The new photos: a folder, a zip or a list; or the folder of "
            "`pawlens serve --record`."
        ),
    ],
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="The day or time, as 2026-11-30 or 2026-11-30T08:00 (UTC), before which photos "
            "are left out. By default all count.",
        ),
    ] = None,
    level: Annotated[
        float,
        typer.Option(
            min=0.002,
            max=0.5,
            help="How often photos of the same kind may give an alarm at most.",
        ),
    ] = 0.01,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The folder of the page, the JSON and the trend. By default monitors/NAME, named "
            "after the run."
        ),
    ] = None,
    photos_of_run: Annotated[
        str | None,
        typer.Option(
            help="Where the photos of the run are now; only a run of an earlier version needs "
            "them. By default where it read them."
        ),
    ] = None,
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> int:
    """Say whether new photos are like those of a run.

    It also says what the answers to them are worth. The exit code is 3 where there is an alarm,
    for cron and CI.
    """
    from ..workflows import MONITOR_PAGE
    from ..workflows import monitor as look

    folder = out if out is not None else Path("monitors") / run.resolve().name
    with Bars(None) as bars:
        found = look(
            run,
            photos,
            folder,
            since=since,
            level=level,
            photos_of_run=photos_of_run,
            cache_dir=cache_dir,
            progress=bars,
        )
    page = folder / MONITOR_PAGE
    code = _DRIFT if found.drift else 0
    if as_json:
        print_json(found.as_json() | {"page": str(page)})
        return code
    print(f"{found.photos} photos" + (f", {found.looked_at} looked at" if found.looked_at else ""))
    for check in found.checks:
        p = "" if check.p is None else f"  (p {check.p_in_words})"
        print(f"  {'ALARM' if check.alarm else '     '}  {check.question} {check.found}{p}")
    if found.expected is not None:
        print(f"expected accuracy {found.expected:.1%}; out-of-fold {found.measured:.1%}")
        print(f"  {found.condition}")
    for path, reason in found.unreadable[:_SHOWN]:
        say(f"pawlens: {path}: {reason}")
    print(f"page  {page}")
    return code
