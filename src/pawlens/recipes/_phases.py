"""The phases of a recipe that trains a network: each is one step, and data alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ._space import Search

__all__ = [
    "AUGMENT_PRESETS",
    "Augment",
    "CacheSplit",
    "Calibrate",
    "Clean",
    "Evaluate",
    "Explore",
    "FindRate",
    "Freeze",
    "Fuse",
    "Phase",
    "Predict",
    "Search",
    "Train",
    "Unfreeze",
]

_Share = Annotated[float, Field(ge=0, le=1)]
_Count = Annotated[int, Field(ge=1)]
_Positive = Annotated[float, Field(gt=0)]


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Augment(_Step):
    """How training photos are varied; every value is the largest change either way.

    Attributes
    ----------
    flip : float
        Probability of mirroring.
    rotate : float
        Degrees.
    crop : float
        Share of the side that may be cut away, the rest being enlarged.
    zoom : float
        Share by which a photo may be enlarged or reduced about its centre.
    shift : float
        Share of the side.
    shear : float
        Degrees.
    brightness, contrast : float
        Shares.
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
"""Strengths by name."""


class Explore(_Step):
    """Write the exploration page beside the run: counts, shapes, samples."""

    do: Literal["explore"]


class Fuse(_Step):
    """Put a head on the pooled features of all backbones, side by side.

    Attributes
    ----------
    hidden : list of int
        Widths of hidden layers, each followed by ReLU.
    dropout : float
        Before every linear layer.
    batch_norm : bool
        Over the features, before the first layer.
    init : {"random", "logistic"}
        ``logistic`` starts from the default head, fitted on cached features of the training part;
        it needs ``hidden: []`` and ``batch_norm: false``, and scales features to unit length.
    """

    do: Literal["fuse"]
    hidden: list[_Count] = []
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    batch_norm: bool = False
    init: Literal["random", "logistic"] = "random"


class Freeze(_Step):
    """Close every backbone: weights and batch-norm statistics stay as they are."""

    do: Literal["freeze"]


class Unfreeze(_Step):
    """Open the last blocks of every backbone.

    Attributes
    ----------
    blocks : "all" or int
        Counted from the end, in timm's own grouping.
    batch_norm : {"frozen", "trained"}
        Whether statistics of open batch norms follow the photos; their scale and shift train
        either way.
    """

    do: Literal["unfreeze"]
    blocks: Literal["all"] | _Count = "all"
    batch_norm: Literal["frozen", "trained"] = "frozen"


class FindRate(_Step):
    """Find a learning rate (Smith 2015) with the optimiser of the next ``train`` phase.

    Attributes
    ----------
    rule : {"valley", "slide", "steep", "minimum"}
        Which suggestion ``rate: found`` takes; ``minimum`` is a tenth of the rate of least loss.
    low, high : float
        Ends of the sweep.
    steps : int
        Of one sweep.
    sweeps : int
        Whose median curve is read.
    """

    do: Literal["find_rate"]
    rule: Literal["valley", "slide", "steep", "minimum"] = "valley"
    low: _Positive = 1e-6
    high: _Positive = 1.0
    steps: Annotated[int, Field(ge=20)] = 60
    sweeps: _Count = 3


