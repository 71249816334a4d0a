"""What the documentation refers to is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
PATH = re.compile(
    r"(?<![\w./-])(?:src|tests|benchmarks|research|tools|docs)/[\w/.-]*\w\.(?:py|md)\b"
)


def test_every_file_of_the_repository_that_a_page_names_exists() -> None:
    named = {(page.name, path) for page in PAGES for path in PATH.findall(page.read_text("utf-8"))}
    assert len(named) > 60
    assert {(page, path) for page, path in named if not (ROOT / path).exists()} == set()


def test_every_page_is_in_the_navigation() -> None:
    """The theme's search finds a page that is not, but nobody is led to it."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    named = set(re.findall(r"[:-] ([\w/-]+\.md)$", navigation, re.MULTILINE))
    pages = {path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")}
    assert named == pages
