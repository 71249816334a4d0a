from __future__ import annotations

import errno

import pytest
import typer

from pawlens.cli import _app as module
from pawlens.errors import ParityError, PhotosError

from .conftest import Command

STOPPED = "pawlens: stopped; what was finished is kept, and the same command goes on from there"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (PhotosError("here:\n  nothing"), 2, "pawlens: here: nothing"),
        (ParityError("they differ"), 1, "pawlens: they differ"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/x"),
            2,
            "pawlens: /x: no space left on device; free space",
        ),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x"),
            2,
            "pawlens: /x: permission denied; check the path and its rights",
        ),
        (ZeroDivisionError("odd"), 1, "pawlens: ZeroDivisionError: odd (--debug shows where)"),
        (KeyboardInterrupt(), 130, STOPPED),
        (typer.Abort(), 130, STOPPED),
    ],
)
def test_errors_and_exit_codes(
    pawlens: Command,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    line: str,
) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(module, "app", fail)
    found = pawlens("train", "x")
    assert (found.code, found.out, found.err) == (code, "", line + "\n")


def test_a_line_stays_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    module.say("a name\nwith a line break.jpg")
    assert capsys.readouterr().err == "a name with a line break.jpg\n"


def test_help(pawlens: Command) -> None:
    found = pawlens()
    assert found == pawlens("--help")
    assert found.code == 0
    for command in ("train", "predict", "evaluate", "backbones", "doctor", "samples", "demo"):
        assert command in found.out
