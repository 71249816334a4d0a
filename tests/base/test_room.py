"""Large matrices: on disk, with the same numbers, and nothing left behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pawlens import Photos
from pawlens.backbones import Backbone
from pawlens.base import _room as module
from pawlens.base import matrix_room
from pawlens.errors import RunError
from pawlens.features import FeatureExtractors, WholePhotos, rows_of
from pawlens.heads import fit_logistic, unit_rows


@pytest.fixture
def on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "_MOST_IN_MEMORY", 0)
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "room"))
    return tmp_path / "room"


def test_small_matrices_lie_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "room"))
    assert not isinstance(matrix_room(1000, 512), np.memmap)
    assert not (tmp_path / "room").exists()


def test_large_ones_lie_in_a_file_without_a_name(on_disk: Path) -> None:
    found = matrix_room(5, 3)
    assert isinstance(found, np.memmap)
    assert (found.shape, found.dtype) == ((5, 3), np.float32)
    assert list(on_disk.iterdir()) == []
    assert matrix_room(0, 3).shape == (0, 3)


def test_a_full_disk_is_told(on_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(RunError, match=r"GB for features cannot be had .*PAWLENS_CACHE"):
        matrix_room(5, 3)


def test_a_head_from_blocks_on_disk_is_the_head_from_memory(on_disk: Path) -> None:
    """Rows are not a multiple of any block, and some are left out."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(5003, 24)).astype(np.float32) + 0.5
    labels = (values[:, 0] + values[:, 1] + rng.normal(size=5003) > 1).astype(np.int64)
    held = matrix_room(*values.shape)
    held[:] = values
    whole = values / np.linalg.norm(values, axis=1, keepdims=True)
    assert np.abs(unit_rows(held) - whole).max() < 1e-6
    photos = np.flatnonzero(np.arange(5003) % 7 != 3)
    some = rows_of(held, np.arange(5003), photos)
    assert isinstance(some, np.memmap)
    memory = np.array(held)[photos]
    assert np.array_equal(some, memory)
    fold = photos % 5
    fits = [fit_logistic(x, labels[photos], fold, n_classes=2) for x in (some, memory)]
    assert fits[0].l2 == fits[1].l2
    assert np.array_equal(fits[0].head.weights, fits[1].head.weights)
    assert np.array_equal(fits[0].logits, fits[1].logits)


def test_all_rows_in_order_are_not_copied() -> None:
    values = np.ones((4, 2), np.float32)
    assert rows_of(values, np.arange(4), np.arange(4)) is values
    assert rows_of(values, np.arange(4), np.array([1, 0, 2, 3])) is not values


def test_features_on_disk_are_those_in_memory(
    photo_folder: Callable[..., Path], tmp_path: Path, on_disk: Path, paw: Backbone
) -> None:
    pictures = WholePhotos(Photos.read(photo_folder(cat=3, dog=3)))
    extractors = FeatureExtractors([paw, paw], cache_dir=tmp_path / "cache")
    found = extractors.extract(pictures)
    module._MOST_IN_MEMORY = 1 << 30
    other = extractors.extract(pictures)
    assert isinstance(found.values, np.memmap)
    assert not isinstance(other.values, np.memmap)
    assert found.values.tobytes() == other.values.tobytes()
    assert found.values.shape == (6, 1024)
