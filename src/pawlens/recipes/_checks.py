"""The rules by which the phases of a recipe go together."""

from __future__ import annotations

from collections.abc import Sequence

from .phases import Phase

__all__ = ["check_phases"]


def check_phases(phases: Sequence[Phase]) -> None:
    """Refuse phases that contradict each other.

    Raises
    ------
    ValueError
        One line: which phase, counted from 0, what is wrong, and how to mend it.
    """
    if phases and not any(phase.puts_on_head for phase in phases):
        raise ValueError("phases: none of them is a fuse; a network needs the head that it puts on")
    for number, phase in enumerate(phases):
        before, after = phases[:number], phases[number + 1 :]
        wrong = (
            _out_of_place(phase, before, after)
            or phase.check(before, after)
            or next(filter(None, (other.check_other(phase) for other in (*before, *after))), "")
        )
        if wrong:
            raise ValueError(f"phases.{number}: {wrong}")


def _out_of_place(phase: Phase, before: Sequence[Phase], after: Sequence[Phase]) -> str:
    """Say what must come before or after a phase, by what each phase says of itself."""
    if phase.needs_head and not any(other.puts_on_head for other in before):
        return f"{phase.do} needs a fuse before it"
    if phase.once and any(other.do == phase.do for other in before):
        return f"a second {phase.do}: {phase.once}"
    if phase.needs_train and not any(other.trains for other in after):
        return f"{phase.do} needs a train after it{phase.needs_train}"
    last = next((other for other in before if other.comes_last), None)
    if last is not None and not phase.comes_last:
        return f"{phase.do} comes after {last.do}; calibrate, evaluate and predict come last"
    return ""
