"""Shards: what goes in comes out, in any order, and damage is noticed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens.features import FeatureCache


def keys(count: int, start: int = 0) -> list[str]:
    return [sha256(str(i).encode()).hexdigest() for i in range(start, start + count)]


@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), seed=st.integers(0, 99))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_gather_gives_back_what_was_added(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    folder = tmp_path_factory.mktemp("cache")
    cache = FeatureCache(folder, 3)
    names = keys(sum(sizes))
    values = rng.normal(size=(len(names), 3)).astype(np.float32)
    start = 0
    for size in sizes:
        cache.add(names[start : start + size], values[start : start + size])
        start += size
    order = rng.permutation(len(names))
    wanted = [names[i] for i in order]
    assert np.array_equal(cache.gather(wanted), values[order])
    assert np.array_equal(FeatureCache(folder, 3).gather(wanted), values[order])


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, 3)
    assert len(cache) == 0
    assert keys(1)[0] not in cache
    with pytest.raises(KeyError):
        cache.gather(keys(1))


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "text"])
def test_a_damaged_shard_is_set_aside(tmp_path: Path, damage: str) -> None:
    cache = FeatureCache(tmp_path, 4)
    cache.add(keys(5), np.ones((5, 4), np.float32))
    cache.add(keys(5, start=5), np.zeros((5, 4), np.float32))
    shard = sorted(tmp_path.glob("*.safetensors"))[0]
    data = bytearray(shard.read_bytes())
    data[-3] ^= 0xFF
    shard.write_bytes(
        {"flip": bytes(data), "cut": bytes(data[:-9]), "empty": b"", "text": b"not a shard"}[damage]
    )
    again = FeatureCache(tmp_path, 4)
    assert len(again) == 5
    assert again.corrupt == [shard]
    assert shard.with_suffix(".corrupt").exists()


def test_another_dimension_is_not_mixed_in(tmp_path: Path) -> None:
    FeatureCache(tmp_path, 4).add(keys(2), np.ones((2, 4), np.float32))
    assert len(FeatureCache(tmp_path, 5)) == 0
