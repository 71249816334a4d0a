"""What the phases of a recipe must not do together."""

from __future__ import annotations

from collections.abc import Sequence

from ._phases import (
    Augment,
    CacheSplit,
    Calibrate,
    Clean,
    Evaluate,
    FindRate,
    Freeze,
    Fuse,
    Phase,
    Predict,
    Train,
    Unfreeze,
)

__all__ = ["check_phases"]

_LAST = (Calibrate, Evaluate, Predict)
_CUTS = (CacheSplit, Freeze, Unfreeze)
_ON_A_HEAD = (Freeze, Unfreeze, FindRate, Train, Clean, CacheSplit, *_LAST)


def check_phases(phases: Sequence[Phase]) -> None:
    """Refuse phases that contradict each other.

    Raises
    ------
    ValueError
        One line: which phase, counted from 0, what is wrong, and how to mend it.
    """
    if phases and not any(isinstance(phase, Fuse) for phase in phases):
        raise ValueError("phases: none of them is a fuse; a network needs the head that it puts on")
    for number, phase in enumerate(phases):
        wrong = (
            _order(phase, phases[:number], phases[number + 1 :])
            or _own_values(phase)
            or _after_a_cut(phase, phases[:number])
        )
        if wrong:
            raise ValueError(f"phases.{number}: {wrong}")


def _order(phase: Phase, before: Sequence[Phase], after: Sequence[Phase]) -> str:
    """What must come before or after."""
    if isinstance(phase, _ON_A_HEAD) and not any(isinstance(one, Fuse) for one in before):
        return f"{phase.do} needs a fuse before it"
    if isinstance(phase, Fuse) and any(isinstance(one, Fuse) for one in before):
        return "a second fuse would throw away the head that was trained; leave it out"
    if isinstance(phase, FindRate) and not any(isinstance(one, Train) for one in after):
        return "find_rate needs a train after it, whose optimiser it tries"
    found = isinstance(phase, Train) and phase.rate == "found"
    if found and not any(isinstance(one, FindRate) for one in before):
        return "rate: found needs a find_rate before it, or give a number"
    last = next((one for one in before if isinstance(one, _LAST)), None)
    if last is not None and not isinstance(phase, _LAST):
        return f"{phase.do} comes after {last.do}; calibrate, evaluate and predict come last"
    return ""


def _own_values(phase: Phase) -> str:
    """Values of one phase that do not go together."""
    if isinstance(phase, Fuse) and phase.init == "logistic" and (phase.hidden or phase.batch_norm):
        return "init: logistic is a linear head; it needs hidden: [] and batch_norm: false"
    if isinstance(phase, FindRate) and phase.low >= phase.high:
        return f"low = {phase.low:g} must be below high = {phase.high:g}"
    return ""


def _after_a_cut(phase: Phase, before: Sequence[Phase]) -> str:
    """What cached activations do not allow, until a phase opens or closes blocks anew."""
    last = next((one for one in reversed(before) if isinstance(one, _CUTS)), None)
    if not isinstance(phase, Train) or not isinstance(last, CacheSplit):
        return ""
    if phase.augmentation != Augment():
        return (
            "augment after cache_split: cached activations cannot be augmented; set augment: none"
        )
    if phase.size is not None:
        return (
            "size after cache_split: cached activations have the backbone's own size; leave it out"
        )
    return ""
