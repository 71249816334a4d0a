from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.audit import (
    Action,
    Decision,
    Journal,
    export_csv,
    export_label_studio,
    import_csv,
    import_label_studio,
)
from pawlens.errors import DecisionsError

Move = Callable[[Journal, Path], int]
WAYS = {
    "csv": (export_csv, import_csv),
    "json": (export_label_studio, import_label_studio),
}
NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LABELS = NAMES.filter(bool) | st.sampled_from(["a;b", "\\", "\\;", ";", "猫", "a\r\nb", '"'])
SHA = "a" * 64


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    action: Action = draw(st.sampled_from(get_args(Action)))
    labels = draw(st.lists(LABELS, max_size=3, unique=True)) if action == "relabel" else []
    sha256 = f"{draw(st.integers(0, 10)):064x}"
    by = draw(NAMES.filter(bool))
    return Decision(sha256, action, tuple(labels), draw(NAMES), by, draw(NAMES), time="2026-11-25")


@pytest.mark.parametrize("way", WAYS)
@given(made=st.lists(decisions(), min_size=1, max_size=6))
@settings(max_examples=40)
def test_round_trip(way: str, made: list[Decision]) -> None:
    give, take = WAYS[way]
    with tempfile.TemporaryDirectory() as folder:
        journal, other = (Journal(Path(folder) / name) for name in ("one", "two"))
        for decision in made:
            journal.decide(decision)
        file = Path(folder) / "exchange"
        count = give(journal, file)
        assert count == len(journal.current()) == take(other, file)
        assert other.current() == journal.current()
        assert take(other, file) == 0
        assert len(other) == count


def test_csv_from_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "d.csv"
    file.write_text(f"\ufeffsha256,action,labels,colour\n{SHA},relabel,cat;dog,red\n")
    journal = Journal(tmp_path / "decisions.jsonl")
    assert import_csv(journal, file) == 1
    found = journal.current()[SHA]
    assert (found.labels, found.by) == (("cat", "dog"), "person")
    assert found.time


def test_label_studio_from_a_person(tmp_path: Path) -> None:
    def choice(name: str, *chosen: str) -> dict[str, Any]:
        return {"from_name": name, "type": "choices", "value": {"choices": list(chosen)}}

    data = {"image": "cat/1.jpg", "sha256": SHA, "by": "auto", "time": "long ago"}
    tasks: list[dict[str, Any]] = [
        {
            "data": data,
            "annotations": [
                {"result": [choice("action", "keep")]},
                {
                    "completed_by": 3,
                    "updated_at": "2026-11-25T10:00:00Z",
                    "result": [choice("labels", "dog"), choice("action", "relabel")],
                },
                {"was_cancelled": True, "result": []},
            ],
        },
        {"data": data, "annotations": []},
    ]
    file = tmp_path / "d.json"
    file.write_text(json.dumps(tasks))
    journal = Journal(tmp_path / "decisions.jsonl")
    assert import_label_studio(journal, file) == 1
    assert journal.current()[SHA] == Decision(
        SHA, "relabel", ("dog",), "cat/1.jpg", "label studio", time="2026-11-25T10:00:00Z"
    )


@pytest.mark.parametrize(
    ("take", "content", "reason"),
    [
        (import_csv, "", "no row"),
        (import_csv, "path,action\na,drop\n", "no columns sha256"),
        (import_csv, f"sha256,action\n{SHA},drop\n{SHA},burn\n", "row 3: action 'burn'"),
        (import_label_studio, "nonsense", "not JSON"),
        (import_label_studio, "{}", "not a list"),
        (import_label_studio, "[1]", "task 1 is none"),
        (import_label_studio, '[{"data": {}, "annotations": [{"result": [1]}]}]', "lacks sha256"),
    ],
)
def test_a_wrong_file_adds_nothing(tmp_path: Path, take: Move, content: str, reason: str) -> None:
    file = tmp_path / "d"
    file.write_text(content)
    journal = Journal(tmp_path / "decisions.jsonl")
    with pytest.raises(DecisionsError, match=reason):
        take(journal, file)
    assert len(journal) == 0
