"""The changes by which photos are varied while a network trains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .._language import joined
from ._phase import PlainValues

__all__ = ["AUGMENT_PRESETS", "Augment"]

_Share = Annotated[float, Field(ge=0, le=1)]
_CHANGES = {
    "rotate": "turned by {0:g} degrees",
    "crop": "cropped by {1:g}\u00a0%",
    "zoom": "zoomed by {1:g}\u00a0%",
    "shift": "shifted by {1:g}\u00a0%",
    "shear": "sheared by {0:g} degrees",
    "brightness": "brighter or darker by {1:g}\u00a0%",
    "contrast": "contrast changed by {1:g}\u00a0%",
}


class Augment(PlainValues):
    """The changes of training photos; every value is the largest change either way.

    Attributes
    ----------
    flip : float
        Probability of mirroring.
    rotate : float
        Angle of turning, in degrees.
    crop : float
        Share of the side that may be cut away, the rest being enlarged.
    zoom : float
        Share by which a photo may be enlarged or reduced about its centre.
    shift : float
        Distance, as a share of the side.
    shear : float
        Angle of shearing, in degrees.
    brightness, contrast : float
        Shares by which they may rise or fall.
    erase : float
        Probability that a rectangle is replaced by the mean colour.
    """

    flip: _Share = 0.0
    rotate: Annotated[float, Field(ge=0, le=180)] = 0.0
    crop: Annotated[float, Field(ge=0, lt=1)] = 0.0
    zoom: Annotated[float, Field(ge=0, lt=1)] = 0.0
    shift: Annotated[float, Field(ge=0, lt=1)] = 0.0
    shear: Annotated[float, Field(ge=0, lt=60)] = 0.0
    brightness: Annotated[float, Field(ge=0, lt=1)] = 0.0
    contrast: Annotated[float, Field(ge=0, lt=1)] = 0.0
    erase: _Share = 0.0

    def words(self) -> str:
        """Say which changes there are; empty if there are none."""
        if self == Augment():
            return ""
        values = self.model_dump()
        parts = [f"mirrored with probability {self.flip:g}"] if self.flip else []
        parts += [
            change.format(values[key], 100 * values[key])
            for key, change in _CHANGES.items()
            if values[key]
        ]
        parts += [f"a part erased with probability {self.erase:g}"] if self.erase else []
        return joined(parts)


AUGMENT_PRESETS = {
    "none": Augment(),
    "flip": Augment(flip=0.5),
    "light": Augment(flip=0.5, crop=0.15, brightness=0.1, contrast=0.1),
    "medium": Augment(
        flip=0.5, rotate=10, crop=0.25, zoom=0.1, shear=5, brightness=0.2, contrast=0.2
    ),
    "strong": Augment(
        flip=0.5,
        rotate=20,
        crop=0.4,
        zoom=0.2,
        shift=0.1,
        shear=10,
        brightness=0.35,
        contrast=0.35,
        erase=0.25,
    ),
}
"""The presets of augmentation, by name."""
