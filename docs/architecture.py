"""Draw the rooms of the package, and list them, from the import contract and the code.

``python docs/architecture.py`` writes ``docs/images/rooms.svg`` and the table of rooms in
``docs/architecture.md``. Rows and their order are those of the layers in ``pyproject.toml``, which
``lint-imports`` holds the code to; what a room is for is the first line of its docstring.

``python docs/architecture.py --check`` writes nothing: it names the files that would change, and
exits with 1.
"""

from __future__ import annotations

import argparse
import ast
import math
import re
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "pawlens"
PICTURE = ROOT / "docs" / "images" / "rooms.svg"
PAGE = ROOT / "docs" / "architecture.md"
TABLE = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- end -->)", re.DOTALL)

# Pixels. Narrow enough that a phone shows it nearly at its own size.
_WIDTH, _MARGIN, _GAP, _BOX, _ARROW = 440, 10, 8, 32, 22
_BESIDE = 3  # rooms in one line of a row

# Every text has a ground of its own, so that the picture reads on a light and on a dark page.
_STYLE = (
    "rect.row{fill:#e3e7f6;stroke:#8c9ad0}"
    "rect.room{fill:#34439a}"
    "text{fill:#fff;font:600 15px system-ui,sans-serif;"
    "text-anchor:middle;dominant-baseline:central}"
    "path{stroke:#8c9ad0;stroke-width:2;fill:#8c9ad0}"
)


def layers(project: str) -> list[list[str]]:
    """The rooms of each layer, highest first, as the contract in a ``pyproject.toml`` has them.

    Raises
    ------
    ValueError
        The text holds no contract of type ``layers``.
    """
    contracts = tomllib.loads(project).get("tool", {}).get("importlinter", {}).get("contracts", [])
    for contract in contracts:
        if contract["type"] == "layers":
            return [re.findall(r"\w+", layer) for layer in contract["layers"]]
    raise ValueError("pyproject.toml has no contract of type layers")


def draw(rows: Sequence[Sequence[str]]) -> str:
    """An SVG with a frame for each layer, and an arrow from each to the one below."""
    parts: list[str] = []
    top = 1
    for number, rooms in enumerate(rows):
        if number:
            parts.append(_arrow(top))
            top += _ARROW
        height, boxes = _row(rooms, top)
        frame = f'x="1" y="{top}" width="{_WIDTH - 2}" height="{height}"'
        parts += [f'<rect class="row" {frame} rx="8"/>', *boxes]
        top += height
    size = f'width="{_WIDTH}" height="{top + 1}" viewBox="0 0 {_WIDTH} {top + 1}"'
    title = "The rooms of pawlens: each may import those of the rows below it"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            *parts,
            "</svg>\n",
        ]
    )


def _row(rooms: Sequence[str], top: int) -> tuple[int, list[str]]:
    """The height of a layer's frame, and the boxes in it."""
    lines = math.ceil(len(rooms) / _BESIDE)
    beside = math.ceil(len(rooms) / lines)
    parts = []
    for number, room in enumerate(rooms):
        line, column = divmod(number, beside)
        in_line = min(beside, len(rooms) - line * beside)
        width = (_WIDTH - 2 * _MARGIN - (in_line - 1) * _GAP) / in_line
        left = _MARGIN + column * (width + _GAP)
        y = top + _MARGIN + line * (_BOX + _GAP)
        box = f'x="{left:.1f}" y="{y}" width="{width:.1f}" height="{_BOX}"'
        parts.append(f'<rect class="room" {box} rx="5"/>')
        parts.append(f'<text x="{left + width / 2:.1f}" y="{y + _BOX / 2:.1f}">{room}</text>')
    return 2 * _MARGIN + lines * _BOX + (lines - 1) * _GAP, parts


def _arrow(top: int) -> str:
    """An arrow that bridges the space between two frames."""
    middle, tip = _WIDTH // 2, top + _ARROW - 2
    return f'<path d="M{middle} {top + 2}V{tip - 8}M{middle - 6} {tip - 8}h12l-6 8z"/>'


def table(rows: Sequence[Sequence[str]], package: Path) -> str:
    """The rooms as a table in Markdown: name, what it is for, and below it its modules."""
    lines = ["| room | what it holds, and its modules |", "|---|---|"]
    for room in (room for rooms in rows for room in rooms):
        folder = package / room
        source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
        modules = f"<br>{names}" if (names := _modules(folder)) else ""
        lines.append(f"| `{room}` | {_purpose(source)}{modules} |")
    return "\n".join(lines) + "\n"


def _purpose(source: Path) -> str:
    """The first line of a module's docstring."""
    docstring = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].replace("``", "`")


def _modules(folder: Path) -> str:
    """The modules of a room by name; of each room within it a line with what it is for, and its."""
    names = " ".join(f"`{file.stem}`" for file in sorted(folder.glob("_[!_]*.py")))
    faces = sorted(folder.glob("*/__init__.py"))
    lines = (f"**{face.parent.name}**: {_purpose(face)} {_modules(face.parent)}" for face in faces)
    return "<br>".join([names, *lines])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    check = parser.parse_args().check
    rows = layers((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = table(rows, PACKAGE)
    page = PAGE.read_text(encoding="utf-8")
    fresh = {PICTURE: draw(rows), PAGE: TABLE.sub(lambda _: rooms, page)}
    differ = False
    for path, text in fresh.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        differ = True
        print(path.relative_to(ROOT).as_posix())
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and differ else 0


if __name__ == "__main__":
    sys.exit(main())
