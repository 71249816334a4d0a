"""Count lines of code by room, without docstrings, comments and blank lines.

``python -m tools.lines [COMMIT ...]`` prints a column for each commit, and one for the files as
they are.
"""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_SOURCE = "src/pawlens/"
_NOT_CODE = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def code_lines(text: str) -> int:
    """Count the lines of a Python file on which code stands."""
    strings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NOT_CODE and token.string:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - strings)


def count(commit: str | None) -> Counter[str]:
    """Count the lines of each room; of the files as they are where no commit is given."""
    counts: Counter[str] = Counter()
    for name in _git("ls-files" if commit is None else f"ls-tree -r --name-only {commit}"):
        if name.startswith(_SOURCE) and name.endswith(".py"):
            inside = name.removeprefix(_SOURCE)
            text = (
                (ROOT / name).read_text("utf-8")
                if commit is None
                else "\n".join(_git(f"show {commit}:{name}"))
            )
            counts[inside.split("/")[0] if "/" in inside else "modules of the root"] += code_lines(
                text + "\n"
            )
    return counts


def _git(command: str) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(ROOT), *command.split()], capture_output=True, check=True
    )
    return done.stdout.decode().split("\n")


def main() -> None:
    """Print a table, a row a room."""
    commits = [*sys.argv[1:], None]
    columns = [count(commit) for commit in commits]
    print("| room | " + " | ".join(commit or "now" for commit in commits) + " |")
    print("|---|" + "---|" * len(commits))
    for room in sorted({room for column in columns for room in column}):
        print(f"| {room} | " + " | ".join(f"{column[room]:,}" for column in columns) + " |")
    print("| all | " + " | ".join(f"{column.total():,}" for column in columns) + " |")


if __name__ == "__main__":
    main()
