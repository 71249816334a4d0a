"""The choice of backbones in a given time, on the user's own photos."""

from ._bench import Bench
from ._candidates import AUTO, Candidate, find_candidates
from ._choice import Choice, Tried
from ._choose import Chooser
from ._deadline import Deadline, OutOfTime, read_duration
from ._sample import draw_sample, loses_by_int8

__all__ = [
    "AUTO",
    "Bench",
    "Candidate",
    "Choice",
    "Chooser",
    "Deadline",
    "OutOfTime",
    "Tried",
    "draw_sample",
    "find_candidates",
    "loses_by_int8",
    "read_duration",
]
