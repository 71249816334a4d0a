"""Texts that steer nothing."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pawlens.base import cell, of_cell, plain


@given(st.text())
@example("'=x")
@example("''@x")
def test_cells_are_read_back_and_begin_no_formula(text: str) -> None:
    assert of_cell(cell(text)) == text
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_what_a_person_may_type_stays() -> None:
    for text in ("cat.jpg", "'tis", "a=b", "1-2", "", "小猫 é.jpg"):
        assert cell(text) == plain(text) == text


def test_what_steers_a_terminal_is_written_out() -> None:
    assert plain("a\x1b]0;title\x07\x9b31m\r\u202egpj.exe") == (
        r"a\u001b]0;title\u0007\u009b31m\u000d\u202egpj.exe"
    )
    assert plain("a\tb\nc") == "a\tb\nc"
