"""Ctrl-C and SIGTERM in the middle of commands: one line, an exit code, nobody left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..kill_points import EVERY_LINE
from ..striped import fill

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

ROUNDS = 20 if EVERY_LINE else 2  # of each command
SOON = 2.0 if EVERY_LINE else 20.0  # seconds; the first is for a machine that does nothing else
KEPT = "pawlens: stopped; what was finished is kept, and the same command goes on from there"
ANEW = "pawlens: stopped; the same command begins anew"


def start(work: Path, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pawlens", *map(str, arguments)],
        cwd=work,
        env=os.environ | {"PAWLENS_CACHE": str(work / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left_behind(session: int) -> list[str]:
    """Processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(facts[3]) == session and facts[0] != "Z":
            found.append(path.parent.name)
    return found


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("signals") / "pets", 4)


@pytest.mark.parametrize(
    "command", ["train", "audit", "predict", "explore"] if EVERY_LINE else ["train"]
)
def test_a_signal_ends_a_command_soon_and_in_one_line(
    command: str, photos: Path, tmp_path: Path
) -> None:
    begun = time.monotonic()
    first = start(tmp_path, command, photos)
    first.communicate(timeout=300)
    assert first.returncode == 0
    whole = time.monotonic() - begun
    draw = random.Random(command)
    hit = 0
    for number in range(ROUNDS):
        work = tmp_path / str(number)
        work.mkdir()
        which = draw.choice([signal.SIGINT, signal.SIGTERM])
        process = start(work, command, photos)
        try:
            time.sleep(draw.uniform(0.3, 0.9) * whole)
            process.send_signal(which)
            asked = time.monotonic()
            out, err = process.communicate(timeout=60)
            took = time.monotonic() - asked
        finally:
            process.kill()
        if process.returncode == 0:  # it was faster
            continue
        told = [line for line in err.splitlines() if not line.startswith("photos: ")]
        lines = [line for line in told if " of " not in line]  # progress, where it is slow
        if not lines and process.returncode in (-which, 128 + which):
            continue  # while Python itself was starting
        hit += 1
        assert process.returncode == 128 + which, (out, err)
        assert lines == [ANEW if command == "predict" else KEPT]
        assert took < SOON
        assert left_behind(process.pid) == []
    assert hit or not EVERY_LINE


def test_what_does_not_listen_is_ended(tmp_path: Path) -> None:
    """A library that computes for long in one of Python's steps, with its threads."""
    script = (
        "import sys, time, threading\n"
        "sys.argv = ['pawlens', 'train']\n"
        "from pawlens.cli import _app\n"
        "def deaf(*arguments, **options):\n"
        "    threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    print('computing', flush=True)\n"
        "    while True:\n"
        "        try:\n"
        "            time.sleep(60)\n"
        "        except KeyboardInterrupt:\n"
        "            pass\n"
        "_app.app = deaf\n"
        "sys.exit(_app.main())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "computing\n"
    asked = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, KEPT + "\n")
    assert 1 < time.monotonic() - asked < SOON


@pytest.mark.parametrize(
    "caught",
    [
        # what a library in C makes of a signal while it is loaded
        """
try:
    os.kill(os.getpid(), signal.SIGINT); time.sleep(60)
except KeyboardInterrupt:
    raise ImportError("initialization failed")
""",
        # a finaliser cannot raise it: the work goes on until it is ended
        """
class Closed:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT); time.sleep(0.1)
Closed()
time.sleep(60)
""",
    ],
    ids=["error of a library", "finaliser"],
)
def test_a_signal_that_a_library_takes_for_itself(caught: str) -> None:
    program = f"""
import os, signal, sys, time
from pawlens.cli import _app
def command(*arguments, **options):
    exec({caught!r}, globals())
_app.app = command
sys.argv = ["pawlens", "train", "photos"]
sys.exit(_app.main())
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False
    )
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGINT, f"{KEPT}\n")
