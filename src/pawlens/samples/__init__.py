"""Pictures of cats and dogs, drawn with known flaws."""

from ._draw import draw_photo
from ._samples import draw_samples

__all__ = ["draw_photo", "draw_samples"]
