"""Copies are what training sees, as pictures of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from pawlens import Photos  # noqa: E402
from pawlens.backbones import known_backbones  # noqa: E402
from pawlens.features import hash_photos  # noqa: E402
from pawlens.photos import resize  # noqa: E402
from pawlens.recipes import AUGMENT_PRESETS, Augment  # noqa: E402
from pawlens.training import VariedCopies, augment  # noqa: E402

SPEC = known_backbones()[0].spec


def test_a_copy_is_what_its_epoch_of_training_sees(photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=2, dog=2))
    hashes = hash_photos(photos)
    values = AUGMENT_PRESETS["strong"]
    copies = VariedCopies(photos, [3, 1], hashes, values=values, spec=SPEC, copies=2, seed=7)
    assert len(copies) == len(copies.keys) == len(set(copies.keys)) == 4
    size = SPEC.input_size
    pixels = resize(photos.decode(1, min_side=size), size, SPEC.interpolation)
    batch = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))[None]
    own = int(hashes[1][:15], 16)
    seen = augment(batch, [own], epoch=1, seed=7, values=values, size=size)
    expected = seen[0].round().byte().permute(1, 2, 0).numpy()
    assert np.array_equal(copies.draw(3), expected)
    assert not np.array_equal(copies.draw(1), expected)
    half = SPEC.with_size(size // 2)
    whole, small = copies.pixels(3, [SPEC, half])
    assert np.array_equal(whole, expected)
    assert np.array_equal(small, resize(expected, size // 2, SPEC.interpolation))


def test_without_variation_a_copy_is_the_photo(photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=1, dog=1))
    hashes = hash_photos(photos)
    plain = VariedCopies(photos, [0], hashes, values=Augment(), spec=SPEC, copies=1, seed=0)
    pixels = photos.decode(0, min_side=SPEC.input_size)
    assert np.array_equal(plain.draw(0), resize(pixels, SPEC.input_size, SPEC.interpolation))
    other = VariedCopies(photos, [0], hashes, values=Augment(), spec=SPEC, copies=1, seed=1)
    assert plain.keys != other.keys
