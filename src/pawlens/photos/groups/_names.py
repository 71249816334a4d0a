"""Groups by a pattern of file names, matched in a child process that cannot run for ever."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Sequence

from ...errors import UsageError

__all__ = ["groups_by_name"]

_LONGEST = 300  # characters of a pattern
_SECONDS = 20.0
_CHILD = """
import json, re, sys
pattern, names = json.load(sys.stdin)
found = map(re.compile(pattern).search, names)
json.dump([match and match[1] for match in found], sys.stdout)
"""


def groups_by_name(pattern: str, paths: Sequence[str]) -> list[str | None]:
    """Read the group of each photo from its name.

    Parameters
    ----------
    pattern : str
        A regular expression with one group in parentheses, which is the name of the photo's group.
        It is searched for in the name of the file, or, where it has a slash, in the whole path.
    paths : sequence of str
        Relative POSIX paths.

    Returns
    -------
    list of str or None
        None where the pattern is not found, or its group is empty.

    Raises
    ------
    UsageError
        The pattern is no regular expression, is too long, has no group or several, or takes
        longer than 20 seconds.

    Notes
    -----
    Some expressions, such as ``(a+)+$``, take longer than the age of the world for a name of forty
    letters, and cannot be interrupted. So they are matched by another process, which is ended.

    Examples
    --------
    >>> groups_by_name(r"(\\w+)_\\d+", ["sick/rex_1.jpg", "sick/rex_2.jpg", "well/IMG.jpg"])
    ['rex', 'rex', None]
    """
    _check(pattern)
    names = paths if "/" in pattern else [path.rpartition("/")[2] for path in paths]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            input=json.dumps([pattern, names]),
            capture_output=True,
            encoding="ascii",
            timeout=_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(
            f"--group-name {pattern!r}: takes longer than {_SECONDS:.0f} seconds on these names; "
            "leave out repetitions inside of repetitions, as in (a+)+"
        ) from error
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["it was ended"]
        raise UsageError(f"--group-name {pattern!r}: cannot be matched ({lines[-1]})") from error
    return [name or None for name in json.loads(done.stdout)]


def _check(pattern: str) -> None:
    if len(pattern) > _LONGEST:
        raise UsageError(
            f"--group-name: a pattern of {len(pattern):,} characters; use at most {_LONGEST}"
        )
    try:
        with warnings.catch_warnings(action="ignore"):
            groups = re.compile(pattern).groups
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        raise UsageError(
            f"--group-name {pattern!r}: no regular expression ({error}); one such is '(\\w+)_\\d+'"
        ) from error
    if groups != 1:
        raise UsageError(
            f"--group-name {pattern!r}: {groups} groups in parentheses; exactly one names the "
            "group of the photo, as in '(\\w+)_\\d+'; write (?:...) for others"
        )
