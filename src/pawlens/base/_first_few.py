"""A few of many names, for a message of one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

__all__ = ["first_few"]


def first_few(names: Sequence[str], most: int = 3, form: Callable[[str], str] = repr) -> str:
    """Name the first of several names, and count the others.

    Parameters
    ----------
    names : sequence of str
    most : int
        How many are named.
    form : callable
        How each is written: in quotes, or with `str` as it is.

    Examples
    --------
    >>> from pawlens.base import first_few
    >>> first_few(["a", "b", "c", "d"])
    "'a', 'b', 'c' and 1 more"
    >>> first_few(["a", "b"], form=str)
    'a, b'
    """
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(form, names[:most])) + more
