"""The child process of `admit`: reads a graph from standard input, prints why it may not pass."""

from __future__ import annotations

import json
import os
import sys

from ._admit import limit_this_process, run_trial


def main() -> None:
    """Run the trial; what runtimes print by themselves goes nowhere."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    data = sys.stdin.buffer.read()
    limit_this_process(len(data))
    try:
        reason = run_trial(data)
    except MemoryError:
        reason = "it needs too much memory for one small photo"
    except Exception as error:  # runtimes raise nearly anything
        reason = f"it cannot be run ({' '.join(str(error).split())[:160] or type(error).__name__})"
    print(json.dumps(reason), file=answer, flush=True)
    os._exit(0)  # a runtime that was refused memory may not end well


if __name__ == "__main__":
    main()
