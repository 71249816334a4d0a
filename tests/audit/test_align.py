from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from pawlens.audit._align import SIDE, agreement, thumbnail

Floats32 = npt.NDArray[np.float32]


def scene(seed: int) -> Image.Image:
    """A picture with large and small structures, as photos have."""
    rng = np.random.default_rng(seed)
    parts = [
        np.asarray(
            Image.fromarray(rng.integers(0, 256, (n, n, 3), np.uint8)).resize(
                (160, 160), Image.Resampling.BICUBIC
            ),
            np.float64,
        )
        for n in (3, 7, 20)
    ]
    return Image.fromarray((0.5 * parts[0] + 0.3 * parts[1] + 0.2 * parts[2]).astype(np.uint8))


def small(*pictures: Image.Image) -> Floats32:
    return np.stack([thumbnail(np.asarray(picture)) for picture in pictures])


@pytest.mark.parametrize("box", [(0, 0, 160, 160), (0, 8, 150, 160), (14, 3, 155, 148)])
@pytest.mark.parametrize("flip", [False, True])
def test_cut_outs_and_mirror_images_agree(box: tuple[int, int, int, int], flip: bool) -> None:
    whole = [scene(i) for i in range(4)]
    cut = [picture.crop(box) for picture in whole]
    if flip:
        cut = [picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for picture in cut]
    alike, mirrored = agreement(small(*cut), small(*whole))
    assert (alike > 0.93).all(), alike
    assert (mirrored == flip).all()


def test_other_pictures_do_not_agree() -> None:
    one, other = small(*map(scene, range(8))), small(*map(scene, range(8, 16)))
    alike, _ = agreement(one, other)
    assert (alike < 0.9).all(), alike


def test_brightness_and_blur_do_not_matter() -> None:
    picture = scene(1)
    darker = picture.point(lambda level: level // 2).filter(ImageFilter.GaussianBlur(2))
    alike, _ = agreement(small(picture), small(darker))
    assert alike[0] > 0.95


def test_even_pictures_agree_with_each_other_alone() -> None:
    white = np.full((1, SIDE, SIDE), 250, np.float32)
    grey = white - 160
    assert agreement(white, grey)[0][0] > 0.99
    assert agreement(white, small(scene(0)))[0][0] < 0.5


def test_there_may_be_nothing_to_compare() -> None:
    nothing = np.empty((0, SIDE, SIDE), np.float32)
    assert agreement(nothing, nothing)[0].shape == (0,)
