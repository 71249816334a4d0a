"""The application, its errors and its exit codes."""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ..base import __version__
from ..errors import PawlensError

__all__ = ["app", "main", "print_json", "say"]


class _ByName(TyperGroup):
    """Commands in the order of their names, whatever the order of their files."""

    def list_commands(self, ctx: Any) -> list[str]:
        """List the names."""
        return sorted(super().list_commands(ctx))


app = typer.Typer(
    name="pawlens",
    cls=_ByName,
    help="From a folder of photos to a classifier that can be trusted and shipped.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pawlens {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool,
        typer.Option(
            "--debug",
            help="Show the traceback of an error, wherever it stands on the line. Without it, one "
            "line that says what to do.",
        ),
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Declare what `main` takes off the line itself, for the help."""


def say(text: str) -> None:
    """Print a line for a person, on standard error so that standard output stays data."""
    print(" ".join(text.splitlines()), file=sys.stderr)


def print_json(value: Any) -> None:
    """Print a value for a machine."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def main() -> int:
    """Run the command line: 0 done, 2 wrong use or wrong data, 1 failure."""
    # What `decode` makes of a photo speaks for itself, photo by photo.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        result = app(arguments or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        say("pawlens: stopped; the same command goes on where it was")
        return 130
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _report(error, debug="--debug" in sys.argv)
    return result if isinstance(result, int) else 0


def _report(error: Exception, *, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    if hasattr(error, "format_message"):  # what click says of wrong options
        say(f"pawlens: {error.format_message()}")
        return 2
    if isinstance(error, PawlensError):
        say(f"pawlens: {' '.join(str(error).split())}")
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        mend = "free space" if error.errno == errno.ENOSPC else "check the path and its rights"
        say(f"pawlens: {where}{error.strerror.lower()}; {mend}")
        return 2
    if isinstance(error, MemoryError):
        say("pawlens: not enough memory; close other programs, and the same command goes on")
        return 1
    say(f"pawlens: {type(error).__name__}: {' '.join(str(error).split())} (--debug shows where)")
    return 1
