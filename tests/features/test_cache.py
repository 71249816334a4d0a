"""Shards: what goes in comes out, in any order, and damage is noticed."""

from __future__ import annotations

import zlib
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens.features import FeatureCache
from pawlens.features import _cache as module
from pawlens.features._cache import DamagedShard
from pawlens.features._index import INDEX
from pawlens.features._shard import Shard, open_shard


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


def fill(folder: Path, shards: int = 3, *, half: bool = False) -> FeatureCache:
    cache = FeatureCache(folder, 4, half=half)
    for number in range(shards):
        values = np.arange(20, dtype=np.float32).reshape(5, 4) + 100 * number
        cache.add(keys(5, start=5 * number), values / np.float32(3))
    return cache


def test_opening_reads_no_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fill(tmp_path).gather(keys(15))
    FeatureCache(tmp_path, 4)  # reads them, and writes the index
    opened: list[Path] = []
    mapped = open_shard

    def counted(path: Path, dim: int) -> Shard | None:
        opened.append(path)
        return mapped(path, dim)

    monkeypatch.setattr(module, "open_shard", counted)
    again = FeatureCache(tmp_path, 4)
    assert len(again) == 15
    assert keys(1)[0] in again
    assert again.missing(keys(16)) == [15]
    assert opened == []
    assert np.array_equal(again.gather(keys(5)), expected[:5])
    assert len(opened) == 1


@pytest.mark.parametrize("place", ["features", "keys", "header"])
def test_a_flip_in_an_indexed_shard_is_noticed_when_it_is_read(tmp_path: Path, place: str) -> None:
    fill(tmp_path).save_index()
    shard = sorted(tmp_path.glob("*.safetensors"))[1]
    data = bytearray(shard.read_bytes())
    data[{"features": -165, "keys": -5, "header": data.index(b"F32")}[place]] ^= 1
    shard.write_bytes(data)
    cache = FeatureCache(tmp_path, 4)
    assert len(cache) == 15
    with pytest.raises(DamagedShard):
        cache.gather(keys(15))
    assert cache.corrupt == [shard]
    lost = cache.missing(keys(15))
    assert len(lost) == 5
    there = [key for at, key in enumerate(keys(15)) if at not in lost]
    for opened in (cache, FeatureCache(tmp_path, 4)):
        assert len(opened) == 10
        assert np.isfinite(opened.gather(there)).all()


def test_a_shard_of_another_size_is_seen_at_the_opening(tmp_path: Path) -> None:
    fill(tmp_path).save_index()
    shard = sorted(tmp_path.glob("*.safetensors"))[1]
    shard.write_bytes(shard.read_bytes()[:-9])
    cache = FeatureCache(tmp_path, 4)
    assert len(cache) == 10
    assert cache.corrupt == [shard]


def test_a_shard_in_place_of_another_is_noticed(tmp_path: Path) -> None:
    """Sound in itself, of the same size, with the features of other photos."""
    fill(tmp_path).save_index()
    first, second, _ = sorted(tmp_path.glob("*.safetensors"))
    second.write_bytes(first.read_bytes())
    with pytest.raises(DamagedShard):
        FeatureCache(tmp_path, 4).gather(keys(15))


@pytest.mark.parametrize("damage", ["flip", "cut", "gone", "text"])
def test_a_damaged_index_is_made_again(tmp_path: Path, damage: str) -> None:
    cache = fill(tmp_path)
    cache.save_index()
    index = tmp_path / INDEX
    whole = index.read_bytes()
    data = bytearray(whole)
    data[-7] ^= 4
    index.write_bytes({"flip": bytes(data), "cut": whole[:-9], "gone": b"", "text": b"?"}[damage])
    again = FeatureCache(tmp_path, 4)
    assert np.array_equal(again.gather(keys(15)), cache.gather(keys(15)))
    assert len(index.read_bytes()) == len(whole)


def test_the_index_forgets_what_is_gone_and_learns_what_is_new(tmp_path: Path) -> None:
    fill(tmp_path).save_index()
    shard = sorted(tmp_path.glob("*.safetensors"))[0]
    shard.unlink()
    other = FeatureCache(tmp_path, 4)
    assert len(other) == 10
    other.add(keys(2, start=50), np.ones((2, 4), np.float32))
    again = FeatureCache(tmp_path, 4)
    assert len(again) == 12
    assert again.missing(keys(2, start=50)) == []


def test_many_rows_are_sorted_in_bit_by_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pawlens.features._index._WAITING", 7)
    cache = FeatureCache(tmp_path, 1)
    names = keys(40)
    for start in (20, 0, 10, 30, 5):  # the last shard has keys of two earlier ones
        cache.add(names[start : start + 10], np.arange(10, dtype=np.float32)[:, None] + start)
    assert len(cache) == 40
    assert cache.gather(names)[:, 0].tolist() == list(range(40))


def test_halves_are_read_as_floats(tmp_path: Path) -> None:
    whole = fill(tmp_path / "a").gather(keys(15))
    half = fill(tmp_path / "b", half=True).gather(keys(15))
    assert half.dtype == np.float32
    assert np.array_equal(half, whole.astype(np.float16))
    assert not np.array_equal(half, whole)
    size = {x: sum(f.stat().st_size for f in (tmp_path / x).iterdir()) for x in "ab"}
    assert size["a"] - size["b"] == 15 * 4 * 2
    large = FeatureCache(tmp_path / "b", 4, half=True)
    large.add(keys(1, start=90), np.full((1, 4), 1e5, np.float32))
    assert large.gather(keys(1, start=90)).max() == 1e5


def test_shards_of_earlier_versions_are_read(tmp_path: Path) -> None:
    """As version 0.1 wrote them: no index, the checksum as text."""
    from safetensors.numpy import save_file

    held = np.array([list(bytes.fromhex(key)) for key in keys(3)], np.uint8)
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    total = zlib.crc32(values.tobytes(), zlib.crc32(held.tobytes()))
    file = tmp_path / "0123456789abcdef.safetensors"
    save_file({"keys": held, "features": values}, file, {"crc32": str(total)})
    assert FeatureCache(tmp_path, 4).gather(keys(3)).tolist() == values.tolist()
