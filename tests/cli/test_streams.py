"""Standard streams that are closed, narrow or cut off, and names that would steer a terminal."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ..striped import fill
from .conftest import Command

pytestmark = pytest.mark.skipif(os.name != "posix", reason="redirections of a POSIX shell")

STEERING = "\x1b]0;mine\x07\u202ecat\x9b2J.jpg"
FORMULA = "=HYPERLINK(1).jpg"


def shell(line: str, work: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line in which ``pawlens`` is this one."""
    return subprocess.run(
        line.replace("pawlens", f"'{sys.executable}' -m pawlens"),
        shell=True,
        cwd=work,
        env=os.environ | more,
        capture_output=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("pawlens recipes >&-", 0),
        ("pawlens recipes 2>&-", 0),
        ("pawlens recipes <&- >&- 2>&-", 0),
        ("pawlens train nowhere 2>&-", 2),
        ("pawlens train nowhere >&- 2>&-", 2),
        ("PYTHONIOENCODING=ascii pawlens train 'nirgends-é-猫'", 2),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 pawlens train 'nirgends-é-猫'", 2),
        ("pawlens recipes --json | head -1", 0),
        ("pawlens recipes > /dev/full", 2),
    ],
)
def test_streams_as_they_come(line: str, code: int, tmp_path: Path) -> None:
    done = shell(line, tmp_path)
    assert done.returncode == code, done
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


def test_json_stays_json_in_a_narrow_stream(tmp_path: Path) -> None:
    done = shell("pawlens doctor --json", tmp_path, PYTHONIOENCODING="ascii", PAWLENS_CACHE="/é猫")
    assert "猫" in json.dumps(json.loads(done.stdout), ensure_ascii=False)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Photos with names that steer a terminal, and one that begins as a formula does."""
    photos = fill(tmp_path / "photos", 1)
    shutil.move(photos / "cat" / "0.jpg", photos / STEERING)
    shutil.move(photos / "dog" / "0.jpg", photos / FORMULA)
    (photos / "empty\x1b[8m.jpg").write_bytes(b"")
    return photos


def test_names_do_not_reach_a_terminal_as_they_are(
    odd: Path, trained: Path, pawlens: Command, tmp_path: Path
) -> None:
    found = pawlens("predict", trained, odd)
    assert found.code == 2
    for text in (found.out, found.err):
        assert not set(text) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert r"\u001b]0;mine\u0007\u202ecat\u009b2J.jpg" in found.out
    assert r"empty\u001b[8m.jpg" in found.err
    assert STEERING in [
        row["path"] for row in json.loads(pawlens("predict", trained, odd, "--json").out)
    ]


def test_a_spreadsheet_gets_no_formula(
    odd: Path, trained: Path, pawlens: Command, tmp_path: Path
) -> None:
    from pawlens.base import of_cell

    assert pawlens("predict", trained, odd, "--out", tmp_path / "answers.csv").code == 2
    rows = list(csv.DictReader(io.StringIO((tmp_path / "answers.csv").read_text())))
    paths = [row["path"] for row in rows]
    assert f"'{FORMULA}" in paths
    assert sorted(map(of_cell, paths)) == sorted([FORMULA, STEERING, "empty\x1b[8m.jpg"])


def test_a_page_shows_names_as_text(odd: Path, trained: Path, pawlens: Command) -> None:
    out = odd.parent / "explained"
    pawlens("explain", trained, odd, "--out", out)
    page = (out / "explain.html").read_text()
    assert "\x1b" not in page
    assert r"\u001b]0;mine" in page


def test_lines_of_libraries_are_dropped(tmp_path: Path) -> None:
    """A library written in C knows nothing of Python's streams."""
    script = (
        "import os, sys\n"
        "sys.argv = ['pawlens', 'x'] + sys.argv[1:]\n"
        "from pawlens.cli import _app\n"
        "def chatty(*arguments, **options):\n"
        "    os.write(2, b'TIFFReadDirectory: Warning\\n')\n"
        "    _app.say('pawlens: ours')\n"
        "_app.app = chatty\n"
        "sys.exit(_app.main())\n"
    )
    for options, expected in (([], b"pawlens: ours\n"), (["--debug"], b"TIFFRead")):
        done = subprocess.run(
            [sys.executable, "-c", script, *options], capture_output=True, check=True
        )
        assert done.stderr.startswith(expected)
