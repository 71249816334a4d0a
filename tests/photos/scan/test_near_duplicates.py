from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pawlens.photos import Scan, near_duplicate_groups


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


def test_a_mirror_image_is_the_same_picture() -> None:
    def scan_both(phash: int, mirrored: int) -> Scan:
        return Scan("0" * 64, phash=f"{phash:016x}", mirrored=f"{mirrored:016x}")

    one, other = 0x0123456789ABCDEF, 0xFEDCBA9876543210
    scans = [scan_both(one, other), scan_both(other ^ 0b11, one ^ 0b101), scan_both(0, 0)]
    assert near_duplicate_groups(scans).tolist() == [0, 0, 1]
