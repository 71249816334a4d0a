"""An explanation of one answer about one photo: by backbone, and by place in the photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ._colours import blend

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["Explanation", "Part"]


@dataclass(frozen=True)
class Part:
    """The contribution of one backbone to an answer.

    Attributes
    ----------
    name : str
    contribution : float
        In logits: for the class where positive, against it where negative. With Grad-CAM, whose
        values are gradients, their mean size instead.
    grid : ndarray of float32, shape (h, w), or None
        Source of the contribution: each cell as if the whole photo were like it, in logits, so that
        the mean is `contribution`. None where the backbone has no map.
    method : str or None
        How the grid was made: ``cam`` (exact), ``relevance`` (through a class token), ``occlusion``
        (places covered one by one), ``gradcam`` or ``integrated-gradients``.
    """

    name: str
    contribution: float
    grid: Floats32 | None
    method: str | None = None


@dataclass(frozen=True)
class Explanation:
    """The reason why a model gives a class its probability on one photo.

    Attributes
    ----------
    class_name : str
        The class that is explained, against the mean of all others or against `instead`.
    probability : float
        Probability that the model gives the class.
    answer : str
        The most probable class.
    method : str
        How the maps were made, as in `Part`; where backbones differ, joined as ``cam + occlusion``.
    pixels : ndarray of uint8, shape (H, W, 3)
        The photo.
    box : (left, top, right, bottom)
        The part that the backbones see, in pixels: all of it, unless a border is cut off.
    parts : tuple of Part
        One part for each backbone.
    logit : float
        The class against the mean of all others or against `instead`; but for Grad-CAM, what the
        parts add up to.
    instead : str or None
        The class that the explained one stands against: why this and not that.
    """

    class_name: str
    probability: float
    answer: str
    method: str
    pixels: Pixels
    box: tuple[int, int, int, int]
    parts: tuple[Part, ...]
    logit: float
    instead: str | None = None

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each backbone in all contributions, for and against; sums to 1."""
        sizes = np.abs([part.contribution for part in self.parts])
        total = sizes.sum()
        even = np.full(len(sizes), 1 / len(sizes))
        return tuple((sizes / total if total > 0 else even).tolist())

    @cached_property
    def map(self) -> Floats32:
        """The map of evidence for (above 0) and against (below 0) the class, float32 (H, W).

        Values are logits, as if the whole photo were like that place; the grids of all backbones,
        brought to the photo's frame and added.
        """
        return self.map_of(self.parts)

    def map_of(self, parts: Sequence[Part]) -> Floats32:
        """Compute the map (H, W) of some of the backbones; 0 on a border that was cut off."""
        left, top, right, bottom = self.box
        total = np.zeros(self.pixels.shape[:2], np.float32)
        for part in parts:
            if part.grid is not None:
                total[top:bottom, left:right] += _enlarged(part.grid, right - left, bottom - top)
        return total

    def shrunk(self, side: int) -> Explanation:
        """Return the same explanation of a smaller picture, so that maps are drawn at that size.

        Parameters
        ----------
        side : int
            Most pixels of the longer side.

        Examples
        --------
        >>> from pawlens import load
        >>> from pawlens.explain import explain
        >>> explanation = explain(load("runs/first"), "photos/test/1.jpg")
        >>> max(explanation.shrunk(100).overlay().shape)
        100
        """
        from PIL import Image

        height, width = self.pixels.shape[:2]
        picture = Image.fromarray(self.pixels)
        picture.thumbnail((side, side))
        across, down = picture.width / width, picture.height / height
        left, top, right, bottom = self.box
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        return replace(self, pixels=np.asarray(picture), box=box)

    def overlay(self, part: Part | None = None) -> Pixels:
        """Lay the map, or that of one backbone, over the photo; uint8 (H, W, 3).

        Orange speaks for the class, blue against it, no colour for neither. All overlays of an
        explanation have the scale of the whole map.
        """
        shown = self.map if part is None else self.map_of([part])
        return blend(self.pixels, shown, float(np.abs(self.map).max()))


def _enlarged(grid: Floats32, width: int, height: int) -> Floats32:
    """Interpolate cells to pixels, each cell's value at its middle."""
    from PIL import Image

    picture = Image.fromarray(np.ascontiguousarray(grid, np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC), np.float32)
