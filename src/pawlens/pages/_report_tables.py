"""Tables that only reports have: photos of each class, and the proof of the exported model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

__all__ = ["count_table", "parity_table"]


def count_table(
    counts: Sequence[tuple[str, str, int]],
) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Return the splits, and for each class its photos in each split and in all; last, the sum."""
    splits = list(dict.fromkeys(split for _, split, _ in counts))
    names = list(dict.fromkeys(name for name, _, _ in counts))
    table = np.zeros((len(names) + 1, len(splits) + 1), np.int64)
    for name, split, number in counts:
        table[names.index(name), splits.index(split)] += number
    table[:, -1] = table.sum(axis=1)
    table[-1] = table.sum(axis=0)
    return splits, list(zip([*names, "all"], table.tolist(), strict=True))


def parity_table(parity: Mapping[str, object]) -> tuple[list[str], list[tuple[str, list[object]]]]:
    """Return columns and named rows, whether the values come by runtime or alone."""
    runtimes = {name: one for name, one in parity.items() if isinstance(one, Mapping)}
    if len(runtimes) < len(parity):
        return ["value"], [(name, [value]) for name, value in parity.items()]
    measures = dict.fromkeys(key for one in runtimes.values() for key in one)
    return list(runtimes), [(key, [one.get(key) for one in runtimes.values()]) for key in measures]
