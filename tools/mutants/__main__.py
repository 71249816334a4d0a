"""Put faults into rooms and tell which ones no test minds; ``make mutants`` runs it."""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import warnings
from dataclasses import dataclass
from pathlib import Path

from ._faults import Fault, faults_of
from ._runs import ALARMED, Recording, in_fork, record, run_tests

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "src" / "pawlens"
# Tests of a fault, fastest first, until together they took this long: it then counts as survived.
_SECONDS_OF_TESTS = 60.0
# Where one test hangs, its own alarm ends it; this ends a run in which pytest itself hangs.
_SECONDS_OF_RUN = 900.0
_NO_TESTS = 5


@dataclass
class Trial:
    """A fault in a file, the tests that judge it, and the verdict."""

    path: str
    fault: Fault
    tests: list[str]
    verdict: str = "no test"


@dataclass
class Running:
    """A trial that runs, where and since when."""

    trial: Trial
    tree: Path
    begun: float


def main() -> None:
    options = _options()
    rooms = options.rooms or sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
    scores = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        source = _copy(ROOT, Path(folder) / "source")
        trees = [_copy(source, Path(folder) / f"tree-{i}") for i in range(options.jobs)]
        for room in rooms:
            scores.append(_room(room, options, source, trees))
    print("\n| room | mutants | killed | of these by time | equal | no test | survived | score |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(scores))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help="a folder of src/pawlens")
    parser.add_argument("--sample", type=int, default=40, help="faults a room (default: 40)")
    parser.add_argument("--seed", type=int, default=0, help="which faults are drawn (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, help="faults tried at once (default: 2)")
    parser.add_argument(
        "--tests", nargs="+", help="test files that judge, instead of those in pyproject.toml"
    )
    return parser.parse_args()


def _copy(source: Path, to: Path) -> Path:
    """A copy of a tree; of the repository, what git would commit. It may be edited meanwhile."""
    if source != ROOT:
        return Path(shutil.copytree(source, to))
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    names = subprocess.run([*command, "--exclude-standard"], capture_output=True, check=True)
    for name in names.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def _room(room: str, options: argparse.Namespace, source: Path, trees: list[Path]) -> str:
    """Try the sampled faults of a room; the row of the table."""
    begun = time.monotonic()
    tests = options.tests or _tests_of(room)
    to = source.with_name(f"{room}.json")
    log = to.with_suffix(".log")
    _, status = os.waitpid(in_fork(lambda: record(trees[0], room, tests, to), log), 0)
    if status:
        sys.exit(f"{log.read_text('utf-8')}\n{room}: the tests could not be recorded")
    recording = Recording(to.read_text("utf-8"))
    print(f"{room}: {len(recording.seconds)} tests, {time.monotonic() - begun:.0f} s", flush=True)
    for test in recording.failed:
        print(f"{room}: judges nothing, for it fails without a fault: {test}", flush=True)
    _warm(recording.libraries)
    trials = _trials(room, options, source, recording)
    waiting = [trial for trial in trials if trial.tests and trial.verdict != "equal"]
    _try_all(waiting, source, trees, recording.seconds, room)
    for trial in trials:
        if trial.verdict in ("survived", "no test"):
            line, fault = trial.fault.lines.start, trial.fault
            print(f"{trial.verdict}: {trial.path}:{line}: {fault.before!r} -> {fault.after!r}")
    count = [trial.verdict for trial in trials].count
    killed = count("killed") + count("time")
    judged = len(trials) - count("equal")
    score = killed / judged if judged else 0.0
    print(f"{room}: {time.monotonic() - begun:.0f} s in all", flush=True)
    return (
        f"| {room} | {len(trials)} | {killed} | {count('time')} | {count('equal')} "
        f"| {count('no test')} | {count('survived')} | {score:.0%} |"
    )


def _tests_of(room: str) -> list[str]:
    """The folder of tests of the same name, and those that pyproject.toml adds."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extra: list[str] = settings["tool"]["mutants"].get(room, [])
    tests = [f"tests/{room}"] if (ROOT / "tests" / room).is_dir() else []
    if not [*tests, *extra]:
        sys.exit(f"{room}: no tests/{room}, and no line in [tool.mutants] of pyproject.toml")
    return [*tests, *extra]


def _warm(libraries: list[str]) -> None:
    """Import what the tests will import, so that the processes that are forked need not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in libraries:
            # A module that wants its parent's state first comes with its parent.
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _equal() -> set[tuple[str, str, str]]:
    """Faults that nobody can tell from the code, by file, text before and text after."""
    kept = tomllib.loads((ROOT / "tools/mutants/equal.toml").read_text("utf-8"))["fault"]
    return {(fault["path"], fault["before"], fault["after"]) for fault in kept}


def _trials(
    room: str, options: argparse.Namespace, source: Path, recording: Recording
) -> list[Trial]:
    possible = [
        (str(path.relative_to(source)), fault)
        for path in sorted((source / "src/pawlens" / room).rglob("*.py"))
        for fault in faults_of(path.read_text("utf-8"))
    ]
    chosen = random.Random(f"{options.seed} {room}")
    drawn = sorted(chosen.sample(range(len(possible)), min(options.sample, len(possible))))
    print(f"{room}: {len(drawn)} of {len(possible)} faults, seed {options.seed}", flush=True)
    trials, equal = [], _equal()
    for path, fault in (possible[i] for i in drawn):
        tests: list[str] = []
        total = 0.0
        for test in recording.tests_of(path, fault.lines):
            total += recording.seconds[test]
            if tests and total > _SECONDS_OF_TESTS:
                break
            tests.append(test)
        known = (path, fault.before, fault.after) in equal
        trials.append(Trial(path, fault, tests, "equal" if known else "no test"))
    return trials


def _try_all(
    trials: list[Trial], source: Path, trees: list[Path], seconds: dict[str, float], room: str
) -> None:
    """Try each fault in a copy of its own, as many at once as there are copies."""
    waiting = list(reversed(trials))
    free = list(trees)
    running: dict[int, Running] = {}
    done = 0
    while waiting or running:
        while waiting and free:
            trial, tree = waiting.pop(), free.pop()
            running[_start(trial, tree, seconds)] = Running(trial, tree, time.monotonic())
        child, status = _ended(running)
        job = running.pop(child)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what the tests left running
        shutil.copy2(source / job.trial.path, job.tree / job.trial.path)
        free.append(job.tree)
        job.trial.verdict = _verdict(status, job.tree.with_suffix(".log"))
        done += 1
        if done % 20 == 0:
            print(f"{room}: {done} of {len(trials)} tried", flush=True)


def _start(trial: Trial, tree: Path, seconds: dict[str, float]) -> int:
    path = tree / trial.path
    path.write_text(trial.fault.put_into(path.read_text("utf-8")), "utf-8")
    work = functools.partial(run_tests, tree, tree.with_suffix(".tmp"), trial.tests, seconds)
    return in_fork(work, tree.with_suffix(".log"))


def _ended(running: dict[int, Running]) -> tuple[int, int]:
    """The next process that ends, or is ended, and how: as `os.waitstatus_to_exitcode` has it."""
    while True:
        for child, job in running.items():
            if time.monotonic() - job.begun > _SECONDS_OF_RUN:
                os.kill(child, signal.SIGALRM)
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return child, os.waitstatus_to_exitcode(status)
        time.sleep(0.02)


def _verdict(status: int, log: Path) -> str:
    if status == _NO_TESTS:
        sys.exit(f"{log.read_text('utf-8')}\npytest collected nothing")
    if status == ALARMED:
        return "time"
    return "killed" if status else "survived"


if __name__ == "__main__":
    main()
