from __future__ import annotations

import json
from pathlib import Path

import pytest

from pawlens.audit import Decision, Journal, write_audit_files
from pawlens.workflows import decide_automatically

from .conftest import Command


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "audit" / "decisions.jsonl")
    journal.decide(Decision("a" * 64, "relabel", ("dog",), "cat/1.jpg", reason="it barks"))
    journal.decide(Decision("b" * 64, "drop", path="cat/2.jpg", by="auto"))
    return tmp_path / "audit"


def test_the_decisions_are_shown(pawlens: Command, audit: Path) -> None:
    found = pawlens("decisions", audit)
    assert found.out.splitlines() == [
        "cat/1.jpg: relabel dog, by person (it barks)",
        "cat/2.jpg: drop, by auto",
        "1 relabel, 1 drop",
    ]
    rows = json.loads(pawlens("decisions", audit, "--json").out)
    assert [row["action"] for row in rows] == ["relabel", "drop"]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_export_and_import(pawlens: Command, audit: Path, tmp_path: Path, ending: str) -> None:
    file, other = tmp_path / f"d.{ending}", tmp_path / "other"
    other.mkdir()
    assert pawlens("decisions", audit, "--export", file).err == f"exported 2 decisions to {file}\n"
    assert (
        pawlens("decisions", other, "--import", file).err == f"imported 2 decisions from {file}\n"
    )
    assert pawlens("decisions", other).out == pawlens("decisions", audit).out
    journals = [Journal(folder / "decisions.jsonl").current() for folder in (audit, other)]
    assert journals[0] == journals[1]


def test_wrong_use_is_one_line(pawlens: Command, audit: Path, tmp_path: Path) -> None:
    pawlens("decisions", tmp_path / "nothing").in_one_line("nothing", "no such folder")
    pawlens("decisions", audit, "--export", tmp_path / "d.xls").in_one_line("d.xls", ".csv")
    pawlens("decisions", audit, "--import", tmp_path / "d.csv").in_one_line("d.csv", "No such file")


def test_automatic_decisions_say_what_they_did(tmp_path: Path) -> None:
    columns = {
        "path": ["cat/1.jpg", "cat/2.jpg", "cat/3.jpg"],
        "sha256": ["a" * 64, "b" * 64, "c" * 64],
        "labels": [["cat"]] * 3,
        "is_border": [True, False, True],
        "is_label_error": [False, True, False],
        "p:cat": [0.9, 0.001, 0.9],
        **dict.fromkeys(["suspicion", "border_score", "label_error_score"], [0.5] * 3),
        **dict.fromkeys(["width", "height"], [64] * 3),
        **{name: [[], [], []] for name in ("reasons", "neighbours", "border")},
        **dict.fromkeys(["suggestion", "format"], [""] * 3),
    }
    facts = {"photos": str(tmp_path), "classes": ["cat"]}
    write_audit_files(tmp_path, columns, facts, "a page")
    journal = Journal(tmp_path / "decisions.jsonl")
    journal.decide(Decision("c" * 64, "keep"))
    found = decide_automatically(tmp_path)
    assert sum(found.values()) == 1
    named = {name.partition(":")[0]: count for name, count in found.items()}
    assert named == {"nothing about label_error": 0, "trim, border": 1}
    current = journal.current()
    assert (current["a" * 64].action, current["a" * 64].by) == ("trim", "auto")
    assert current["c" * 64].action == "keep"
    assert "b" * 64 not in current
