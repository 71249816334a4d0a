"""Progress where no terminal is: a line now and then, and none of what is quick."""

from __future__ import annotations

import pytest

from pawlens.cli._progress import Bars


def test_a_log_file_has_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    with Bars() as bars:
        for second in range(1, 61):
            now = 100.0 + second
            bars("features of paw", second, 60)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["pawlens: features of paw: 11 of 60", "pawlens: features of paw: 42 of 60"]


def test_what_is_quick_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Bars() as bars:
        bars("scanning", 1, 1)
    assert capsys.readouterr().err == ""
