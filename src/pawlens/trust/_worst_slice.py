"""The worst combination of traits: found by a shallow tree on some photos, for others to test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import Floats, Ints
from ._short_numbers import short_numbers

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = ["WorstSlice", "find_worst"]

_DEPTH = 3
_SHARE = 0.03  # of the photos, in a leaf at least
_VALUES = 8  # of a trait that may be asked for


@dataclass(frozen=True)
class WorstSlice:
    """The worst leaf of a tree, and the photos that the tree has not seen.

    Attributes
    ----------
    in_words : str
        The conditions of the leaf.
    held_out : ndarray of int64, shape (m,)
        Rows that the tree has not seen.
    rows : ndarray of bool, shape (m,)
        Which of those are in the leaf.
    """

    in_words: str
    held_out: Ints
    rows: Bools


def find_worst(
    outcomes: Floats, values: Mapping[str, Any], *, fewest: int, seed: int
) -> WorstSlice | None:
    """Find the leaf with the most wrong answers on half of the photos.

    Parameters
    ----------
    outcomes : ndarray of float64, shape (n, 2)
        Whether each photo was answered wrong, and its log loss.
    values : mapping of str to ndarray of object or float64, shape (n,)
    fewest : int
        Photos of a leaf among those that the tree has not seen.
    seed : int

    Returns
    -------
    WorstSlice or None
        None where there is nothing to ask, or no leaf is large enough.
    """
    from sklearn.tree import DecisionTreeRegressor

    names, columns = _questions(values)
    order = np.random.default_rng(seed).permutation(len(outcomes))
    learns, held_out = np.sort(order[: len(order) // 2]), np.sort(order[len(order) // 2 :])
    if not names or len(learns) < 4 * fewest:
        return None
    leaf = max(fewest, round(_SHARE * len(learns)))
    tree = DecisionTreeRegressor(max_depth=_DEPTH, min_samples_leaf=leaf, random_state=seed)
    tree.fit(columns[learns], _ranked(outcomes[learns]))
    held = tree.apply(columns[held_out])
    leaves = [at for at in np.unique(held) if fewest <= (held == at).sum() <= len(held) - fewest]
    if not leaves:
        return None
    worst = max(leaves, key=lambda at: tree.tree_.value[at].item())
    return WorstSlice(_conditions(tree.tree_, int(worst), names, columns), held_out, held == worst)


def _ranked(outcomes: Floats) -> Floats:
    """Wrong answers first, and each by its loss, bounded: a tree must not chase single losses."""
    from scipy.stats import rankdata

    return np.asarray(outcomes[:, 0] + rankdata(outcomes[:, 1]) / len(outcomes))


def _questions(values: Mapping[str, Any]) -> tuple[list[tuple[str, str]], Floats]:
    """Return what a tree may ask, and the answers float64 (n, Q): numbers, and each usual text."""
    names: list[tuple[str, str]] = []
    columns = []
    for trait, column in values.items():
        if column.dtype != object:
            middle = np.nanmedian(column) if np.isfinite(column).any() else 0.0
            names.append((trait, ""))
            columns.append(np.where(np.isfinite(column), column, middle))
            continue
        kinds, counts = np.unique([str(v) for v in column if v], return_counts=True)
        for kind in kinds[np.argsort(-counts, kind="stable")][:_VALUES]:
            names.append((trait, str(kind)))
            columns.append(np.array([v == kind for v in column], np.float64))
    return names, np.column_stack(columns) if columns else np.empty((0, 0))


def _conditions(tree: Any, leaf: int, names: list[tuple[str, str]], columns: Floats) -> str:
    """Write the way from the root to a leaf, by trait: trees that part alike may differ in it."""
    parent = {
        int(child): (node, side)
        for side, children in (("left", tree.children_left), ("right", tree.children_right))
        for node, child in enumerate(children)
        if child >= 0
    }
    parts: dict[tuple[int, str], str] = {}
    while leaf in parent:
        leaf, side = parent[leaf]
        question = int(tree.feature[leaf])
        trait, kind = names[question]
        end = _threshold_in_words(columns[:, question], tree.threshold[leaf])
        text = f"{trait} {'at most' if side == 'left' else 'over'} {end}"
        if kind:
            text = f"{trait} {'is not' if side == 'left' else 'is'} {kind}"
        parts.setdefault((question, side), text)  # the lowest question is the narrowest
    return " and ".join(parts[condition] for condition in sorted(parts)) or "all photos"


def _threshold_in_words(column: Floats, threshold: float) -> str:
    """Write a threshold with the digits that a hundredth of the column's range takes."""
    step = (column.max() - column.min()) / 100
    return short_numbers([threshold - step, threshold, threshold + step])[1]
