from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import Scan, assign_folds, near_duplicate_groups


def scan(phash: int) -> Scan:
    return Scan(sha256="0" * 64, phash=f"{phash:016x}")


def brute_force(hashes: list[int], limit: int) -> list[int]:
    """Connected components by comparing everything with everything."""
    group = list(range(len(hashes)))
    for i, one in enumerate(hashes):
        for j, other in enumerate(hashes[:i]):
            if (one ^ other).bit_count() <= limit and group[i] != group[j]:
                old, new = group[i], group[j]
                group = [new if g == old else g for g in group]
    order = list(dict.fromkeys(group))
    return [order.index(g) for g in group]


@st.composite
def clustered_hashes(draw: st.DrawFn) -> list[int]:
    """Hashes of which many are a few bits apart."""
    centres = draw(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=5))
    bits = st.lists(st.integers(0, 63), max_size=9)
    found = []
    for _ in range(draw(st.integers(0, 20))):
        one = draw(st.sampled_from(centres))
        for bit in draw(bits):
            one ^= 1 << bit
        found.append(one)
    return found or centres


@given(clustered_hashes(), st.integers(0, 7))
def test_groups_equal_brute_force(hashes: list[int], limit: int) -> None:
    found = near_duplicate_groups([scan(h) for h in hashes], max_distance=limit)
    assert found.tolist() == brute_force(hashes, limit)


def test_near_duplicates_differ_in_six_bits_at_most() -> None:
    """Where the limit lies, docs/decisions.md argues."""
    assert near_duplicate_groups([scan(0), scan(0b111111)]).tolist() == [0, 0]
    assert near_duplicate_groups([scan(0), scan(0b1111111)]).tolist() == [0, 1]


def test_unreadable_photos_group_by_their_bytes_only() -> None:
    scans = [Scan("a" * 64), Scan("b" * 64), Scan("a" * 64), Scan(""), Scan(""), scan(0)]
    assert near_duplicate_groups(scans).tolist() == [0, 1, 0, 2, 3, 4]


@st.composite
def labelled_groups(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Labels and groups, every class with two groups at least."""
    labels, groups = [], []
    for group in range(draw(st.integers(4, 30))):
        size = draw(st.integers(1, 4))
        labels += [group % 2 if group < 4 else draw(st.integers(0, 1))] * size
        groups += [group] * size
    return labels, groups


@given(labelled_groups(), st.integers(2, 6), st.integers(0, 3))
def test_folds(table: tuple[list[int], list[int]], n_folds: int, seed: int) -> None:
    labels, groups = (np.array(column) for column in table)
    folds = assign_folds(labels, groups, n_folds=n_folds, seed=seed)
    assert np.array_equal(folds, assign_folds(labels, groups, n_folds=n_folds, seed=seed))
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1
    _, first = np.unique(groups, return_index=True)
    per_class = np.unique(labels[first], return_counts=True)[1]
    assert set(folds.tolist()) == set(range(min(n_folds, int(per_class.min()))))
    for label, count in enumerate(per_class.tolist()):
        in_folds = np.bincount(folds[first][labels[first] == label])
        assert in_folds.max() <= -(-count // (folds.max() + 1)) + 1
        assert len(in_folds) == folds.max() + 1
        assert in_folds.min() >= 1


def test_folds_are_stratified() -> None:
    labels = np.repeat([0, 1], [50, 20])
    folds = assign_folds(labels, np.arange(70), n_folds=5, seed=0)
    assert np.bincount(folds[labels == 0]).tolist() == [10] * 5
    assert np.bincount(folds[labels == 1]).tolist() == [4] * 5
    assert not np.array_equal(folds, assign_folds(labels, np.arange(70), n_folds=5, seed=1))


def test_a_class_needs_two_groups() -> None:
    with pytest.raises(PhotosError, match="fewer than 2 different photos"):
        assign_folds(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]), n_folds=2, seed=0)


def test_a_mirror_image_is_the_same_picture() -> None:
    def scan_both(phash: int, mirrored: int) -> Scan:
        return Scan("0" * 64, phash=f"{phash:016x}", mirrored=f"{mirrored:016x}")

    one, other = 0x0123456789ABCDEF, 0xFEDCBA9876543210
    scans = [scan_both(one, other), scan_both(other ^ 0b11, one ^ 0b101), scan_both(0, 0)]
    assert near_duplicate_groups(scans).tolist() == [0, 0, 1]
