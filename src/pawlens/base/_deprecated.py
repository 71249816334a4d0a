"""Names that are on their way out: they work, and say what to use instead."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["deprecated"]

Given = ParamSpec("Given")
Result = TypeVar("Result")


def deprecated(
    since: str, *, removed: str, use: str
) -> Callable[[Callable[Given, Result]], Callable[Given, Result]]:
    """Mark a public function as deprecated.

    Its first call in a process warns, with the line of the caller; its docstring tells the same.

    Parameters
    ----------
    since : str
        The version that deprecates it, such as ``"0.3"``.
    removed : str
        The version in which it is gone.
    use : str
        What to call instead.

    Examples
    --------
    >>> @deprecated("0.3", removed="0.5", use="pawlens.load")
    ... def open_model(path):
    ...     '''Open a model.'''
    >>> print(open_model.__doc__)
    Open a model.
    <BLANKLINE>
    .. deprecated:: 0.3
        Use pawlens.load; it is removed in 0.5.
    """

    def mark(function: Callable[Given, Result]) -> Callable[Given, Result]:
        warned = False

        @functools.wraps(function)
        def marked(*args: Given.args, **kwargs: Given.kwargs) -> Result:
            nonlocal warned
            if not warned:
                warned = True
                warnings.warn(
                    f"{function.__qualname__} is deprecated since pawlens {since} and is removed "
                    f"in {removed}; use {use}",
                    DeprecationWarning,
                    stacklevel=2,
                )
            return function(*args, **kwargs)

        note = f".. deprecated:: {since}\n    Use {use}; it is removed in {removed}."
        marked.__doc__ = f"{inspect.getdoc(function) or ''}\n\n{note}".lstrip()
        return marked

    return mark
