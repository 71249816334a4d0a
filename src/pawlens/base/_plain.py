"""Texts from anywhere, written so that they steer neither a terminal nor a spreadsheet."""

from __future__ import annotations

import re

__all__ = ["cell", "of_cell", "plain"]

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MARK = "'"


def plain(text: str) -> str:
    r"""Write out control characters, such as ``\u001b``, and those that turn text around.

    Tabs and line breaks stay. JSON says the same before and after.

    Examples
    --------
    >>> print(plain("a\x1b[31mred\u202egpj.jpg"))
    a\u001b[31mred\u202egpj.jpg
    """
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def cell(text: str) -> str:
    """A text as a cell of a CSV that people open: a spreadsheet must not take it for a formula.

    What begins as a formula does (``=``, ``+``, ``-``, ``@``, tab) gets an apostrophe before it,
    as typed into a cell. `of_cell` takes it away; no two texts become one.

    Examples
    --------
    >>> cell("=1+1.jpg"), cell("cat.jpg"), of_cell(cell("'=1+1.jpg"))
    ("'=1+1.jpg", 'cat.jpg', "'=1+1.jpg")
    """
    return _MARK + text if _FORMULA.match(text) else text


def of_cell(text: str) -> str:
    """The text behind a cell; see `cell`."""
    return text[1:] if text.startswith(_MARK) and _FORMULA.match(text) else text
