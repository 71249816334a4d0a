from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from pawlens.base import watched


class _Output:
    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        self.shown.append(data)


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> _Output:
    """The output of a cell of a notebook."""
    made = _Output()

    def display(data: dict[str, str], **options: Any) -> _Output:
        made.shown.append(data)
        return made

    ipython, module = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=1)  # type: ignore[attr-defined]
    module.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return made


def test_a_function_is_used_as_it_is(output: _Output) -> None:
    def tell(what: str, done: int, total: int) -> None:
        """Take it."""

    with watched(tell) as told:
        assert told is tell
    assert output.shown == []


def test_false_is_settled_for_all_parts_of_the_work(output: _Output) -> None:
    with watched(False) as told, watched(told) as inner:
        assert inner is told
        assert inner is not None
        inner("work", 1, 2)
    assert output.shown == []


def test_elsewhere_there_is_nothing() -> None:
    with watched(None) as told:
        assert told is None


def test_bars_of_several_things_with_names_escaped(output: _Output) -> None:
    with watched(None) as told:
        assert told is not None
        for done in range(1, 101):
            told("<i>", done, 100)
        told("empty", 0, 0)
    assert len(output.shown) < 20  # not every step is drawn, but the last state is
    last = output.shown[-1]
    assert '<progress value="100" max="100"></progress> &lt;i&gt;: 100 of 100' in last["text/html"]
    assert 'max="1"' in last["text/html"]
    assert last["text/plain"] == "<i>: 100 of 100\nempty: 0 of 0"


def test_an_error_leaves_the_last_state(output: _Output) -> None:
    with pytest.raises(ValueError, match="broken"):
        _break()
    assert output.shown[-1]["text/plain"] == "work: 2 of 3"


def _break() -> None:
    with watched(None) as told:
        assert told is not None
        told("work", 1, 3)
        told("work", 2, 3)
        raise ValueError("broken")


def test_work_that_tells_nothing_shows_nothing(output: _Output) -> None:
    with watched(None):
        pass
    assert output.shown == []
