"""The child process of `admit`: reads a graph from standard input, answers why it may not pass."""

from __future__ import annotations

import sys

from ..base import answer_within_limits, limit_this_process
from ._admit import run_trial

_SECONDS = 10  # of processor time


def main() -> str:
    """Run the trial; return why the graph may not pass, or nothing."""
    data = sys.stdin.buffer.read()
    limit_this_process(len(data), seconds=_SECONDS)
    try:
        return run_trial(data)
    except MemoryError:
        return "it needs too much memory for one small photo"
    except Exception as error:  # runtimes raise nearly anything
        return f"it cannot be run ({' '.join(str(error).split())[:160] or type(error).__name__})"


if __name__ == "__main__":
    answer_within_limits(main)
