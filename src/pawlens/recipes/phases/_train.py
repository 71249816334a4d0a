"""The phase that trains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from .._facts import PLATEAU_FACTOR
from .._language import joined
from ._augment import AUGMENT_PRESETS, Augment
from ._phase import Phase
from ._session import TrainingSteps

__all__ = ["Train"]

_Count = Annotated[int, Field(ge=1, le=1_000_000)]
_Positive = Annotated[float, Field(gt=0)]
_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "adadelta": "Adadelta"}
_CUTS = ("cache_split", "freeze", "unfreeze")


class Train(Phase):
    """Train whatever is open.

    Attributes
    ----------
    epochs : int
        The most epochs; with ``sgdr`` their number follows from the cycles.
    batch : int
        Photos in a batch.
    size : int, optional
        Side of the input in this phase, in pixels; the backbone's own by default.
    optimizer : {"sgd", "adam", "adamw", "adadelta"}
    rate : float or "found"
        Learning rate of the head; ``found`` takes what the last ``find_rate`` suggested.
    rates : list of float
        Discriminative multipliers of the rate, early to late: the last is the head's, the others
        share out the blocks evenly.
    momentum, weight_decay : float
        Values of the optimiser.
    schedule : {"constant", "one_cycle", "sgdr", "cosine", "plateau", "inverse_time"}
        Course of the learning rate.
    cycles, cycle_len, cycle_mult : int
        Number of cycles of SGDR (Loshchilov and Hutter 2017), and their lengths: cycle_len,
        cycle_len * cycle_mult ... epochs.
    decay : float
        Decay of ``inverse_time``, which is that of Keras's SGD: rate / (1 + decay * step).
    patience : int
        Epochs without a better validation loss before ``plateau`` divides the rate by ten.
    early_stopping : int
        Epochs without a better validation loss before training stops and the best weights return;
        0 never stops.
    ema : float
        Decay of averaged weights, which replace the last ones at the end; 0 is none.
    label_smoothing, mixup, cutmix : float
        Strengths of these, off by default: they cost log loss. The last two are the alpha of their
        beta distribution.
    class_weights : {"none", "balanced"}
        Whether rare classes count more.
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
    size: Annotated[int, Field(ge=32, le=4096)] | None = None
    optimizer: Literal["sgd", "adam", "adamw", "adadelta"] = "adamw"
    rate: Literal["found"] | _Positive = 1e-3
    rates: list[_Positive] = Field(default=[1.0], min_length=1)
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

    needs_head: ClassVar[bool] = True
    trains: ClassVar[bool] = True

    @property
    def length(self) -> int:
        """Number of epochs; with SGDR the sum of its cycles."""
        if self.schedule != "sgdr":
            return self.epochs
        return sum(self.cycle_len * self.cycle_mult**n for n in range(self.cycles))

    @property
    def augmentation(self) -> Augment:
        """The values behind a preset's name."""
        named = self.augment
        return AUGMENT_PRESETS[named] if isinstance(named, str) else named

    @property
    def needs_body(self) -> bool:
        """Whether it looks at pixels: features are kept of photos as they are, at one size."""
        return self.size is not None or self.augmentation != Augment()

    def check(self, before: Sequence[Phase], after: Sequence[Phase]) -> str:
        """Refuse a found rate that no phase looks for, and photos that vary after a cut."""
        if self.rate == "found" and not any(phase.do == "find_rate" for phase in before):
            return "rate: found needs a find_rate before it, or give a number"
        last_cut = next((phase.do for phase in reversed(before) if phase.do in _CUTS), "")
        if last_cut != "cache_split":
            return ""
        if self.augmentation != Augment():
            return (
                "augment after cache_split: cached activations cannot be augmented; "
                "set augment: none"
            )
        if self.size is not None:
            return (
                "size after cache_split: cached activations have the backbone's own size; "
                "leave it out"
            )
        return ""

    def run(self, session: TrainingSteps) -> None:
        """Train the network."""
        session.train(self)

    def words(self) -> str:
        """Say how long it trains, with which optimiser, rate and schedule, on which photos."""
        sentences = [
            f"{self._length_words()} with {self._optimizer_words()}, batches of {self.batch}"
            + (f", photos at {self.size} px" if self.size else "")
            + (", the last smaller batch left out" if self.drop_last else ""),
            f"Rate: {self._rate_words()}, {self._schedule_words()}",
            self._augmentation_words(),
            self._extra_words(),
        ]
        return " ".join(f"{text[0].upper()}{text[1:]}." for text in sentences if text)

    def _length_words(self) -> str:
        epochs = f"{self.length} epoch{'s' if self.length > 1 else ''}"
        if self.schedule == "sgdr":
            lengths = [self.cycle_len * self.cycle_mult**n for n in range(self.cycles)]
            epochs += f" in cycles of {joined([str(length) for length in lengths])}"
        if self.early_stopping:
            stop = f"stopping after {self.early_stopping} without a better validation loss"
            return f"at most {epochs}, {stop},"
        return epochs

    def _optimizer_words(self) -> str:
        usual = Train.model_fields["momentum"].default
        named = self.optimizer == "sgd" or (self.optimizer != "adadelta" and self.momentum != usual)
        extras = [
            f"momentum {self.momentum:g}" if named and self.schedule != "one_cycle" else "",
            f"weight decay {self.weight_decay:g}" if self.weight_decay else "",
        ]
        inside = ", ".join(extra for extra in extras if extra)
        return _OPTIMIZERS[self.optimizer] + (f" ({inside})" if inside else "")

    def _rate_words(self) -> str:
        rate = "the one that was found" if self.rate == "found" else f"{self.rate:g}"
        if self.rates == [1.0]:
            return rate
        if self.rate == "found":
            shares = [f"{share:g}" for share in self.rates]
            return f"{rate}, times {joined(shares)} from the early blocks to the head"
        products = [f"{share * self.rate:g}" for share in self.rates]
        return f"{joined(products)} from the early blocks to the head"

    def _schedule_words(self) -> str:
        divisor = 1 / PLATEAU_FACTOR
        return {
            "constant": "held constant",
            "one_cycle": "rising and falling once, the momentum against it",
            "sgdr": "falling along a cosine in each cycle and starting anew (SGDR)",
            "cosine": "falling along a cosine",
            "plateau": f"divided by {'ten' if divisor == 10 else f'{divisor:g}'} after "
            f"{self.patience} epochs without a better validation loss",
            "inverse_time": f"divided by 1 + {self.decay:g} x step",
        }[self.schedule]

    def _augmentation_words(self) -> str:
        changes = self.augmentation.words()
        name = f" ({self.augment})" if isinstance(self.augment, str) else ""
        return f"photos are varied{name}, at most: {changes}" if changes else ""

    def _extra_words(self) -> str:
        extras = {
            f"mixup {self.mixup:g}": self.mixup,
            f"CutMix {self.cutmix:g}": self.cutmix,
            f"label smoothing {self.label_smoothing:g}": self.label_smoothing,
            "rare classes count more": self.class_weights == "balanced",
            f"gradients no longer than {self.clip_norm:g}": self.clip_norm,
            f"weights averaged with decay {self.ema:g}": self.ema,
        }
        return ", ".join(words for words, wanted in extras.items() if wanted)
