"""Extraction with the bundled backbone: once per content, in order, resumable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens.backbones import Backbone, Engine, find_backbone, open_engine
from pawlens.errors import UsageError
from pawlens.features import WholePhotos, extract_features, hash_photos, picture_batches
from pawlens.photos import Photos


@pytest.fixture(scope="module")
def paw(tmp_path_factory: pytest.TempPathFactory) -> tuple[Backbone, Engine]:
    backbone = find_backbone("paw", cache_dir=tmp_path_factory.mktemp("cache"))
    return backbone, open_engine(backbone, precision="f32")


def test_rows_follow_the_photos(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=7, dog=6))
    whole = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path / "a")
    assert whole.matrix.shape == (13, paw[0].spec.feature_dim)
    order = [5, 0, 12, 3]
    some = extract_features(WholePhotos(photos.subset(order)), *paw, cache_dir=tmp_path / "b")
    expected = whole.matrix[whole.index[order]]
    assert np.array_equal(some.matrix[some.index], expected)


def test_second_time_from_the_cache(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    folder = photo_folder(cat=5, dog=5)
    first = extract_features(WholePhotos(Photos.read(folder)), *paw, cache_dir=tmp_path)
    second = extract_features(WholePhotos(Photos.read(folder)), *paw, cache_dir=tmp_path)
    assert (first.extracted, second.extracted) == (10, 0)
    assert np.array_equal(first.matrix, second.matrix)


def test_a_corrupt_shard_is_recomputed(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=4, dog=4))
    first = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    shard = next((tmp_path / "features").rglob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-100])
    second = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    assert second.extracted == 8
    assert np.array_equal(first.matrix[first.index], second.matrix[second.index])


def test_a_flip_is_noticed_and_the_photos_are_extracted_again(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    """Also where the index says that the shard is there."""
    photos = Photos.read(photo_folder(cat=4, dog=4))
    first = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    shard = next((tmp_path / "features").rglob("*.safetensors"))
    data = bytearray(shard.read_bytes())
    data[-1000] ^= 1
    shard.write_bytes(data)
    second = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    assert second.extracted == 8
    assert np.array_equal(first.matrix[first.index], second.matrix[second.index])


def test_features_in_half_the_space(
    photo_folder: Callable[..., Path],
    paw: tuple[Backbone, Engine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They have a folder of their own, and are the same whether new or from the cache."""
    photos = Photos.read(photo_folder(cat=2, dog=2))
    whole = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    monkeypatch.setenv("PAWLENS_FEATURES", "float16")
    half = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    again = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    assert (half.extracted, again.extracted) == (4, 0)
    assert np.array_equal(half.matrix, again.matrix)
    assert np.array_equal(half.matrix, whole.matrix.astype(np.float16))
    monkeypatch.setenv("PAWLENS_FEATURES", "float8")
    with pytest.raises(UsageError, match="set it to float32 or float16"):
        extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)


def test_progress_ends_also_where_photos_are_lost(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    folder = photo_folder(cat=2, dog=2)
    (folder / "dog" / "1.jpg").write_bytes(b"no photo")
    seen: list[tuple[int, int]] = []
    extract_features(
        WholePhotos(Photos.read(folder)),
        *paw,
        cache_dir=tmp_path,
        progress=lambda _, done, whole: seen.append((done, whole)),
    )
    assert seen[-1] == (4, 4)


def test_equal_content_is_extracted_once(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    folder = photo_folder(cat=3, dog=3)
    (folder / "cat" / "again.jpg").write_bytes((folder / "cat" / "0.jpg").read_bytes())
    photos = Photos.read(folder)
    found = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    rows = {path: found.index[i] for i, path in enumerate(photos.paths)}
    assert found.extracted == 6
    assert rows["cat/again.jpg"] == rows["cat/0.jpg"]


def test_an_unreadable_photo_has_no_row(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    folder = photo_folder(cat=3, dog=3)
    (folder / "dog" / "1.jpg").write_bytes(b"")
    photos = Photos.read(folder)
    found = extract_features(WholePhotos(photos), *paw, cache_dir=tmp_path)
    assert [p for p, i in zip(photos.paths, found.index, strict=True) if i < 0] == ["dog/1.jpg"]
    assert len(found.matrix) == 5


def test_progress_ends_at_the_total(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine], tmp_path: Path
) -> None:
    seen: list[tuple[str, int, int]] = []
    photos = Photos.read(photo_folder(cat=6, dog=6))
    extract_features(
        WholePhotos(photos),
        *paw,
        cache_dir=tmp_path,
        progress=lambda what, a, b: seen.append((what, a, b)),
    )
    assert seen[-1] == ("features of paw", 12, 12)


def test_batches_leave_out_what_cannot_be_decoded(
    photo_folder: Callable[..., Path], paw: tuple[Backbone, Engine]
) -> None:
    folder = photo_folder(cat=5, dog=5)
    (folder / "cat" / "2.jpg").write_bytes(b"\xff\xd8\xff")
    photos = Photos.read(folder)
    spec = paw[0].spec
    batches = list(picture_batches(WholePhotos(photos), range(10), [spec], 4))
    assert [row for rows, _ in batches for row in rows] == [0, 1, 3, 4, 5, 6, 7, 8, 9]
    assert [pixels[0].shape for _, pixels in batches] == [
        (n, spec.input_size, spec.input_size, 3) for n in (3, 4, 2)
    ]


def test_a_window_is_the_only_part_seen(tmp_path: Path, paw: tuple[Backbone, Engine]) -> None:
    pixels = np.zeros((400, 200, 3), np.uint8)
    pixels[:100, 150:] = 200
    framed = np.full((600, 400, 3), 255, np.uint8)
    framed[100:500, 100:300] = pixels
    for name, picture in (("0.png", pixels), ("1.png", framed)):
        Image.fromarray(picture).save(tmp_path / name)
    photos = Photos.read(tmp_path, labels=False)
    window = {0: (0.75, 0.0, 1.0, 0.25), 1: (0.75, 0.0, 1.0, 0.25)}
    spec = paw[0].spec
    pictures = WholePhotos(photos, trimmed=[1], windows=window)
    ((_, (seen,)),) = picture_batches(pictures, [0, 1], [spec], 4)
    assert seen.shape == (2, spec.input_size, spec.input_size, 3)
    assert (seen == 200).all()


def test_hashes_of_content(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=2, dog=2)
    photos = Photos.read(folder)
    (folder / "cat" / "0.jpg").unlink()
    hashes = hash_photos(photos)
    assert hashes[0] == ""
    assert len({*hashes[1:]}) == 3
