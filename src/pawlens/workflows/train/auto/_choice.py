"""What was tried before a training, what it cost, and what was taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ....metrics import Interval
from ._deadline import in_words

__all__ = ["Choice", "Tried"]


@dataclass(frozen=True)
class Tried:
    """One thing that was tried, or left out for want of time.

    Attributes
    ----------
    backbones : tuple of str
        The backbones, side by side.
    precision : str
        Arithmetic of the features: that of the machine, as ``"bf16"``, or ``"int8"``.
    photos : int
        Number of photos that it was measured on; 0 where it was not.
    predicted, seconds : float
        Its cost as it was predicted before, and as it was.
    log_loss : float or None
        Out-of-fold, on these photos.
    difference : Interval or None
        Its log loss less that of what stood before it, paired on the same photos.
    against : tuple of str
        What stood before it.
    taken : bool
    why : str
        Why it was taken, or was not.
    """

    backbones: tuple[str, ...]
    precision: str = ""
    photos: int = 0
    predicted: float = 0.0
    seconds: float = 0.0
    log_loss: float | None = None
    difference: Interval | None = None
    against: tuple[str, ...] = ()
    taken: bool = False
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the run folder."""
        return asdict(self) | {
            "backbones": list(self.backbones),
            "against": list(self.against),
            "predicted": round(self.predicted, 2),
            "seconds": round(self.seconds, 2),
        }

    def cells(self) -> tuple[str, ...]:
        """Write the row of a table: what, photos, seconds, log loss, difference, verdict."""
        gap = self.difference
        name = " + ".join(self.backbones) + (" in int8" if self.precision == "int8" else "")
        cost = in_words(self.seconds) if self.photos else ""
        if not self.photos and self.predicted:
            cost = f"({in_words(self.predicted)})"
        return (
            name,
            f"{self.photos:,}" if self.photos else "none",
            cost,
            "" if self.log_loss is None else f"{self.log_loss:.4f}",
            "" if gap is None else f"{gap:+.4f}",
            f"{'taken' if self.taken else 'not taken'}: {self.why}",
        )


HEADER = ("backbones", "photos", "took", "log loss", "difference", "verdict")
"""Names of the cells of a row."""


@dataclass(frozen=True)
class Choice:
    """A choice of backbones, and how it came about.

    Attributes
    ----------
    backbones : tuple of str
    precision : {"auto", "int8"}
        The precision of the recipe.
    tried : sequence of Tried
        In the order of the trials.
    given : float
        The time that was given, in seconds, for the choice and the training.
    spent : float
        Seconds that the choice took; those of the training are in ``environment.json``.
    """

    backbones: tuple[str, ...]
    precision: str
    tried: Sequence[Tried]
    given: float
    spent: float

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``choice.json``."""
        return {
            "backbones": list(self.backbones),
            "precision": self.precision,
            "given": round(self.given, 1),
            "spent": round(self.spent, 1),
            "in_words": self.in_words(),
            "header": list(HEADER),
            "rows": [list(row.cells()) for row in self.tried],
            "tried": [row.as_json() for row in self.tried],
        }

    def in_words(self) -> str:
        """Write a sentence on what was chosen and what the choice took."""
        count = sum(row.photos > 0 for row in self.tried)
        many = f"{count} measured trials" if count != 1 else "one measured trial"
        arithmetic = " in int8" if self.precision == "int8" else ""
        return (
            f"{' + '.join(self.backbones)}{arithmetic}, by {many} in "
            f"{in_words(self.spent)} of {in_words(self.given)}"
        )
