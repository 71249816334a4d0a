from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.audit import Action, Decision, Journal, read_decisions
from pawlens.errors import DecisionsError

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CONTENTS = [f"{i:064x}" for i in range(4)]


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    action: Action = draw(st.sampled_from(get_args(Action)))
    labels = draw(st.lists(NAMES.filter(bool), max_size=3, unique=True))
    return Decision(
        draw(st.sampled_from(CONTENTS)),
        action,
        tuple(labels) if action == "relabel" else (),
        path=draw(NAMES),
        by=draw(st.sampled_from(["person", "auto"])),
        reason=draw(NAMES),
    )


STEPS = st.lists(decisions() | st.just("undo"), max_size=12)


def play(journal: Journal, steps: list[Any]) -> dict[str, Decision]:
    """Do the steps, and keep the same account by other means."""
    standing: list[Decision] = []
    for step in steps:
        if step == "undo":
            assert journal.undo() == (standing.pop() if standing else None)
        else:
            standing.append(journal.decide(step))
            assert replace(standing[-1], time="") == step
    return {d.sha256: d for d in standing}


@given(STEPS)
@settings(max_examples=40)
def test_reads_back_what_was_decided(steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "audit" / "decisions.jsonl")
        expected = play(journal, steps)
        assert journal.current() == expected
        again = Journal(journal.path)
        assert again.current() == expected
        assert len(again) == len(journal)


@given(STEPS, decisions(), st.integers(0, 10_000))
@settings(max_examples=60)
def test_killed_at_any_byte_of_the_last_row(steps: list[Any], last: Decision, place: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decisions.jsonl"
        before = play(Journal(path), steps)
        rows, whole = len(Journal(path)), path.read_bytes() if path.exists() else b""
        Journal(path).decide(last)
        torn = path.read_bytes()[len(whole) :]
        cut = place % len(torn)  # the time in a row is not always written equally long
        path.write_bytes(whole + torn[:cut])

        reader = Journal(path)
        assert reader.current() == before
        assert len(reader) == rows
        anew = Journal(path).decide(last)
        assert reader.current() == before | {last.sha256: anew}
        assert len(reader) == rows + 1
        kept_apart = Path(f"{path}.torn")
        assert (kept_apart.read_bytes() if cut else b"\n") == torn[:cut] + b"\n"


def test_two_writers_do_not_tear_each_others_rows(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    code = """
import sys
from pathlib import Path
from pawlens.audit import Decision, Journal
journal = Journal(Path(sys.argv[1]))
for i in range(150):
    journal.decide(Decision(f"{i:064x}", "drop", by=sys.argv[2], reason="x" * i * 40))
    if i % 10 == 9:
        journal.undo()
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in ("one", "two")
    ]
    assert [w.wait(timeout=300) for w in writers] == [0, 0]
    journal = Journal(path)
    assert len(journal) == 330
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert sum(row["action"] == "undo" for row in rows) == 30
    assert {row.get("by") for row in rows} == {"one", "two", None}


def test_a_writer_sees_what_another_wrote(tmp_path: Path) -> None:
    one, two = Journal(tmp_path / "d.jsonl"), Journal(tmp_path / "d.jsonl")
    one.decide(Decision(CONTENTS[0], "drop"))
    made = two.decide(Decision(CONTENTS[0], "keep"))
    assert one.current() == {CONTENTS[0]: made}
    assert one.undo() == made
    assert two.current()[CONTENTS[0]].action == "drop"


def test_the_time_is_stamped_in_utc_and_kept_where_it_is_given(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "d.jsonl")
    assert journal.decide(Decision(CONTENTS[0], "drop")).time.endswith("+00:00")
    assert journal.decide(Decision(CONTENTS[1], "drop", time="2020")).time == "2020"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a JSON object"),
        ('{"sha256": "x", "action": "drop"}', "64 hex digits"),
        (json.dumps({"sha256": CONTENTS[0], "action": "burn"}), "'burn' is unknown"),
        (json.dumps({"sha256": CONTENTS[0], "action": "drop", "why": 1}), "no field 'why'"),
        (json.dumps({"sha256": CONTENTS[0], "action": "drop", "path": 1}), "path .* must be text"),
        (json.dumps({"sha256": CONTENTS[0]}), "needs sha256 and action"),
        (json.dumps({"sha256": CONTENTS[1], "action": "undo"}), "not the newest"),
    ],
)
def test_a_foreign_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "decisions.jsonl"
    Journal(path).decide(Decision(CONTENTS[0], "drop"))
    with open(path, "a") as file:
        file.write(line + "\n")
    with pytest.raises(DecisionsError, match=f"decisions.jsonl: line 2 .*{reason}"):
        Journal(path).current()
    with pytest.raises(DecisionsError, match="line 2"):
        Journal(path).decide(Decision(CONTENTS[0], "keep"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"action": "drop", "labels": ("cat",)}, r"^labels belong to relabel, not to drop$"),
        ({"action": "relabel", "labels": ("cat", "cat")}, r"must differ: \('cat', 'cat'\)$"),
        ({"action": "relabel", "labels": ("",)}, r"must be names: \('',\)$"),
        ({"action": "relabel", "labels": "cat"}, r"must be names: 'cat'$"),
        ({"action": "drop", "reason": "\ud800"}, r"^reason of .* must be valid Unicode$"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(DecisionsError, match=reason):
        Decision(CONTENTS[0], **values)


def test_a_full_disk_leaves_no_half_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "d.jsonl")
    first = journal.decide(Decision(CONTENTS[0], "drop"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(DecisionsError, match=r"d\.jsonl: cannot be written \(No space left"):
            journal.decide(Decision(CONTENTS[1], "drop"))
    assert journal.current() == Journal(journal.path).current() == {CONTENTS[0]: first}


def test_read_decisions_takes_a_folder_or_a_file(tmp_path: Path) -> None:
    made = Journal(tmp_path / "decisions.jsonl").decide(Decision(CONTENTS[0], "trim"))
    assert read_decisions(tmp_path) == read_decisions(tmp_path / "decisions.jsonl")
    assert read_decisions(tmp_path) == {CONTENTS[0]: made}
    with pytest.raises(DecisionsError, match="no such file"):
        read_decisions(tmp_path / "nothing.jsonl")
