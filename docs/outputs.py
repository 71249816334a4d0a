"""Run again what the documentation shows, and paste what it prints.

``python docs/outputs.py`` works in an empty temporary folder, README first: a block that follows
``<!-- snippet: NAME -->`` is saved as ``NAME.py``, and the block that follows
``<!-- output: COMMAND ;; COMMAND -->`` is replaced by the commands and what they print.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "README.zh-CN.md"]
MARK = re.compile(
    r"<!-- (?P<kind>snippet|output): (?P<what>[^\n]*?) -->\n+```\w+\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def shown(command: str, folder: Path, known: dict[str, str]) -> str:
    """The command and what it prints, a prompt before it; each command runs once."""
    if command not in known:
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "COLUMNS": "100",
            "PAWLENS_CACHE": str(folder / ".cache"),
        }
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = [f"$ {command}", *(line.rstrip() for line in done.stdout.splitlines())]
        known[command] = "\n".join(lines)
    return known[command]


def pasted(page: str, folder: Path, known: dict[str, str]) -> str:
    """The page with fresh outputs."""

    def fresh(block: re.Match[str]) -> str:
        if block["kind"] == "snippet":
            (folder / f"{block['what']}.py").write_text(block["body"], encoding="utf-8")
            return block[0]
        texts = [shown(command, folder, known) for command in block["what"].split(" ;; ")]
        head = block[0][: block.start("body") - block.start()]
        return head + "\n".join(texts) + "\n```"

    return MARK.sub(fresh, page)


def main() -> None:
    known: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in PAGES:
            path.write_text(pasted(path.read_text("utf-8"), Path(folder), known), encoding="utf-8")
            print(path.relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
