"""Pictures of cats and dogs, drawn with known flaws."""

from ._samples import draw_samples

__all__ = ["draw_samples"]
