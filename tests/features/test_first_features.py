"""Features extracted while photos are scanned: one reading, and the features of two passes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pawlens.backbones import Backbone, Engine, find_backbone, open_engine
from pawlens.features import FirstFeatures, WholePhotos, _extract, extract_features
from pawlens.photos import Photos, read_headers, scan_photos
from pawlens.photos.stores._stores import FolderStore


@pytest.fixture(scope="module")
def paw(tmp_path_factory: pytest.TempPathFactory) -> tuple[Backbone, Engine]:
    backbone = find_backbone("paw", cache_dir=tmp_path_factory.mktemp("cache"))
    return backbone, open_engine(backbone, precision="f32")


@pytest.fixture
def photos(photo_folder: Callable[..., Path]) -> Photos:
    """Eleven contents, one of them twice, and a file that is no photo."""
    folder = photo_folder(cat=7, dog=6)
    (folder / "cat" / "3.jpg").write_bytes(b"no photo")
    (folder / "dog" / "5.jpg").write_bytes((folder / "dog" / "0.jpg").read_bytes())
    return Photos.read(folder)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each file was read."""
    counts = Counter[str]()
    read = FolderStore.read

    def counted(store: FolderStore, name: str) -> bytes:
        counts[name] += 1
        return read(store, name)

    monkeypatch.setattr(FolderStore, "read", counted)
    return counts


def nothing(_: str) -> bool:
    return False


def test_a_photo_is_read_once_for_scan_header_and_features(
    photos: Photos, paw: tuple[Backbone, Engine], tmp_path: Path, readings: Counter[str]
) -> None:
    look = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    told: list[tuple[str, int, int]] = []
    scans = scan_photos(
        photos, cache_dir=tmp_path, look=look, progress=lambda *step: told.append(step)
    )
    headers = read_headers(photos, scans, cache_dir=tmp_path)
    hashes = [scan.sha256 if not scan.problem else "" for scan in scans]
    pictures = WholePhotos(photos, hashes)
    found = extract_features(pictures, *paw, cache_dir=tmp_path)
    # what is no photo is kept as nothing, so that its header asks for it again
    assert readings == Counter(dict.fromkeys(photos.paths, 1)) + Counter({"cat/3.jpg": 1})
    assert (look.extracted, found.extracted) == (11, 0)
    assert told[-1] == ("scanning photos, features of paw", 13, 13)
    apart = extract_features(pictures, *paw, cache_dir=tmp_path / "apart")
    assert apart.extracted == 11
    assert np.array_equal(found.matrix, apart.matrix)
    assert np.array_equal(found.index, apart.index)
    assert scans == scan_photos(photos)
    assert headers == read_headers(photos, scans)


def test_a_border_that_is_cut_off_is_cut_off_here_too(
    photos: Photos, paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    one = scan_photos(photos.subset([1]))[0].sha256
    look = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=lambda sha256: sha256 == one)
    scans = scan_photos(photos, look=look)
    hashes = [scan.sha256 if not scan.problem else "" for scan in scans]
    trimmed = WholePhotos(photos, hashes, trimmed=[1])
    assert extract_features(trimmed, *paw, cache_dir=tmp_path).extracted == 0
    assert extract_features(WholePhotos(photos, hashes), *paw, cache_dir=tmp_path).extracted == 1


def test_what_is_in_the_cache_is_not_decoded_again(
    photos: Photos,
    paw: tuple[Backbone, Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    scan_photos(photos, cache_dir=tmp_path, look=first)
    again = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    monkeypatch.setattr(
        "pawlens.features._first_features.square", lambda *_, **__: pytest.fail("decoded again")
    )
    scan_photos(photos, cache_dir=tmp_path, look=again)
    assert again.extracted == 0


def test_a_scan_that_was_stopped_goes_on(
    photos: Photos,
    paw: tuple[Backbone, Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was in a shard by then is not extracted again."""
    monkeypatch.setattr(_extract, "_SHARD_ROWS", paw[1].batch_size)
    monkeypatch.setattr(
        "pawlens.photos.scan._scan.ordered_map", lambda f, items, **_: map(f, items)
    )

    def stop(what: str, done: int, total: int) -> None:
        if done == 10:
            raise KeyboardInterrupt

    look = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    with pytest.raises(KeyboardInterrupt):
        scan_photos(photos, cache_dir=tmp_path, look=look, progress=stop)
    kept = len(list((tmp_path / "features").rglob("*.safetensors"))) * paw[1].batch_size
    again = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    scan_photos(photos, cache_dir=tmp_path, look=again)
    assert again.extracted == 11 - kept


def test_equal_contents_that_two_threads_began_with_are_extracted_once(
    photos: Photos, paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    look = FirstFeatures(*paw, cache_dir=tmp_path, trimmed=nothing)
    scan = scan_photos(photos.subset([0]))[0]
    seen = look.see(photos.read_bytes(0), scan)
    assert seen is not None
    assert look.see(photos.read_bytes(0), scan) is None
    look.take(iter([(scan, seen), (scan, seen), (scan, None)]))
    assert look.extracted == 1
