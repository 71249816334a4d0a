"""Which of several photos of one picture is the original: one rule for all who ask."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pawlens.photos import (
    Photo,
    Photos,
    Scan,
    contradict,
    find_originals,
    in_other_splits,
    same_bytes_groups,
)
from pawlens.photos.stores._stores import FolderStore


def table(*photos: Photo) -> Photos:
    return Photos(photos, FolderStore(Path()), name="drawn")


def scans(*sides: int) -> list[Scan]:
    return [Scan(f"{row:064x}" if side else "", side, side) for row, side in enumerate(sides)]


def originals(photos: Photos, seen: list[Scan]) -> list[int]:
    return [int(row) for row in find_originals(photos, seen, np.zeros(len(photos), np.int64))]


def test_the_largest_is_the_original() -> None:
    photos = table(Photo("a.jpg"), Photo("big.jpg"), Photo("c.jpg"))
    assert originals(photos, scans(50, 80, 60)) == [1, -1, 1]


def test_of_one_size_the_first_in_natural_order_is_the_original_in_whatever_order_they_come() -> (
    None
):
    photos = table(Photo("cat/10.jpg"), Photo("cat/9.jpg"), Photo("cat/11.jpg"))
    assert originals(photos, scans(50, 50, 50)) == [1, -1, 1]


def test_what_trains_comes_before_what_is_held_out() -> None:
    photos = table(Photo("test/big.jpg", split="test"), Photo("train/small.jpg", split="train"))
    assert originals(photos, scans(80, 50)) == [1, -1]


def test_what_cannot_be_read_and_what_is_alone_have_no_original() -> None:
    photos = table(Photo("a.jpg"), Photo("b.jpg"), Photo("c.jpg"), Photo("d.jpg"))
    seen = scans(50, 0, 50, 50)
    assert find_originals(photos, seen, np.array([0, 0, 1, 0])).tolist() == [-1, -1, -1, 0]


def test_groups_of_equal_bytes() -> None:
    seen = [Scan("a" * 64), Scan(""), Scan("b" * 64), Scan("a" * 64), Scan("")]
    assert same_bytes_groups(seen).tolist() == [0, 1, 2, 0, 3]


def test_contradictions_and_leaks() -> None:
    both, turned = Photo("a", ("cat", "dog")), Photo("b", ("dog", "cat"), "test")
    cat, new = Photo("c", ("cat",)), Photo("d")
    assert not contradict(both, turned)  # the order of labels says nothing
    assert contradict(both, cat)
    assert not contradict(new, cat)
    assert in_other_splits(both, turned)
    assert not in_other_splits(both, cat)
