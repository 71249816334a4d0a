"""Hashes a few bits apart: which of them hang together, without comparing all with all."""

from __future__ import annotations

from itertools import combinations, pairwise
from math import comb
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Components", "join_close"]

_MOST_EQUAL = 4  # bands that a key is made of
_SORTING, _COMPARING, _CROSSING = 60.0, 8.0, 1.5  # nanoseconds by hash, by candidate, by pair
_SMALL = 64  # hashes of one key that are compared step by step, all keys at once
_BLOCK_CELLS = 2_000_000  # pairs compared at once: 16 MB


class Components:
    """Connected components of nodes, to which edges are added.

    Each node leads to another one of its component, and so to the one that stands for it; what is
    joined costs time by the edges alone, whatever the number of nodes.

    Parameters
    ----------
    count : int
        Number of nodes; each is a component of its own at first.
    """

    def __init__(self, count: int) -> None:
        self._lead = np.arange(count)

    def of(self, nodes: Ints) -> Ints:
        """Return the node that stands for the component of each of these nodes."""
        head = self._lead[nodes]
        while True:
            further = self._lead[head]
            if np.array_equal(further, head):
                break
            head = further
        self._lead[nodes] = head
        return head

    def join(self, first: Ints, second: Ints) -> None:
        """Add edges from each first node to its second one."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        one, other = self.of(first), self.of(second)
        news = one != other
        if not news.any():
            return
        heads, number = np.unique([one[news], other[news]], return_inverse=True)
        ends = number.reshape(2, -1)
        shape = (len(heads),) * 2
        edges = coo_matrix((np.ones(ends.shape[1], bool), (ends[0], ends[1])), shape=shape)
        count, component = connected_components(edges, directed=False)
        least = np.full(count, len(self._lead))
        np.minimum.at(least, component, heads)
        self._lead[heads] = least[component]


class _Bands(NamedTuple):
    """How hashes are cut: of `total` bands, `equal` at least are equal where hashes are close."""

    total: int
    equal: int


def join_close(
    values: Hashes, nodes: Ints, limit: int, components: Components, width: int = 64
) -> None:
    """Join the nodes of hashes that differ in few bits; exactly those, whatever the hashes.

    Of ``limit + e`` bands of bits, close hashes have `e` equal ones at least (the pigeonhole
    principle). So hashes are sorted by each choice of `e` bands, and only those with equal ones
    are compared. A key that very many share is cut again by its other bits, and what hangs together
    already is not compared again, so that many alike photos do not cost the square of their number.

    Parameters
    ----------
    values : ndarray of uint64, shape (n,)
    nodes : ndarray of int64, shape (n,)
        The node that each hash stands for.
    limit : int
        Largest number of bits in which close hashes differ.
    components : Components
        What the nodes are joined in.
    width : int
        Number of low bits in use; the others are 0.
    """
    bands = _plan(len(values), limit, width)
    if bands is None:
        _join_all(values, nodes, limit, components)
        return
    cuts = np.linspace(0, width, bands.total + 1).round().astype(int)
    pieces = [
        (values >> np.uint64(low)) & np.uint64((1 << int(high - low)) - 1)
        for low, high in pairwise(cuts)
    ]
    sizes = np.diff(cuts)
    for chosen in combinations(range(bands.total), bands.equal):
        others = [band for band in range(bands.total) if band not in chosen]
        key = _glue(pieces, sizes, chosen)
        order = np.argsort(key, kind="stable")
        key, at = key[order], nodes[order]
        starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
        counts = np.diff(starts, append=len(key))
        _join_small(values[order], at, starts, counts, limit, components)
        crowded = np.flatnonzero(counts > _SMALL)
        if len(crowded):
            rest = _glue(pieces, sizes, others)[order]
            left = int(sizes[others].sum())
            for start, count in zip(starts[crowded], counts[crowded], strict=True):
                run = slice(start, start + count)
                _join_crowd(rest[run], at[run], limit, components, left)


def _plan(count: int, limit: int, width: int) -> _Bands | None:
    """The cut that costs least for evenly spread hashes; None where all are compared with all."""
    best, least = None, _CROSSING * count * count / 2
    for equal in range(1, _MOST_EQUAL + 1):
        total = limit + equal
        if total > width:
            break
        candidates = count * count / 2 / 2 ** (width * equal / total)
        cost = comb(total, equal) * (_SORTING * count + _COMPARING * candidates)
        if cost < least:
            best, least = _Bands(total, equal), cost
    return best


def _glue(pieces: list[Hashes], sizes: Ints, chosen: tuple[int, ...] | list[int]) -> Hashes:
    """Put bands of bits side by side."""
    glued = np.zeros(len(pieces[0]), np.uint64)
    for band in chosen:
        glued = (glued << np.uint64(sizes[band])) | pieces[band]
    return glued


def _join_small(
    values: Hashes, nodes: Ints, starts: Ints, counts: Ints, limit: int, components: Components
) -> None:
    """Compare hashes of a key that few share: each with the next, the next but one, and so on."""
    few = (counts > 1) & (counts <= _SMALL)
    starts, counts = starts[few], counts[few]
    end = np.repeat(starts + counts, counts)
    row = (
        np.repeat(starts, counts)
        + np.arange(len(end))
        - np.repeat(np.cumsum(counts) - counts, counts)
    )
    step = 1
    while True:
        inside = row + step < end
        row, end = row[inside], end[inside]
        if not len(row):
            return
        close = row[np.bitwise_count(values[row] ^ values[row + step]) <= limit]
        components.join(nodes[close], nodes[close + step])
        step += 1


def _join_crowd(
    values: Hashes, nodes: Ints, limit: int, components: Components, width: int
) -> None:
    """Compare hashes of one key that very many share, unless they hang together already."""
    order = np.argsort(values)
    values, nodes = values[order], nodes[order]
    for step in (1, 2):  # joins most of what is alike at little cost
        near = np.flatnonzero(np.bitwise_count(values[step:] ^ values[:-step]) <= limit)
        components.join(nodes[near], nodes[near + step])
    heads = components.of(nodes)
    if (heads != heads[0]).any():
        join_close(values, nodes, limit, components, width)


def _join_all(values: Hashes, nodes: Ints, limit: int, components: Components) -> None:
    """Compare all hashes with all, but for those that hang together already."""
    head = components.of(nodes)
    order = np.argsort(head, kind="stable")
    values, nodes, head = values[order], nodes[order], head[order]
    block = max(1, _BLOCK_CELLS // len(values))
    for start in range(0, len(values), block):
        rows = slice(start, start + block)
        later = int(np.searchsorted(head, head[start], side="right"))
        distance = np.bitwise_count(values[rows, None] ^ values[None, later:])
        first, second = np.nonzero(distance <= limit)
        components.join(nodes[start + first], nodes[later + second])
