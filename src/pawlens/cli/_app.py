"""The application, its errors and its exit codes."""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from typing import Annotated, Any

import typer

from .._errors import PawlensError

__all__ = ["app", "main", "print_json", "say"]

app = typer.Typer(
    name="pawlens",
    help="From a folder of photos to a classifier that can be trusted and shipped.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_debug = False


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    global _debug
    _debug = debug


def say(text: str = "") -> None:
    """Print a line for a person, on standard error so that standard output stays data."""
    print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """Print a value for a machine."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def main() -> int:
    """Run the command line: 0 done, 2 wrong use or wrong data, 1 failure."""
    from PIL import Image

    # The pixel cap of `decode` speaks for itself, photo by photo.
    warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
    try:
        result = app(standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except typer.Abort:
        say("pawlens: stopped")
        return 1
    except Exception as error:
        return _report(error)
    except KeyboardInterrupt:
        say("pawlens: stopped; the same command goes on where it was")
        return 130
    return result if isinstance(result, int) else 0


def _report(error: Exception) -> int:
    if _debug:
        traceback.print_exception(error)
    if hasattr(error, "format_message"):  # what click says of wrong options
        say(f"pawlens: {error.format_message()}")
        return 2
    if isinstance(error, PawlensError):
        say(f"pawlens: {' '.join(str(error).split())}")
        return error.exit_code
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        say(f"pawlens: {where}{error.strerror.lower()}; free some space or choose another folder")
        return 2
    say(f"pawlens: {type(error).__name__}: {' '.join(str(error).split())} (--debug shows where)")
    return 1
