"""Each phase of a recipe in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ._facts import MINIMUM_DIVISOR, PLATEAU_FACTOR, RUNGS
from ._phases import (
    Augment,
    CacheSplit,
    Calibrate,
    Clean,
    Evaluate,
    Explore,
    FindRate,
    Freeze,
    Fuse,
    Phase,
    Predict,
    Search,
    Train,
    Unfreeze,
)
from ._space import Range, Values

__all__ = ["clip_words", "joined", "part_in_words", "words_of"]

_OPTIMIZERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW", "adadelta": "Adadelta"}
_RULES = {
    "valley": "the valley of the median curve",
    "slide": "the end of the longest slide of the median curve",
    "steep": "the steepest point of the median curve",
    "minimum": "{part} of the rate of least loss of the median curve",
}
_VIEWS = {
    "flip": "its mirror image",
    "rotations": "its quarter turns",
    "crops": "crops of it",
    "subject": "a crop around what the answer rests on",
}
_CHANGES = {
    "rotate": "turned by {0:g} degrees",
    "crop": "cropped by {1:g}\u00a0%",
    "zoom": "zoomed by {1:g}\u00a0%",
    "shift": "shifted by {1:g}\u00a0%",
    "shear": "sheared by {0:g} degrees",
    "brightness": "brighter or darker by {1:g}\u00a0%",
    "contrast": "contrast changed by {1:g}\u00a0%",
}


def words_of(phase: Phase) -> str:
    """What one phase does, in a sentence or a few; every value that matters is named."""
    return _WORDS[type(phase)](phase)


def _explore(phase: Explore) -> str:
    return "Write a page to look at first: counts, shapes, samples."


def _fuse(phase: Fuse) -> str:
    if phase.hidden:
        widths = joined([str(one) for one in phase.hidden])
        head = f"A head with hidden layers of {widths} (ReLU)"
    else:
        head = "A linear head"
    extras = [
        "batch norm before them" if phase.batch_norm else "",
        f"dropout {phase.dropout:g} before each layer" if phase.dropout else "",
    ]
    start = {
        "random": "It starts at random.",
        "logistic": "It starts as the logistic head, fitted on features of unit length.",
    }
    tail = "".join(f", {one}" for one in extras if one)
    return f"{head} on the pooled features{tail}. {start[phase.init]}"


def _freeze(phase: Freeze) -> str:
    return "Close the backbones: only the head trains."


def _unfreeze(phase: Unfreeze) -> str:
    if phase.blocks == "all":
        what = "every backbone, whole"
    else:
        last = "the last block" if phase.blocks == 1 else f"the last {phase.blocks} blocks"
        what = f"{last} of every backbone"
    norm = {"frozen": "stay as they are", "trained": "follow the photos"}[phase.batch_norm]
    return f"Open {what}; statistics of its batch norms {norm}."


def _find_rate(phase: FindRate) -> str:
    rule = _RULES[phase.rule].format(part=part_in_words(MINIMUM_DIVISOR))
    return (
        f"Raise the learning rate from {phase.low:g} to {phase.high:g} in {phase.steps} steps, "
        f"{_times(phase.sweeps)}, and take {rule}."
    )


def _train(phase: Train) -> str:
    sentences = [
        f"{_length(phase)} with {_optimizer(phase)}, batches of {phase.batch}"
        + (f", photos at {phase.size} px" if phase.size else "")
        + (", the last smaller batch left out" if phase.drop_last else ""),
        f"Rate: {_rate(phase)}, {_schedule(phase)}",
        _augmentation(phase),
        _extras(phase),
    ]
    return " ".join(f"{one[0].upper()}{one[1:]}." for one in sentences if one)


def _length(phase: Train) -> str:
    epochs = f"{phase.length} epoch{'s' if phase.length > 1 else ''}"
    if phase.schedule == "sgdr":
        lengths = [phase.cycle_len * phase.cycle_mult**n for n in range(phase.cycles)]
        epochs += f" in cycles of {joined([str(one) for one in lengths])}"
    if phase.early_stopping:
        stop = f"stopping after {phase.early_stopping} without a better validation loss"
        return f"at most {epochs}, {stop},"
    return epochs


def _optimizer(phase: Train) -> str:
    usual = Train.model_fields["momentum"].default
    named = phase.optimizer == "sgd" or (phase.optimizer != "adadelta" and phase.momentum != usual)
    extras = [
        f"momentum {phase.momentum:g}" if named and phase.schedule != "one_cycle" else "",
        f"weight decay {phase.weight_decay:g}" if phase.weight_decay else "",
    ]
    inside = ", ".join(one for one in extras if one)
    return _OPTIMIZERS[phase.optimizer] + (f" ({inside})" if inside else "")


def _rate(phase: Train) -> str:
    rate = "the one that was found" if phase.rate == "found" else f"{phase.rate:g}"
    if phase.rates == [1.0]:
        return rate
    if phase.rate == "found":
        shares = [f"{one:g}" for one in phase.rates]
        return f"{rate}, times {joined(shares)} from the early blocks to the head"
    products = [f"{one * phase.rate:g}" for one in phase.rates]
    return f"{joined(products)} from the early blocks to the head"


def _schedule(phase: Train) -> str:
    return {
        "constant": "held constant",
        "one_cycle": "rising and falling once, the momentum against it",
        "sgdr": "falling along a cosine in each cycle and starting anew (SGDR)",
        "cosine": "falling along a cosine",
        "plateau": f"divided by {_number(1 / PLATEAU_FACTOR)} after {phase.patience} epochs "
        "without a better validation loss",
        "inverse_time": f"divided by 1 + {phase.decay:g} x step",
    }[phase.schedule]


def _augmentation(phase: Train) -> str:
    values = phase.augmentation
    if values == Augment():
        return ""
    given = values.model_dump()
    parts = [f"mirrored with probability {values.flip:g}"] if values.flip else []
    parts += [
        words.format(given[key], 100 * given[key]) for key, words in _CHANGES.items() if given[key]
    ]
    parts += [f"a part erased with probability {values.erase:g}"] if values.erase else []
    name = f" ({phase.augment})" if isinstance(phase.augment, str) else ""
    return f"photos are varied{name}, at most: {joined(parts)}"


def _extras(phase: Train) -> str:
    extras = {
        f"mixup {phase.mixup:g}": phase.mixup,
        f"CutMix {phase.cutmix:g}": phase.cutmix,
        f"label smoothing {phase.label_smoothing:g}": phase.label_smoothing,
        "rare classes count more": phase.class_weights == "balanced",
        f"gradients no longer than {phase.clip_norm:g}": phase.clip_norm,
        f"weights averaged with decay {phase.ema:g}": phase.ema,
    }
    return ", ".join(words for words, wanted in extras.items() if wanted)


def _clean(phase: Clean) -> str:
    return (
        f"Photos of the training part whose own class has a probability under {phase.below:g} "
        "no longer train."
    )


def _cache_split(phase: CacheSplit) -> str:
    if not phase.blocks:
        return "Keep the pooled features; the head alone trains from here on, on these."
    what = "block" if phase.blocks == 1 else f"{phase.blocks} blocks"
    return (
        f"Cut each backbone before its last {what} and keep the activations there; only what "
        "follows the cut trains from here on, on these."
    )


def _search(phase: Search) -> str:
    how = {"tpe": "Parzen estimators (TPE)", "random": "chance"}[phase.sampler]
    space = "; ".join(f"{name} {_values(one)}" for name, one in phase.values().items())
    if phase.head is None:
        return f"{phase.trials} trials of the phases that follow, drawn by {how}: {space}."
    heads = {"dense": "dropout and one linear layer", "mlp": "dropout and hidden layers"}
    least, times = RUNGS
    rungs = ", ".join(str(least * times**n) for n in range(3))
    pruned = f"; those behind at {rungs} ... epochs are ended" if phase.pruner == "asha" else ""
    return (
        f"{phase.trials} heads ({heads[phase.head]}) on cached features, drawn by {how}: {space}. "
        f"Each trains at most {phase.epochs} epochs in batches of {phase.batch}, stopping after "
        f"{phase.patience} without a better out-of-fold loss{pruned}. The best is trained anew on "
        "all of these photos."
    )


def _values(one: Values) -> str:
    if isinstance(one, Range):
        logarithm = {"log": " (logarithm)", "uniform": "", "whole": " (whole)"}[one.kind]
        return f"{one.low:g} to {one.high:g}{logarithm}"
    return _joined_or(
        [f"{value:g}" if type(value) is float else str(value) for value in one.values]
    )


def _calibrate(phase: Calibrate) -> str:
    return f"Fit a temperature on the photos that validate; {clip_words(phase.clip)}."


def _evaluate(phase: Evaluate) -> str:
    if not phase.views:
        return "Measure on the photos held out."
    views = joined(["the photo", *(_VIEWS[one] for one in phase.views)])
    return f"Measure on the photos held out; also with the answers to {views} put together."


def _predict(phase: Predict) -> str:
    return f"Answer the photos of {phase.photos} with the exported model, into predictions.csv."


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def part_in_words(parts: int) -> str:
    """One part in so many."""
    return "a tenth" if parts == 10 else f"one in {parts}"


def _number(value: float) -> str:
    return "ten" if value == 10 else f"{value:g}"


def clip_words(clip: str | float) -> str:
    """How probabilities are clipped."""
    if isinstance(clip, str):
        return "choose how far probabilities are kept from 0 and 1"
    return f"keep probabilities within {clip:g} and {1 - clip:g}" if clip else "clip nothing"


def joined(names: Sequence[str]) -> str:
    """``"a, b and c"``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _joined_or(names: Sequence[str]) -> str:
    """``"a, b or c"``."""
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


_WORDS: dict[type, Callable[[Any], str]] = {
    Explore: _explore,
    Fuse: _fuse,
    Freeze: _freeze,
    Unfreeze: _unfreeze,
    FindRate: _find_rate,
    Train: _train,
    Clean: _clean,
    CacheSplit: _cache_split,
    Search: _search,
    Calibrate: _calibrate,
    Evaluate: _evaluate,
    Predict: _predict,
}
