"""Work in a child process that limits itself: its answer, and how it may end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pawlens.base import OutOfLimits, in_child_within_limits

CHILD = """
import os, sys
from pawlens.base import answer_within_limits, limit_this_process

def work():
    print("a library talks")
    limit_this_process(0, seconds=2, writes=10)
    {body}

answer_within_limits(work)
"""


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, **options: float) -> object:
    (tmp_path / "pawlens_child.py").write_text(CHILD.format(body=body))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return in_child_within_limits("pawlens_child", "one", data=b"two", **options)


def test_the_answer_is_what_the_work_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "return [sys.argv[1], sys.stdin.read(), None]"
    assert child(tmp_path, monkeypatch, body) == ["one", "two", None]


@pytest.mark.skipif(sys.platform != "linux", reason="limits of other systems differ")
@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("while True: pass", "it took too much processor time"),
        ("return len(bytearray(8 * 2**30))", "it ended its process .exit code 1., perhaps"),
        ("os.abort()", "it ended its process .exit code -6."),
        ("open('big', 'wb').write(bytes(100))", "it ended its process"),
    ],
)
def test_what_needs_too_much_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutOfLimits, match=words):
        child(tmp_path, monkeypatch, body)


def test_what_does_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutOfLimits, match=r"it took more than 0\.1 s"):
        child(tmp_path, monkeypatch, "import time; time.sleep(60)", patience=0.1)
