"""The application, its errors and its exit codes."""

from __future__ import annotations

import errno
import json
import sys
import traceback
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ..base import __version__
from ..errors import PawlensError
from ._signals import Stop, stoppable
from ._streams import raw, steady_streams

__all__ = ["app", "main", "print_data", "print_json", "say"]

_ANEW = ("compare", "evaluate", "explain", "export", "predict")


class _Commands(TyperGroup):
    """Commands in the order of their names, whatever the order of their files."""

    def list_commands(self, ctx: Any) -> list[str]:
        """List the names."""
        return sorted(super().list_commands(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run a command; click would answer Ctrl-C with an empty line of its own."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _StoppedError from error


class _StoppedError(Exception):
    """A command was stopped by a signal."""


app = typer.Typer(
    name="pawlens",
    cls=_Commands,
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
    narrow = not (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    print(json.dumps(value, ensure_ascii=narrow, indent=2))


def print_data(text: str) -> None:
    """Print a file's content as it is, in UTF-8 whatever the terminal's encoding."""
    stream = raw(sys.stdout)
    if hasattr(stream, "buffer"):
        stream.flush()
        stream.buffer.write(text.encode())
        stream.buffer.flush()
    else:
        stream.write(text)


def main() -> int:
    """Run the command line: 0 done, 2 wrong use or wrong data, 1 failure, more if stopped."""
    serves = "serve" in sys.argv[1:3]  # its processes log to standard error, and end in good order
    streams = steady_streams(whole=serves or "--debug" in sys.argv)
    with streams, stoppable(_in_words, hard=not serves) as stop:
        code = _run(stop)
        if code is None:
            line = stop.in_words()
            if line:
                say(line)
            return stop.code
        return code


def _run(stop: Stop) -> int | None:
    """The exit code of the command; None where a signal stopped it."""
    # What `decode` makes of a photo speaks for itself, photo by photo.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    arguments = [a for a in sys.argv[1:] if a != "--debug"]
    try:
        result = app(arguments or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt, _StoppedError):
        return None
    except BrokenPipeError:  # whoever read the output has seen enough
        return 0
    except Exception as error:
        if stop.asked:  # a signal within the loading of a library is an ImportError, for example
            return None
        return _report(error, debug="--debug" in sys.argv)
    return result if isinstance(result, int) else 0


def _in_words() -> str:
    """What Ctrl-C leaves behind, and how to go on."""
    if any(name in sys.argv[1:3] for name in _ANEW):
        return "pawlens: stopped; the same command begins anew"
    return "pawlens: stopped; what was finished is kept, and the same command goes on from there"


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
