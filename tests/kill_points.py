"""SIGKILL before every line of a loop that resumes; the same work again must end alike.

The points are found by running the work once under `sys.settrace`, so they cannot go stale and
nothing in the package knows of them. What a resumed run does depends on the disk alone, so one
point in each state of the disk stands for all of them; with ``PAWLENS_KILL_POINTS=all`` the process
is killed before every line that runs, the first and the last time that it runs.

Every run is a child forked from one warm process that has imported everything and computed nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from pawlens.base import LOCK, PARTIAL

from .forks import fork, waited, warm

__all__ = ["EVERY_LINE", "TIMEOUT", "Outcome", "in_a_process", "kill_everywhere", "show"]

EVERY_LINE = os.environ.get("PAWLENS_KILL_POINTS") == "all"
PATIENCE = 180.0  # seconds that one run may take on a busy machine; idle it is a fraction of one
TIMEOUT = 1800.0  # seconds for all runs together
FIRST = 600.0  # seconds for the first one, which imports what the others then have

Work = Callable[[Path], str]
"""Works in a folder, going on from what is there, and returns a digest of what came of it."""


@dataclass(frozen=True)
class Point:
    """Before a line, at one of the times that it runs."""

    file: str
    line: int
    time: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line} (time {self.time})"


@dataclass
class Outcome:
    """What came of all kills.

    Attributes
    ----------
    lines, points : int
        Different lines that ran, and how often they did.
    kills : int
        Processes that were killed.
    states : int
        Different states of the disk that were resumed from.
    failures : list of str
        Points after which the same work did not end, or ended otherwise.
    """

    lines: int = 0
    points: int = 0
    kills: int = 0
    states: int = 0
    failures: list[str] = field(default_factory=list)


def kill_everywhere(
    work: Work, modules: Iterable[ModuleType], folder: Path, *, every: bool = EVERY_LINE
) -> Outcome:
    """Kill the work before every line of the modules, resume it, and compare.

    Parameters
    ----------
    work : callable
        See `Work`. Whatever it leaves in its folder must not hold the time of day.
    modules : iterable of module
        Those whose lines are points.
    folder : Path
        Every run gets a new one inside it.
    every : bool
        Kill before every line, and not only at one point in each state of the disk.
    """
    files = frozenset(str(module.__file__) for module in modules)
    log, first = folder / "points.txt", folder / "first"
    first.mkdir()
    assert warm(lambda: work(first), folder / "imported.txt", FIRST) == 0
    expected = _run(lambda where: _recorded(work, where, files, log), folder / "whole", FIRST)
    rows = [row.rsplit("\t", 3) for row in log.read_text(encoding="utf-8").splitlines()]
    points = [Point(file, int(line), int(hit)) for file, line, hit, _ in rows]
    lasting = [number for number, row in enumerate(rows[:-1]) if row[3] != rows[number + 1][3]]
    chosen = {*lasting, len(rows) - 1}
    if every:
        chosen |= {numbers[end] for numbers in _by_line(points).values() for end in (0, -1)}
    outcome = Outcome(len(_by_line(points)), len(points))
    resumed: set[str] = set()
    for number in sorted(chosen):
        point, where = points[number], folder / f"killed-{number}"
        _kill(work, where, point, files)
        outcome.kills += 1
        state = _contents(where)
        if state not in resumed:
            resumed.add(state)
            try:
                answer = _run(work, where)
            except RuntimeError as error:
                outcome.failures.append(f"{point}: {error}")
            else:
                if answer != expected:
                    outcome.failures.append(f"{point}: {answer}, not {expected}")
        shutil.rmtree(where)
    outcome.states = len(resumed)
    return outcome


def in_a_process(module: str, *arguments: object) -> dict[str, Outcome]:
    """Run a script that prints outcomes of `kill_everywhere` by name, in its last line."""
    done = subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
        timeout=None if EVERY_LINE else TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: Outcome(**facts) for name, facts in found.items()}


def show(outcomes: Mapping[str, Outcome]) -> None:
    """Print what `in_a_process` reads."""
    print(json.dumps({name: asdict(outcome) for name, outcome in outcomes.items()}))


def _by_line(points: Sequence[Point]) -> dict[tuple[str, int], list[int]]:
    """Numbers of the points before each line."""
    found: dict[tuple[str, int], list[int]] = {}
    for number, point in enumerate(points):
        found.setdefault((point.file, point.line), []).append(number)
    return found


def _run(work: Work, where: Path, patience: float = PATIENCE) -> str:
    """The answer of a child that works in a folder; RuntimeError where there is none."""
    where.mkdir(exist_ok=True)
    answer = where.with_name(f"{where.name}.answer")
    answer.unlink(missing_ok=True)

    def task() -> None:
        answer.write_text(work(where), encoding="utf-8")

    status = waited(fork(task), patience)
    if status is None:
        raise RuntimeError(f"no end within {patience:g} seconds")
    if status != 0:
        raise RuntimeError(f"ended with status {status}")
    return answer.read_text(encoding="utf-8")


def _kill(work: Work, where: Path, point: Point, files: frozenset[str]) -> None:
    """Let a child kill itself at a point."""
    where.mkdir()

    def reached(code: CodeType, line: int, hit: int) -> None:
        if line == point.line and hit == point.time and code.co_filename == point.file:
            os.kill(os.getpid(), signal.SIGKILL)

    def task() -> None:
        _trace(files, reached)
        work(where)

    status = waited(fork(task), PATIENCE)
    assert status == -signal.SIGKILL, f"{point} was not reached: status {status}"


def _recorded(work: Work, where: Path, files: frozenset[str], log: Path) -> str:
    """Work, and log each point with the state of the disk there."""
    rows: list[str] = []  # a text file may be torn by threads that write at once

    def reached(code: CodeType, line: int, hit: int) -> None:
        rows.append(f"{code.co_filename}\t{line}\t{hit}\t{_stamp(where)}\n")

    _trace(files, reached)
    try:
        return work(where)
    finally:
        sys.settrace(None)
        threading.settrace(None)
        log.write_text("".join(rows), encoding="utf-8")


def _trace(files: frozenset[str], reached: Callable[[CodeType, int, int], None]) -> None:
    """Call `reached` before every line of the files, in threads that start from now on too."""
    times: Counter[tuple[str, int]] = Counter()

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            code = frame.f_code
            times[code.co_filename, frame.f_lineno] += 1
            reached(code, frame.f_lineno, times[code.co_filename, frame.f_lineno])
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:
        return line if frame.f_code.co_filename in files else None

    threading.settrace(call)
    sys.settrace(call)


def _stamp(where: Path) -> str:
    """What is on the disk, told without reading it: names, sizes and when they were written."""
    facts: list[tuple[object, ...]] = []
    for path in sorted(where.rglob("*")):
        name = path.relative_to(where)
        if path.name.startswith((PARTIAL, LOCK)):
            facts.append((str(name.parent / PARTIAL),))
            continue
        try:
            found = path.stat()
        except FileNotFoundError:  # another thread has just taken it away
            continue
        if stat.S_ISREG(found.st_mode):
            facts.append((str(name), found.st_ino, found.st_size, found.st_mtime_ns))
        else:
            facts.append((str(name),))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _contents(where: Path) -> str:
    """What is on the disk; of unfinished files, which are never read, only that they are there."""
    digest = hashlib.sha256()
    for path in sorted(where.rglob("*")):
        draft = path.name.startswith((PARTIAL, LOCK))
        digest.update(
            str(path.parent / PARTIAL if draft else path).removeprefix(str(where)).encode()
        )
        if path.is_file() and not draft:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
