"""Numbers in words, short and yet told apart from each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["short_numbers"]

_FEWEST, _MOST = 3, 17  # significant digits; more than 17 tell no two floats apart


def short_numbers(values: Sequence[float]) -> list[str]:
    """Write numbers with as few digits, three at least, as keep different ones apart.

    Parameters
    ----------
    values : sequence of float
        Finite numbers.

    Examples
    --------
    >>> from pawlens.trust import short_numbers
    >>> short_numbers([2019.0, 2021.0])
    ['2019', '2021']
    >>> short_numbers([0.50213, 60_214.0])
    ['0.502', '60,200']
    """
    for digits in range(_FEWEST, _MOST + 1):
        texts = [_written(value, digits) for value in values]
        if len(set(texts)) == len(set(values)):
            break
    return texts


def _written(value: float, digits: int) -> str:
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) >= 10_000 and rounded.is_integer():
        return f"{int(rounded):,}"
    return np.format_float_positional(rounded, trim="-")
