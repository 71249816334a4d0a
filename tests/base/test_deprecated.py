from __future__ import annotations

import inspect
import warnings

import pytest

from pawlens.base import deprecated


@deprecated("0.3", removed="0.5", use="pawlens.load")
def open_model(path: str, *, quick: bool = False) -> tuple[str, bool]:
    """Open a model.

    It is read.
    """
    return path, quick


def test_it_works_and_warns_once_with_the_line_of_the_caller() -> None:
    with pytest.warns(DeprecationWarning, match=r"since pawlens 0\.3 .* 0\.5; use pawlens") as seen:
        assert open_model("a", quick=True) == ("a", True)
    assert [warning.filename for warning in seen] == [__file__]
    assert str(seen[0].message).startswith("open_model is deprecated")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_model("b") == ("b", False)


def test_its_docstring_and_signature_stay() -> None:
    assert inspect.getdoc(open_model) == (
        "Open a model.\n\nIt is read.\n\n.. deprecated:: 0.3\n"
        "    Use pawlens.load; it is removed in 0.5."
    )
    assert list(inspect.signature(open_model).parameters) == ["path", "quick"]


def test_a_function_without_a_docstring() -> None:
    marked = deprecated("1.0", removed="1.2", use="nothing")(_undocumented)
    assert str(marked.__doc__).startswith(".. deprecated:: 1.0\n")


def _undocumented() -> None:
    return None
