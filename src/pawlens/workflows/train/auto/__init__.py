"""The choice of backbones in a given time, on the user's own photos."""

from ._bench import Bench
from ._candidates import AUTO, Candidate, find_candidates
from ._choice import Choice, Tried
from ._choose import Chooser
from ._deadline import Deadline, OutOfTime, read_duration

__all__ = [
    "AUTO",
    "Bench",
    "Candidate",
    "Choice",
    "Chooser",
    "Deadline",
    "OutOfTime",
    "Tried",
    "find_candidates",
    "read_duration",
]
