"""The child process of `conform_in_child`: makes a backbone of a file, answers why it cannot."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..base import answer_within_limits
from ..errors import PawlensError
from ._extractor import conform_file, limit_for


def main() -> str:
    """Conform the file of the command line; return what is wrong with it, or nothing."""
    path, size, target, weights_hash, key = json.loads(sys.argv[1])
    try:
        limit_for(Path(path))
        conform_file(Path(path), size, Path(target), weights_hash, key)
    except PawlensError as error:
        return str(error)
    except MemoryError:
        return "it needs too much memory for one small photo"
    except Exception as error:  # runtimes raise nearly anything
        return f"it cannot be run ({' '.join(str(error).split())[:160] or type(error).__name__})"
    return ""


if __name__ == "__main__":
    answer_within_limits(main)
