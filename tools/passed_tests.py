"""A pytest plugin: notes which tests passed, and leaves out those that passed elsewhere.

``python -m pytest -p tools.passed_tests --note-passed FILE`` and then, in another environment,
``python -m pytest -p tools.passed_tests --passed-in FILE``. What does not import torch need not be
run a second time where torch is installed too; what was skipped or failed without it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

__all__: list[str] = []

_PASSED = pytest.StashKey[set[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add both options."""
    parser.addoption("--note-passed", type=Path, help="write the names of tests that passed")
    parser.addoption("--passed-in", type=Path, help="leave out the tests that a file names")


def pytest_configure(config: pytest.Config) -> None:
    """Note the tests of this process; of several workers, only their master does."""
    if config.getoption("--note-passed") and not hasattr(config, "workerinput"):
        config.stash[_PASSED] = set()
        config.pluginmanager.register(_Notes(config.stash[_PASSED]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what passed elsewhere, and tell how many those are, as pytest does."""
    file: Path | None = config.getoption("--passed-in")
    if file is None:
        return
    passed = set(file.read_text(encoding="utf-8").splitlines())
    left = [item for item in items if _without_group(item.nodeid) in passed]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if _without_group(item.nodeid) not in passed]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the names."""
    passed = session.config.stash.get(_PASSED, None)
    if passed is not None:
        file: Path = session.config.getoption("--note-passed")
        file.write_text("".join(f"{name}\n" for name in sorted(passed)), encoding="utf-8")


class _Notes:
    """Keeps the names of the tests that passed."""

    def __init__(self, passed: set[str]) -> None:
        self._passed = passed

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self._passed.add(_without_group(report.nodeid))


def _without_group(name: str) -> str:
    """Cut off the group that xdist adds to a test's name, as in ``test.py::test_a[1]@group``."""
    head, bracket, _ = name.rpartition("]")
    return head + bracket if bracket else name.partition("@")[0]