class Train(_Step):
    """Train whatever is open.

    Attributes
    ----------
    epochs : int
        At most; with ``sgdr`` the number follows from the cycles.
    batch : int
    size : int, optional
        Pixels of the input in this phase; the backbone's own by default.
    optimizer : {"sgd", "adam", "adamw", "adadelta"}
    rate : float or "found"
        Of the head; ``found`` takes what the last ``find_rate`` suggested.
    rates : list of float
        Discriminative multipliers of the rate, early to late: the last is the head's, the others
        share out the blocks evenly.
    momentum, weight_decay : float
    schedule : {"constant", "one_cycle", "sgdr", "cosine", "plateau", "inverse_time"}
    cycles, cycle_len, cycle_mult : int
        Of SGDR (Loshchilov and Hutter 2017): lengths cycle_len, cycle_len * cycle_mult ... epochs.
    decay : float
        Of ``inverse_time``: rate / (1 + decay * step), as in Keras's SGD.
    patience : int
        Epochs without a better validation loss before ``plateau`` divides the rate by ten.
    early_stopping : int
        Epochs without a better validation loss before training stops and the best weights return;
        0 never stops.
    ema : float
        Decay of averaged weights, which replace the last ones at the end; 0 is none.
    label_smoothing, mixup, cutmix : float
        Off by default: they cost log loss. The last two are the alpha of their beta distribution.
    class_weights : {"none", "balanced"}
    clip_norm : float
        Largest norm of the gradient; 0 is no limit.
    drop_last : bool
        Whether an epoch leaves out its last, smaller batch.
    augment : str or Augment
        A preset (none, flip, light, medium, strong) or values.
    """

    do: Literal["train"]
    epochs: _Count = 1
    batch: Annotated[int, Field(ge=2)] = 64
    size: Annotated[int, Field(ge=32)] | None = None
    optimizer: Literal["sgd", "adam", "adamw", "adadelta"] = "adamw"
    rate: Literal["found"] | _Positive = 1e-3
    rates: Annotated[list[_Positive], Field(min_length=1)] = [1.0]
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    schedule: Literal["constant", "one_cycle", "sgdr", "cosine", "plateau", "inverse_time"] = (
        "constant"
    )
    cycles: _Count = 1
    cycle_len: _Count = 1
    cycle_mult: _Count = 1
    decay: Annotated[float, Field(ge=0)] = 0.0
    patience: _Count = 2
    early_stopping: Annotated[int, Field(ge=0)] = 0
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.0
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    mixup: Annotated[float, Field(ge=0)] = 0.0
    cutmix: Annotated[float, Field(ge=0)] = 0.0
    class_weights: Literal["none", "balanced"] = "none"
    clip_norm: Annotated[float, Field(ge=0)] = 0.0
    drop_last: bool = False
    augment: Literal["none", "flip", "light", "medium", "strong"] | Augment = "none"

    @property
    def length(self) -> int:
        """Epochs, of SGDR the sum of its cycles."""
        if self.schedule != "sgdr":
            return self.epochs
        return sum(self.cycle_len * self.cycle_mult**n for n in range(self.cycles))

    @property
    def augmentation(self) -> Augment:
        """The values behind a preset's name."""
        one = self.augment
        return AUGMENT_PRESETS[one] if isinstance(one, str) else one


class Clean(_Step):
    """Set aside photos of the training part that the network, as it is, does not believe.

    Attributes
    ----------
    below : float
        Probability of the own class under which a photo no longer trains.
    """

    do: Literal["clean"]
    below: Annotated[float, Field(gt=0, lt=1)] = 0.3


class CacheSplit(_Step):
    """Cut the network, keep the activations at the cut, and train only what follows from them.

    Attributes
    ----------
    blocks : int
        Blocks after the cut, counted from the end; 0 keeps pooled features, so that the head
        alone trains.
    """

    do: Literal["cache_split"]
    blocks: Annotated[int, Field(ge=0)] = 0


class Calibrate(_Step):
    """Fit the temperature on validation photos, and choose or set the clip.

    Attributes
    ----------
    clip : "auto" or float
    """

    do: Literal["calibrate"]
    clip: Literal["auto"] | Annotated[float, Field(ge=0, lt=0.5)] = "auto"


class Evaluate(_Step):
    """Measure on the held-out fold, also with test-time augmentation.

    Attributes
    ----------
    views : list of str
        Beside the photo itself: flip, rotations, crops, subject.
    """

    do: Literal["evaluate"]
    views: list[Literal["flip", "rotations", "crops", "subject"]] = []


class Predict(_Step):
    """Answer other photos with the exported model, into ``predictions.csv`` of the run.

    Attributes
    ----------
    photos : str
        Folder, zip or list.
    """

    do: Literal["predict"]
    photos: str


Phase = Annotated[
    Explore
    | Fuse
    | Freeze
    | Unfreeze
    | FindRate
    | Train
    | Clean
    | CacheSplit
    | Search
    | Calibrate
    | Evaluate
    | Predict,
    Field(discriminator="do"),
]
