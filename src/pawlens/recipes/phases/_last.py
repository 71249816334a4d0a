"""Phases that come last: calibrate, evaluate, predict."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .._language import clip_words, joined
from ._phase import Phase
from ._session import RunSteps

__all__ = ["Calibrate", "Evaluate", "Predict"]

_VIEWS = {
    "flip": "its mirror image",
    "rotations": "its quarter turns",
    "crops": "crops of it",
    "subject": "a crop around what the answer rests on",
}


class Calibrate(Phase):
    """Fit the temperature on validation photos, and choose or set the clip.

    Every network is calibrated; the phase says how the clip is chosen.

    Attributes
    ----------
    clip : "auto" or float
        Distance that probabilities keep from 0 and 1; ``"auto"`` chooses it.
    """

    do: Literal["calibrate"]
    clip: Literal["auto"] | Annotated[float, Field(ge=0, lt=0.5)] = "auto"

    needs_head: ClassVar[bool] = True
    once: ClassVar[str] = "only one temperature and one clip go into the model; leave it out"
    comes_last: ClassVar[bool] = True

    def words(self) -> str:
        """Say what is fitted, and how probabilities are clipped."""
        return f"Fit a temperature on the photos that validate; {clip_words(self.clip)}."


class Evaluate(Phase):
    """Measure on the held-out fold, also with test-time augmentation.

    Attributes
    ----------
    views : list of str
        Views that are answered beside the photo itself: flip, rotations, crops, subject.
    """

    do: Literal["evaluate"]
    views: list[Literal["flip", "rotations", "crops", "subject"]] = Field(default=[])

    needs_head: ClassVar[bool] = True
    once: ClassVar[str] = "a run has the numbers of one; put all views into it"
    comes_last: ClassVar[bool] = True

    def words(self) -> str:
        """Say which photos are measured, with which views."""
        if not self.views:
            return "Measure on the photos held out."
        views = joined(["the photo", *(_VIEWS[view] for view in self.views)])
        return f"Measure on the photos held out; also with the answers to {views} put together."

    def after_export(self, run: RunSteps) -> None:
        """Measure the model with its views; without views every run is measured anyway."""
        if self.views:
            run.evaluate(self.views)


class Predict(Phase):
    """Answer other photos with the exported model, into ``predictions.csv`` of the run.

    Attributes
    ----------
    photos : str
        Path of a folder, a zip or a list of photos.
    """

    do: Literal["predict"]
    photos: str

    needs_head: ClassVar[bool] = True
    once: ClassVar[str] = (
        "both write predictions.csv; put all photos into one, or use pawlens predict"
    )
    comes_last: ClassVar[bool] = True

    def words(self) -> str:
        """Say which photos are answered, and where the answers go."""
        return f"Answer the photos of {self.photos} with the exported model, into predictions.csv."

    def after_export(self, run: RunSteps) -> None:
        """Answer the photos."""
        run.predict(self.photos)
