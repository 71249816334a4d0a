"""Work that goes on as it should, and work that does not, for the test of `kill_points` itself.

``python -m tests.killed_counter OUT``
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .kill_points import kill_everywhere, show


def sound(folder: Path) -> str:
    """Count to four, in one file that is replaced."""
    file = folder / "count"
    for count in range(int(file.read_text()) if file.exists() else 0, 4):
        (folder / "next").write_text(str(count + 1))
        os.replace(folder / "next", file)
    return file.read_text()


def counts_twice(folder: Path) -> str:
    """Count lines, and note the count afterwards: killed in between, a line is there twice."""
    lines, file = folder / "lines", folder / "count"
    for count in range(int(file.read_text()) if file.exists() else 0, 4):
        with lines.open("a") as log:
            log.write("line\n")
        (folder / "next").write_text(str(count + 1))
        os.replace(folder / "next", file)
    return lines.read_text()


def never_ends(folder: Path) -> str:
    """Refuse to go on from what it left."""
    if (folder / "begun").exists():
        raise RuntimeError("begun already")
    (folder / "begun").touch()
    return "ended"


def main(out: Path) -> None:
    outcomes = {}
    for work in (sound, counts_twice, never_ends):
        for every in (False, True):
            name = f"{work.__name__} {every}"
            (out / name).mkdir()
            here = [sys.modules[__name__]]
            outcomes[name] = kill_everywhere(work, here, out / name, every=every)
    show(outcomes)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
