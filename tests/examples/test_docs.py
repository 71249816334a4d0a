"""The pages on plug-ins show the example as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("page", "file"), [("backbones.md", "backbone.py"), ("exporters.md", "exporter.py")]
)
def test_the_page_shows_the_file(page: str, file: str) -> None:
    code = ROOT / "examples" / "plugin" / "src" / "pawlens_example_plugin" / file
    text = (ROOT / "docs" / "plugins" / page).read_text(encoding="utf-8")
    assert f"```python\n{code.read_text(encoding='utf-8')}```" in text
