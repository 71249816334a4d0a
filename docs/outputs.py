"""Run again what the documentation shows, and paste what it prints, or check that it is the same.

``python docs/outputs.py`` works in an empty temporary folder, README first: a block that follows
``<!-- snippet: NAME -->`` is saved as ``NAME.py``, and the block that follows
``<!-- output: COMMAND ;; COMMAND -->`` is replaced by the commands and what they print.

``python docs/outputs.py --check`` writes nothing: it prints what a page would change, and exits
with 1. A block behind ``<!-- slow output: ... -->`` is run with ``--all`` alone; the others
take about 100 seconds of one processor and need no torch. Times, speeds, the precision that a
machine takes, sizes of files and progress do not count, nor does the last digit of a figure.
"""

from __future__ import annotations

import argparse
import difflib
import math
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.zh-CN.md"]
MARK = re.compile(
    r"<!-- (?P<kind>snippet|output|slow output): (?P<what>[^\n]*?) -->\n+"
    r"```\w+\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
LIMIT = 900  # seconds for one block

_PROGRESS = re.compile(r"^pawlens: .*\d+ of \d+\n", re.MULTILINE)
"""What a command says of its progress, on a machine where it takes long."""

# What differs from machine to machine and from run to run.
_VARIES = (
    (_PROGRESS, ""),
    (re.compile(r" +\d+(\.\d+)? s\b"), " T s"),
    (re.compile(r"\d[\d,]* \(\d[\d,]* to \d[\d,]*\)(?=: (the engine|from drawn))"), "SPEED"),
    (re.compile(r"\b(f32|bf16) on cpu\b"), "PRECISION on cpu"),
    (re.compile(r"\b\d+ processors\b"), "N processors"),
    (re.compile(r"\b\d[\d,]* bytes\b"), "N bytes"),
)
_FIGURE = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]?\d+)?(?![\w.])")
_ABSOLUTE, _RELATIVE = 1e-3, 1e-3  # sums of floats differ a little between processors


class Shell:
    """Runs commands of the documentation in one folder, each of them once.

    Parameters
    ----------
    folder : Path
        Empty at first.
    slow : bool
        Whether blocks that are marked as slow run too.
    """

    def __init__(self, folder: Path, *, slow: bool = True) -> None:
        self._folder = folder
        self._slow = slow
        self._texts: dict[str, str] = {}

    def refresh(self, page: str) -> str:
        """The page with fresh outputs."""
        return MARK.sub(self._refresh_block, page)

    def _refresh_block(self, block: re.Match[str]) -> str:
        if block["kind"] == "snippet":
            (self._folder / f"{block['what']}.py").write_text(block["body"], encoding="utf-8")
            return block[0]
        if block["kind"] == "slow output" and not self._slow:
            return block[0]
        texts = [self._show(command) for command in block["what"].split(" ;; ")]
        head = block[0][: block.start("body") - block.start()]
        return head + "\n".join(texts) + "\n```"

    def _show(self, command: str) -> str:
        """The command and what it prints, a prompt before it."""
        if command not in self._texts:
            environment = os.environ | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "COLUMNS": "100",
                "PAWLENS_CACHE": str(self._folder / ".cache"),
                "PAWLENS_PRECISION": "f32",  # whatever the processor could do faster
            }
            began, processor = time.monotonic(), _processor_seconds()
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=self._folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=LIMIT,
                check=False,
            )
            printed = _PROGRESS.sub("", done.stdout)
            lines = [f"$ {command}", *(line.rstrip() for line in printed.splitlines())]
            self._texts[command] = "\n".join(lines)
            wall, processor = time.monotonic() - began, _processor_seconds() - processor
            print(f"{wall:6.1f} s, {processor:5.1f} s of CPU  {command}", file=sys.stderr)
        return self._texts[command]


def _processor_seconds() -> float:
    """CPU time of all commands so far, which another job on the machine changes little."""
    times = os.times()
    return times.children_user + times.children_system


def changed(pasted: str, fresh: str, name: str) -> str:
    """A unified diff of two versions of a page; empty if they say the same."""
    old, new = _comparable(pasted), _comparable(fresh)
    for row, (before, after) in enumerate(zip(old, new, strict=False)):
        if before != after and _alike(before, after):
            new[row] = before
    return "\n".join(
        difflib.unified_diff(old, new, f"{name}, pasted", f"{name}, now", "", "", 1, "")
    )


def _comparable(page: str) -> list[str]:
    """The lines of a page; in its outputs, what varies from run to run is blanked."""

    def blank(block: re.Match[str]) -> str:
        if block["kind"] == "snippet":
            return block[0]
        text = block[0]
        for pattern, word in _VARIES:
            text = pattern.sub(word, text)
        return text

    return MARK.sub(blank, page).splitlines()


def _alike(before: str, after: str) -> bool:
    """Whether two lines differ in the last digits of their figures alone."""
    if _FIGURE.sub("#", before) != _FIGURE.sub("#", after):
        return False
    pairs = zip(_FIGURE.findall(before), _FIGURE.findall(after), strict=True)
    return all(
        math.isclose(float(old), float(new), rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
        for old, new in pairs
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, print what differs")
    parser.add_argument("--all", action="store_true", help="run what is slow, too")
    options = parser.parse_args()
    differ = False
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder), slow=options.all)
        for path in PAGES:
            pasted = path.read_text("utf-8")
            fresh = shell.refresh(pasted)
            name = path.relative_to(ROOT).as_posix()
            if not options.check:
                path.write_text(fresh, encoding="utf-8")
                print(name, flush=True)
            elif difference := changed(pasted, fresh, name):
                differ = True
                print(difference, flush=True)
    if options.check and not differ:
        print("the outputs in the documentation are what the commands print")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
