"""The phases of a recipe: each is one class that knows its words, its checks and its run."""

from ._augment import AUGMENT_PRESETS, Augment
from ._blocks import CacheSplit, Freeze, Unfreeze
from ._clean import Clean
from ._explore import Explore
from ._fuse import Fuse
from ._last import Calibrate, Evaluate, Predict
from ._phase import Phase
from ._rate import FindRate
from ._search import Search
from ._session import RunInProgress, RunSteps, TrainingSession, TrainingSteps
from ._space import Choice, Range, Values
from ._table import NO_PHASE, PHASES, UNKNOWN_PHASE, AnyPhase, accept_phase
from ._train import Train

__all__ = [
    "AUGMENT_PRESETS",
    "NO_PHASE",
    "PHASES",
    "UNKNOWN_PHASE",
    "AnyPhase",
    "Augment",
    "CacheSplit",
    "Calibrate",
    "Choice",
    "Clean",
    "Evaluate",
    "Explore",
    "FindRate",
    "Freeze",
    "Fuse",
    "Phase",
    "Predict",
    "Range",
    "RunInProgress",
    "RunSteps",
    "Search",
    "Train",
    "TrainingSession",
    "TrainingSteps",
    "Unfreeze",
    "Values",
    "accept_phase",
]
