"""What the phases of a recipe must not do together."""

from __future__ import annotations

from collections.abc import Sequence

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
from ._space import wrong_space

__all__ = ["check_phases"]

_LAST = (Calibrate, Evaluate, Predict)
_CUTS = (CacheSplit, Freeze, Unfreeze)
_AROUND = (Explore, Search, *_LAST)
_FOR_A_TRAIN = (Unfreeze, Clean, CacheSplit)
_ON_A_HEAD = (Freeze, Unfreeze, FindRate, Train, Clean, CacheSplit, *_LAST)

_ONCE = {
    Explore: "both write the same page; leave it out",
    Fuse: "it would throw away the head that was trained; leave it out",
    Search: "a recipe has one; leave it out",
    Calibrate: "only one temperature and one clip go into the model; leave it out",
    Evaluate: "a run has the numbers of one; put all views into it",
    Predict: "both write predictions.csv; put all photos into one, or use pawlens predict",
}
"""Phases that a run can do once, and what to do about a second one."""


def check_phases(phases: Sequence[Phase]) -> None:
    """Refuse phases that contradict each other.

    Raises
    ------
    ValueError
        One line: which phase, counted from 0, what is wrong, and how to mend it.
    """
    if phases and not any(_puts_on_a_head(phase) for phase in phases):
        raise ValueError("phases: none of them is a fuse; a network needs the head that it puts on")
    for number, phase in enumerate(phases):
        wrong = (
            _order(phase, phases[:number], phases[number + 1 :])
            or _own_values(phase)
            or _around_a_search(phase, phases[:number], phases)
            or _after_a_cut(phase, phases[:number])
        )
        if wrong:
            raise ValueError(f"phases.{number}: {wrong}")


def _order(phase: Phase, before: Sequence[Phase], after: Sequence[Phase]) -> str:
    """What must come before or after."""
    if isinstance(phase, _ON_A_HEAD) and not any(_puts_on_a_head(one) for one in before):
        return f"{phase.do} needs a fuse before it"
    if type(phase) in _ONCE and any(type(one) is type(phase) for one in before):
        return f"a second {phase.do}: {_ONCE[type(phase)]}"
    if isinstance(phase, _FOR_A_TRAIN) and not any(isinstance(one, Train) for one in after):
        return f"{phase.do} needs a train after it; without one nothing comes of it"
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
    if isinstance(phase, Search):
        return wrong_space(phase)
    if isinstance(phase, FindRate) and phase.low >= phase.high:
        return f"low = {phase.low:g} must be below high = {phase.high:g}"
    return ""


def _puts_on_a_head(phase: Phase) -> bool:
    return isinstance(phase, Fuse) or (isinstance(phase, Search) and phase.head is not None)


def _around_a_search(phase: Phase, before: Sequence[Phase], phases: Sequence[Phase]) -> str:
    """What a search does not go with."""
    search = next((one for one in phases if isinstance(one, Search)), None)
    if search is None:
        return ""
    if isinstance(phase, Search):
        if search.head is None and any(not isinstance(one, Explore) for one in before):
            return "a search of the recipe's own values comes before the phases that it varies"
        if search.head is None and not any(isinstance(one, Train) for one in phases):
            return "a search of the recipe's own values needs a train, whose loss it compares"
    elif search.head is not None and not isinstance(phase, _AROUND):
        return f"{phase.do} goes with no search of heads, which fuses and trains; leave it out"
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
