"""The table of phases: those built in, and those of installed packages."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, SerializeAsAny
from pydantic_core import PydanticCustomError

from ...base import Door
from ._blocks import CacheSplit, Freeze, Unfreeze
from ._clean import Clean
from ._explore import Explore
from ._fuse import Fuse
from ._last import Calibrate, Evaluate, Predict
from ._phase import Phase
from ._rate import FindRate
from ._search import Search
from ._train import Train

__all__ = ["NO_PHASE", "PHASES", "UNKNOWN_PHASE", "AnyPhase", "accept_phase"]

NO_PHASE, UNKNOWN_PHASE = "no_phase", "unknown_phase"
"""Types of the errors of a value that is no phase, or of one whose name is unknown."""


def accept_phase(name: str, part: object) -> type[Phase]:
    """Take the class that an entry point names, if it is a phase of that name.

    Raises
    ------
    TypeError
        It is no such phase; the message says what is missing.
    """
    if not (isinstance(part, type) and issubclass(part, Phase)):
        raise TypeError(f"{name} is no subclass of pawlens.plugins.Phase")
    if inspect.isabstract(part):
        raise TypeError(f"{part.__name__} has no method words()")
    if get_args(part.model_fields["do"].annotation) != (name,):
        raise TypeError(f"{part.__name__} must declare do: Literal[{name!r}]")
    return part


PHASES: Door[type[Phase]] = Door(
    "pawlens.phases",
    "recipe phase",
    {
        "explore": Explore,
        "fuse": Fuse,
        "freeze": Freeze,
        "unfreeze": Unfreeze,
        "find_rate": FindRate,
        "train": Train,
        "clean": Clean,
        "cache_split": CacheSplit,
        "search": Search,
        "calibrate": Calibrate,
        "evaluate": Evaluate,
        "predict": Predict,
    },
    accept=accept_phase,
)
"""Every phase by the name that stands behind ``do:`` in a recipe."""


def _read(values: Any) -> Phase:
    """Read the phase whose name stands in the values."""
    if isinstance(values, Phase):
        return values
    if not isinstance(values, Mapping) or "do" not in values:
        raise PydanticCustomError(NO_PHASE, "a phase needs a key 'do'")
    name = values["do"]
    try:
        kind = PHASES.get(name) if isinstance(name, str) else None
    except KeyError:
        kind = None
    if kind is None:
        raise PydanticCustomError(UNKNOWN_PHASE, "no phase has this name")
    return kind.model_validate(values)


AnyPhase = Annotated[SerializeAsAny[Phase], BeforeValidator(_read)]
"""A field that holds any phase, read by its ``do``."""
