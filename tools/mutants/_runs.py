"""Test runs in forked processes: recording which test runs which line, and trying one fault.

The process that forks has imported every library that the tests use, but nothing of pawlens. A
run starts where pytest on its own would have imported for seconds.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import coverage
import pytest

__all__ = ["ALARMED", "Recording", "in_fork", "record", "run_tests"]

# A test that runs ten times as long as it did, and ten seconds, has met an endless loop.
_TIMES_LONGER, _SECONDS_LONGER = 10, 10
# A fault in a size must not take the machine's memory.
_MEMORY = 8 << 30
ALARMED = -signal.SIGALRM

# No cache: runs share nothing. Plug-ins that are imported before pytest starts cannot be rewritten.
_OPTIONS = (
    "-q",
    "-p",
    "no:cacheprovider",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
    "--hypothesis-seed=0",
)
_SETTINGS = """
[run]
source = {room}
parallel = true
data_file = {data}
context = ${{MUTANTS_TEST-}}
"""


class Recording:
    """What one run of a room's tests told.

    Attributes
    ----------
    seconds : dict of str to float
        Tests that passed, by node id, and how long each took.
    failed : list of str
        Tests that failed without any fault; they judge none.
    tests : dict of str to dict of int to list of str
        File relative to the repository, line, and the tests that run it.
    libraries : list of str
        Modules that the tests imported and that are not the project's own.
    """

    def __init__(self, text: str) -> None:
        told = json.loads(text)
        self.seconds: dict[str, float] = told["seconds"]
        self.failed: list[str] = told["failed"]
        self.libraries: list[str] = told["libraries"]
        self.tests: dict[str, dict[int, list[str]]] = {
            path: {int(line): tests for line, tests in lines.items()}
            for path, lines in told["tests"].items()
        }

    def tests_of(self, path: str, lines: Iterable[int]) -> list[str]:
        """The tests that run one of the lines, the fastest first.

        A line that runs at import is judged by every test that runs anything of its file; a line
        that nothing runs has no test.
        """
        of_file = self.tests.get(path, {})
        tests = {test for line in lines for test in of_file.get(line, [])}
        if "" in tests:  # tests that start processes import the file in their own name
            tests = {test for of_line in of_file.values() for test in of_line}
        return sorted(tests & self.seconds.keys(), key=lambda test: (self.seconds[test], test))


class _Recorder:
    """Plug-in of pytest: the lines and the time of each test."""

    def __init__(self, coverage: coverage.Coverage) -> None:
        self._coverage = coverage
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        # Processes that the test starts read the variable.
        os.environ["MUTANTS_TEST"] = item.nodeid
        self._coverage.switch_context(item.nodeid)
        begun = time.monotonic()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.monotonic() - begun
            self._coverage.switch_context("")
            del os.environ["MUTANTS_TEST"]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.add(report.nodeid)


class _Judges:
    """Plug-in of pytest: tests in the order given, each under an alarm."""

    def __init__(self, seconds: dict[str, float], order: list[str]) -> None:
        self._seconds = seconds
        self._rank = {test: i for i, test in enumerate(order)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self._rank]
        items.sort(key=lambda item: self._rank[item.nodeid])

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        limit = _SECONDS_LONGER + _TIMES_LONGER * self._seconds[item.nodeid]
        # The signal ends the process, whatever it is doing.
        signal.setitimer(signal.ITIMER_REAL, limit)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


def record(tree: Path, room: str, tests: list[str], to: Path) -> None:
    """Run tests in a copy of the repository and write a `Recording`; call it `in_fork`."""
    data = to.with_suffix(".coverage")
    settings = to.with_suffix(".cfg")
    settings.write_text(_SETTINGS.format(room=tree / "src" / "pawlens" / room, data=data), "utf-8")
    measured = coverage.Coverage(config_file=str(settings))
    os.environ["COVERAGE_PROCESS_START"] = str(settings)
    recorder = _Recorder(measured)
    before = set(sys.modules)
    measured.start()
    _pytest(tree, to.with_suffix(".tmp"), tests, recorder)
    measured.stop()
    measured.save()
    measured.combine([str(data.parent)])
    lines = measured.get_data()
    told = {
        "seconds": {k: v for k, v in recorder.seconds.items() if k not in recorder.failed},
        "failed": sorted(recorder.failed),
        "libraries": sorted(name for name in set(sys.modules) - before if _is_library(name)),
        "tests": {
            str(Path(path).relative_to(tree)): lines.contexts_by_lineno(path)
            for path in lines.measured_files()
        },
    }
    to.write_text(json.dumps(told), "utf-8")


def run_tests(tree: Path, scratch: Path, tests: list[str], seconds: dict[str, float]) -> int:
    """Run tests in a copy of the repository until one fails; call it `in_fork`.

    Returns
    -------
    int
        The exit status of pytest: 0 if every test passed.
    """
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    return _pytest(tree, scratch, ["-x", *tests], _Judges(seconds, tests))


def in_fork(work: Callable[[], object], log: Path) -> int:
    """Start work in a process and process group of its own; its number."""
    child = os.fork()
    if child:
        return child
    status = 70
    try:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        status = int(work() or 0)  # type: ignore[call-overload]
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _pytest(tree: Path, scratch: Path, arguments: list[str], plugin: object) -> int:
    os.chdir(tree)
    # A file of compiled code is trusted by its time and size, which a fault may leave as they are.
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ["PYTHONPATH"] = str(tree / "src")
    sys.path[:0] = [str(tree / "src"), str(tree)]
    options = [*_OPTIONS, f"--basetemp={scratch}", *arguments]
    return int(pytest.main(options, plugins=[plugin]))


def _is_library(name: str) -> bool:
    if name.split(".")[0] in ("pawlens", "tests", "tools", "conftest", "__main__"):
        return False
    file = getattr(sys.modules[name], "__file__", None)
    return file is not None and "site-packages" in file
