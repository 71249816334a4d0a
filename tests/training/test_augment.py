"""Augmentation: reproducible photo by photo, within its limits, and nothing where none is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.recipes import AUGMENT_PRESETS, Augment

torch = pytest.importorskip("torch")

from pawlens.training import augment, mixed  # noqa: E402
from pawlens.training._augment import _draws, _maps  # noqa: E402

pytestmark = pytest.mark.torch

SIDE = 40
PRESETS = st.sampled_from(sorted(AUGMENT_PRESETS))


def some(count: int, side: int = SIDE) -> Any:
    """Smooth colourful photos, uint8 [count, 3, side, side]."""
    rng = np.random.default_rng(0)
    coarse = torch.tensor(rng.integers(0, 256, (count, 3, 6, 6)), dtype=torch.float32)
    return torch.nn.functional.interpolate(coarse, (side, side), mode="bilinear").byte()


PHOTOS = some(9)


@given(PRESETS, st.permutations(range(9)), st.integers(1, 9), st.integers(0, 50))
@settings(max_examples=25)
def test_a_photo_fares_alike_in_any_batch(
    preset: str, order: list[int], count: int, epoch: int
) -> None:
    values = AUGMENT_PRESETS[preset]
    chosen = order[:count]
    whole = augment(PHOTOS, range(9), epoch=epoch, seed=3, values=values, size=32)
    part = augment(PHOTOS[chosen], chosen, epoch=epoch, seed=3, values=values, size=32)
    assert part.dtype == torch.float32
    assert part.shape == (count, 3, 32, 32)
    assert torch.equal(part, whole[chosen])
    assert 0 <= float(part.min()) <= float(part.max()) <= 255


def test_seed_epoch_and_photo_all_count() -> None:
    values = AUGMENT_PRESETS["strong"]

    def first(photo: int, epoch: int, seed: int) -> Any:
        return augment(PHOTOS[:1], [photo], epoch=epoch, seed=seed, values=values, size=SIDE)

    base = first(0, 0, 0)
    for other in (first(1, 0, 0), first(0, 1, 0), first(0, 0, 1)):
        assert float((base - other).abs().max()) > 10


def test_nothing_asked_nothing_done() -> None:
    same = augment(PHOTOS, range(9), epoch=4, seed=1, values=Augment(), size=SIDE)
    assert torch.equal(same, PHOTOS.float())
    # A map that is the identity up to the last digit goes through the interpolation.
    nearly = augment(PHOTOS, range(9), epoch=4, seed=1, values=Augment(rotate=1e-9), size=SIDE)
    assert float((nearly - PHOTOS.float()).abs().max()) < 0.05


@given(st.integers(0, 2**31), st.booleans())
@settings(max_examples=10)
def test_mirrored_twice(seed: int, interpolated: bool) -> None:
    values = Augment(flip=1.0, rotate=1e-9 if interpolated else 0)
    once = augment(PHOTOS, range(9), epoch=0, seed=seed, values=values, size=SIDE)
    again = augment(once.round().byte(), range(9), epoch=0, seed=seed, values=values, size=SIDE)
    assert float((once - PHOTOS.float().flip(3)).abs().max()) < 0.05
    assert torch.equal(again.round(), PHOTOS.float())


def test_half_of_the_photos_are_mirrored() -> None:
    photos = PHOTOS[:1].expand(2000, 3, SIDE, SIDE)
    found = augment(photos, range(2000), epoch=0, seed=0, values=Augment(flip=0.5), size=SIDE)
    mirrored = (found != PHOTOS[:1]).flatten(1).any(1)
    assert 0.45 < float(mirrored.float().mean()) < 0.55


@given(
    st.floats(0, 180),
    st.floats(0, 0.9),
    st.floats(0, 0.9),
    st.floats(0, 0.9),
    st.integers(0, 1000),
)
@settings(max_examples=40)
def test_changes_stay_within_their_limits(
    rotate: float, crop: float, zoom: float, shift: float, seed: int
) -> None:
    draws = _draws(range(50), 1, seed)
    turned = _maps(draws, Augment(rotate=rotate))
    angles = np.degrees(np.arctan2(turned[:, 0, 1], turned[:, 0, 0]))
    assert np.abs(angles).max() <= rotate + 1e-9
    np.testing.assert_allclose(np.linalg.det(turned[:, :, :2]), 1)
    cut = _maps(draws, Augment(crop=crop))
    assert (cut[:, 0, 0] >= 1 - crop - 1e-12).all()
    assert (np.abs(cut).sum(axis=2) <= 1 + 1e-12).all()  # never beyond the photo
    nearer = 1 / _maps(draws, Augment(zoom=zoom))[:, 0, 0]
    assert (np.abs(nearer - 1) <= zoom + 1e-12).all()
    moved = _maps(draws, Augment(shift=shift))[:, :, 2] / 2  # in sides
    assert np.abs(moved).max() <= shift + 1e-12


def test_a_quarter_turn_is_found_again() -> None:
    """The one rotation that needs no interpolation, by a seed that draws nearly all of it."""
    values = Augment(rotate=90)
    draws = _draws(range(2_000), 0, 0)
    photo = int(np.argmax(draws[:, 1]))
    found = augment(PHOTOS[:1], [photo], epoch=0, seed=0, values=values, size=SIDE)
    gaps = [float((found - PHOTOS[:1].float().rot90(k, (2, 3))).abs().mean()) for k in (1, 3)]
    assert min(gaps) < 2 < 20 < max(gaps)


def test_beyond_the_edge_stands_the_mirror_image() -> None:
    values = Augment(shift=0.9)
    draws = _draws(range(200), 0, 0)
    found = augment(
        PHOTOS[:1].expand(200, 3, SIDE, SIDE), range(200), epoch=0, seed=0, values=values, size=SIDE
    )
    offset = _maps(draws, values)[:, :, 2]
    reference = torch.nn.functional.grid_sample(
        PHOTOS[:1].float().expand(200, 3, SIDE, SIDE),
        torch.nn.functional.affine_grid(
            torch.tensor(_maps(draws, values), dtype=torch.float32),
            [200, 3, SIDE, SIDE],
            align_corners=False,
        ),
        padding_mode="reflection",
        align_corners=False,
    )
    assert np.abs(offset).max() > 1.5
    assert float((found - reference).abs().max()) < 0.05


def test_light_changes_about_the_mean() -> None:
    plain = torch.full((50, 3, SIDE, SIDE), 100, dtype=torch.uint8)
    darker = augment(plain, range(50), epoch=0, seed=0, values=Augment(brightness=0.3), size=SIDE)
    assert float(darker.min()) >= 70 - 1e-3
    assert float(darker.max()) <= 130 + 1e-3
    assert float(darker.std()) > 5
    # One grey has no contrast to change.
    flat = augment(plain, range(50), epoch=0, seed=0, values=Augment(contrast=0.9), size=SIDE)
    assert float((flat - 100).abs().max()) < 1e-3


def test_erased_rectangles() -> None:
    values = Augment(erase=1.0)
    found = augment(PHOTOS, range(9), epoch=0, seed=0, values=values, size=SIDE, fill=(1, 2, 3))
    erased = (found == torch.tensor([1.0, 2.0, 3.0])[:, None, None]).all(1)
    share = erased.float().mean((1, 2))
    assert float(share.max()) <= 0.25
    assert float(share.max()) > 0.02
    assert torch.equal(
        found[~erased[:, None].expand_as(found)], PHOTOS[~erased[:, None].expand_as(found)].float()
    )
    own = augment(PHOTOS, range(9), epoch=0, seed=0, values=values, size=SIDE)
    for row in range(9):
        if erased[row].any():
            colour = own[row][:, erased[row]][:, 0]
            expected = PHOTOS[row, :, ::4, ::4].double().mean((1, 2))
            torch.testing.assert_close(colour.double(), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize(("mixup", "cutmix"), [(0.4, 0.0), (0.0, 1.0), (0.2, 1.0)])
def test_mixing_keeps_photos_and_targets_together(mixup: float, cutmix: float) -> None:
    """Photo i is the constant i, so the mean of a mixed photo tells its target."""
    count, classes = 8, 8
    images = torch.arange(count, dtype=torch.float32).view(-1, 1, 1, 1).expand(count, 3, 20, 20)
    targets = torch.eye(classes)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found, soft = mixed(images, targets, mixup=mixup, cutmix=cutmix, rng=rng)
        torch.testing.assert_close(soft.sum(1), torch.ones(count))
        means = (soft * torch.arange(classes, dtype=torch.float32)).sum(1)
        torch.testing.assert_close(found.mean((1, 2, 3)), means, atol=1e-4, rtol=0)
        assert len(found.unique()) <= 2 * count
    assert torch.equal(images[:, 0, 0, 0], torch.arange(count, dtype=torch.float32))


def test_no_mixing() -> None:
    images, targets = PHOTOS.float(), torch.eye(9)
    found, soft = mixed(images, targets, mixup=0, cutmix=0, rng=np.random.default_rng(0))
    assert found is images
    assert soft is targets
