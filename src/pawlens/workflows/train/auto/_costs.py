"""The cost of what is to come, predicted from multiply-adds and from what was timed."""

from __future__ import annotations

from typing import ClassVar

from ._candidates import Candidate

__all__ = ["Costs"]

_READY, _CONVERSION = 3.0, 20.0  # seconds to open a graph, and to convert a network before: the
# median of sixty families is 12 to 24 s, and what one takes is known after the first
_DEEPER = 1.5  # a multiply-add of a network that was not timed yet, against the slowest so far
_FIXED = 5.0  # seconds of a training beside features and heads
_PHOTO = 1e-3  # seconds of a training for each photo, beside features and heads
# Photos whose features take as long as the proof of the model and its report, which answer some
# hundreds in full floats, in several runtimes: measured 3,400 with paw, 3,560 with a pair.
_PROOF = 3500
_MARGIN = 1.25


class Costs:
    """Costs in seconds, which learn from everything that is timed.

    Parameters
    ----------
    photos : int
        Number of photos that train.
    """

    INT8_GAIN: ClassVar[float] = 1.4
    """How much faster int8 is where it is tried, before it is timed."""

    def __init__(self, photos: int) -> None:
        self._photos = photos
        self._per_photo: dict[str, float] = {}
        self._rate = 0.0  # seconds of a multiply-add
        self._conversion, self._ready = _CONVERSION, _READY
        self._head = 0.0  # seconds of a head on one backbone

    def opened(self, ready: bool, seconds: float) -> None:
        """Learn what it took to open a backbone, `ready` where it was converted before."""
        if ready:
            self._ready = max(1.0, seconds)
        else:
            self._conversion = max(_READY, seconds)

    def extracted(self, one: Candidate, each: float | None) -> None:
        """Learn what the features of a photo take; None teaches nothing."""
        if each is None:
            return
        self._per_photo[one.name] = each
        if one.macs:
            self._rate = max(self._rate, each / one.macs)

    def judged(self, backbones: int, seconds: float) -> None:
        """Learn what a head on all photos took."""
        self._head = max(self._head, seconds / backbones)

    def opening(self, ready: bool) -> float:
        """Predict what it takes to open a backbone."""
        return self._ready if ready else self._conversion

    def extraction(self, one: Candidate, photos: int) -> float:
        """Predict what features of so many photos take."""
        known = self._per_photo.get(one.name)
        return photos * (_DEEPER * self._rate * one.macs if known is None else known)

    def head(self, backbones: int) -> float:
        """Predict what a head on all photos takes, on so many backbones side by side."""
        return self._head * backbones

    def finish(self, names: tuple[str, ...]) -> float:
        """Predict what the training takes once features of these backbones are in the cache."""
        answers = _PROOF * sum(self._per_photo.get(name, 0.0) for name in names)
        return _MARGIN * (_FIXED + _PHOTO * self._photos + self.head(len(names)) + answers)
