"""The interface of what a chooser works on."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Protocol

from ....base import Progress
from ....features import FeatureMatrix

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Trials"]


class Trials(Protocol):
    """What a chooser works on; see `Bench`."""

    @property
    def rows(self) -> Ints: ...
    @property
    def label(self) -> Ints: ...
    @property
    def group(self) -> Ints: ...
    def is_ready(self, name: str) -> bool: ...
    def open(self, name: str, seconds: float) -> None: ...
    def terms(self, name: str) -> str: ...
    def extract(
        self, name: str, rows: Container[int] | None, *, int8: bool, progress: Progress
    ) -> FeatureMatrix: ...
    def answers(
        self, matrices: Sequence[FeatureMatrix], rows: Ints, *, progress: Progress
    ) -> Floats: ...
