"""Close hashes: the same components as by comparing all with all, however they are found."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.photos.scan import _close_hashes as module
from pawlens.photos.scan._close_hashes import Components, join_close


def drawn_hashes(seed: int, clusters: int, members: int, flips: int) -> np.ndarray:
    """Chains of hashes: each is a few bits from an earlier one of its cluster."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(clusters):
        chain = [int(rng.integers(0, 2**63)) * 2]
        for _ in range(members - 1):
            bits = rng.choice(64, int(rng.integers(1, flips + 1)), replace=False)
            chain.append(chain[int(rng.integers(len(chain)))] ^ sum(1 << int(b) for b in bits))
        found += chain
    return np.unique(np.array(found, np.uint64))


def by_brute_force(values: np.ndarray, limit: int) -> list[int]:
    label = np.arange(len(values))
    for row in range(len(values)):
        close = np.bitwise_count(values[row] ^ values) <= limit
        for other in np.unique(label[close]):
            label[label == other] = label[row]
    numbers: list[int] = np.unique(label, return_inverse=True)[1].tolist()
    return numbers


def by_components(values: np.ndarray, limit: int, nodes: np.ndarray | None = None) -> list[int]:
    nodes = np.arange(len(values)) if nodes is None else nodes
    components = Components(int(nodes.max()) + 1)
    join_close(values, nodes, limit, components)
    heads: list[int] = components.of(np.arange(int(nodes.max()) + 1)).tolist()
    return heads


def same_partition(one: list[int], other: list[int]) -> bool:
    return len(set(zip(one, other, strict=True))) == len(set(one)) == len(set(other))


@pytest.mark.parametrize("limit", [0, 1, 6, 7, 11])
@pytest.mark.parametrize(("clusters", "members", "flips"), [(100, 2, 9), (3, 40, 8), (1, 100, 3)])
def test_components_equal_brute_force(
    monkeypatch: pytest.MonkeyPatch, limit: int, clusters: int, members: int, flips: int
) -> None:
    """Bands are taken although there are few hashes, and crowded keys are cut again."""
    monkeypatch.setattr(module, "_CROSSING", 60.0)
    monkeypatch.setattr(module, "_SMALL", 2)
    values = drawn_hashes(limit, clusters, members, flips)
    assert same_partition(by_components(values, limit), by_brute_force(values, limit))


def test_hashes_differ_in_any_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the six bits lie, the pair is found; with seven it is not."""
    monkeypatch.setattr(module, "_CROSSING", 1e9)
    rng = np.random.default_rng(0)
    for number in range(40):
        for bits, joined in ((6, True), (7, False)):
            spread = rng.choice(64, bits, replace=False)
            first = int(rng.integers(0, 2**63))
            other = first ^ sum(1 << int(b) for b in spread)
            found = by_components(np.array([first, other], np.uint64), 6)
            assert (found[0] == found[1]) is joined, (number, spread)


def test_several_hashes_stand_for_one_node() -> None:
    values = np.array([0, 2**40 - 1, 2**40 - 2, 255 << 56], np.uint64)
    found = by_components(values, 6, np.array([0, 0, 1, 2]))
    assert found[0] == found[1] != found[2]


def test_alike_hashes_are_not_all_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million comparisons at most for 20,000 hashes of one scene, not 200 million."""
    rng = np.random.default_rng(0)
    flips = np.uint64(1) << rng.integers(0, 64, (20_000, 3)).astype(np.uint64)
    values = np.unique(np.bitwise_xor.reduce(flips, axis=1))
    compared = 0
    count = np.bitwise_count

    def counting(difference: np.ndarray) -> np.ndarray:
        nonlocal compared
        compared += difference.size
        ones: np.ndarray = count(difference)
        return ones

    monkeypatch.setattr(np, "bitwise_count", counting)
    assert len(set(by_components(values, 6))) == 1
    assert compared < 1_500 * len(values)


def test_a_block_is_compared_with_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """More hashes than a block has, none close but two at its far ends."""
    monkeypatch.setattr(module, "_BLOCK_CELLS", 40_000)
    rng = np.random.default_rng(1)
    values = rng.integers(0, 2**63, 400).astype(np.uint64)
    values[-1] = values[0] ^ np.uint64(0b111)
    found = by_components(values, 6)
    assert same_partition(found, by_brute_force(values, 6))
    assert found[0] == found[-1]
