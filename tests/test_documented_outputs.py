"""What counts as a change of an output that is pasted into the documentation."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

PAGE = """# A page

<!-- output: pawlens train pets -->
```console
$ pawlens train pets
{output}
```
"""
TRAINED = "396 photos in 2 classes\nlog loss  0.3505 (0.2955 to 0.4090)\nseconds  6 s"


@pytest.fixture(scope="module")
def outputs() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "docs" / "outputs.py"
    spec = importlib.util.spec_from_file_location("outputs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("6 s", "127 s"),
        ("0.3505", "0.3506"),
        ("396 photos", "pawlens: features of paw: 4 of 396\n396 photos"),
    ],
)
def test_what_a_machine_changes_does_not_count(outputs: ModuleType, was: str, now: str) -> None:
    fresh = TRAINED.replace(was, now)
    assert fresh != TRAINED
    assert outputs.changed(PAGE.format(output=TRAINED), PAGE.format(output=fresh), "page") == ""


@pytest.mark.parametrize(
    ("was", "now"),
    [("396 photos", "395 photos"), ("0.3505", "0.3545"), ("log loss", "loss"), ("classes", "")],
)
def test_a_number_or_a_word_counts(outputs: ModuleType, was: str, now: str) -> None:
    fresh = TRAINED.replace(was, now)
    found = outputs.changed(PAGE.format(output=TRAINED), PAGE.format(output=fresh), "page")
    assert found.startswith("--- page, pasted\n+++ page, now\n")
    assert any(line[0] == "-" and was in line for line in found.splitlines())


def test_a_page_outside_its_outputs_is_as_it_is(outputs: ModuleType) -> None:
    page = "It takes 6 s.\n" + PAGE.format(output=TRAINED)
    assert outputs.changed(page, page.replace("takes 6 s", "takes 7 s"), "page")


def test_slow_outputs_run_when_they_are_asked_for(outputs: ModuleType, tmp_path: Path) -> None:
    page = PAGE.replace("output: pawlens train pets", "slow output: echo 7").format(output="8")
    assert outputs.Shell(tmp_path, slow=False).refresh(page) == page
    assert "$ echo 7\n7\n```" in outputs.Shell(tmp_path).refresh(page)
