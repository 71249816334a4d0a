"""Whether two photos are one picture: the audit's own alignment and OpenCV's `findTransformECC`.

Cut-outs of drawn pictures, blurred and half of them mirrored, are laid over their originals and
over other pictures, each pair in one thread. Printed are the processor time of a pair, how well
pairs agree, and how often the mirror image was told. Needs `pip install opencv-python-headless`.

    python benchmarks/aligning.py [--pairs 300]
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from drawn import textured_jpeg
from PIL import Image, ImageFilter
from threadpoolctl import threadpool_limits

from pawlens.audit._align import SIDE, agreement, thumbnail

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Align = Callable[[Floats, Floats], tuple[Any, Any]]

_STARTS = (1.0, 0.86, 1.16)  # as pawlens.audit starts
_STEPS, _LEAST_OVERLAP = 8, 0.5
_SAME = 0.92  # from which pawlens.audit takes two photos for one picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=300)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cuts, wholes, mirrored = draw_pairs(options.pairs)
    with threadpool_limits(1):
        for name, align in (("pawlens", agreement), ("OpenCV", by_ecc)):
            report(name, align, cuts, wholes, mirrored)


def draw_pairs(count: int) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Thumbnails of cut-outs and of whole pictures, and which cut-outs are mirrored."""
    rng = np.random.default_rng(7)
    cuts, wholes = [], []
    mirrored = rng.integers(0, 2, count).astype(bool)
    for seed in range(count):
        whole = Image.open(io.BytesIO(textured_jpeg(seed, width=200, height=160))).convert("RGB")
        left, top, right, bottom = rng.integers(0, 16, 4)
        cut = whole.crop((left, top, 200 - right, 160 - bottom))
        cut = cut.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 1.5))))
        if mirrored[seed]:
            cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        cuts.append(thumbnail(np.asarray(cut)))
        wholes.append(thumbnail(np.asarray(whole)))
    return np.stack(cuts), np.stack(wholes), mirrored


def by_ecc(first: Floats, second: Floats) -> tuple[Any, Any]:
    """What `pawlens.audit._align.agreement` gives, by OpenCV and one pair at a time."""
    best = np.full(len(first), -1.0)
    mirrored = np.zeros(len(first), bool)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-4)
    down, across = np.mgrid[:SIDE, :SIDE]
    for pair, (one, other) in enumerate(zip(first, second, strict=True)):
        for flip in (False, True):
            turned = np.ascontiguousarray(one[:, ::-1]) if flip else one
            for scale in _STARTS:
                shift = (1 - scale) * (SIDE - 1) / 2
                warp = np.array([[scale, 0, shift], [0, scale, shift]], np.float32)
                try:
                    alike, warp = cv2.findTransformECC(
                        turned, other, warp, cv2.MOTION_AFFINE, stop, None, 1
                    )
                except cv2.error:  # it does not converge
                    continue
                x = warp[0, 0] * across + warp[0, 1] * down + warp[0, 2]
                y = warp[1, 0] * across + warp[1, 1] * down + warp[1, 2]
                inside = (np.minimum(x, y) >= -0.5) & (np.maximum(x, y) <= SIDE - 0.5)
                if alike > best[pair] + 1e-4 and inside.mean() > _LEAST_OVERLAP:
                    best[pair], mirrored[pair] = alike, flip
    return best, mirrored


def report(
    name: str, align: Align, cuts: Floats, wholes: Floats, mirrored: npt.NDArray[np.bool_]
) -> None:
    """Print time and agreement of pairs of one picture and of two."""
    line = name
    for word, others in (("of one picture", wholes), ("of two", np.roll(wholes, 1, axis=0))):
        start = time.process_time()
        alike, turned = align(cuts, others)
        each = (time.process_time() - start) / len(cuts)
        low, high = float(alike.min()), float(alike.max())
        line += f"; pairs {word}: {1000 * each:.2f} ms each, agreement {low:.3f} to {high:.3f}"
        line += f" ({np.mean(alike >= _SAME):.3f} of them from {_SAME})"
        if word == "of one picture":
            line += f", mirrored told right {np.mean(turned == mirrored):.3f}"
    print(line)


if __name__ == "__main__":
    main()
