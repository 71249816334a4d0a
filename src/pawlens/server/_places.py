"""Names and versions of the models that a server is to answer with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError

__all__ = ["Place", "parse_places"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_GIVEN = re.compile(r"(?:(?P<name>[^=/\\]+?)(?:@(?P<version>[^=@/\\]+))?=)?(?P<source>.+)")


@dataclass(frozen=True)
class Place:
    """A model that is to be served.

    Attributes
    ----------
    name, version : str
        What clients call it.
    source : str
        A run folder, a ``model.onnx``, or the name of the bundled classifier.
    """

    name: str
    version: str
    source: str


def parse_places(texts: Sequence[str]) -> list[Place]:
    """Read ``[NAME[@VERSION]=]RUN`` for each model.

    The name is by default that of the run folder; the version is the number of models of that name
    so far, counted from 1.

    Raises
    ------
    UsageError
        A name or version cannot stand in an address, or is given twice.

    Examples
    --------
    >>> from pawlens.server import parse_places
    >>> [(p.name, p.version) for p in parse_places(["runs/first", "pets@7=runs/second"])]
    [('first', '1'), ('pets', '7')]
    """
    places: list[Place] = []
    for text in texts:
        parts = _GIVEN.fullmatch(text)
        source = parts["source"] if parts else text
        path = Path(source)
        folder = path.resolve().parent if path.suffix == ".onnx" else path
        name = (parts and parts["name"]) or folder.name or source
        earlier = sum(place.name == name for place in places)
        version = (parts and parts["version"]) or str(earlier + 1)
        for word in (name, version):
            if not _NAME.fullmatch(word):
                raise UsageError(
                    f"{text}: {word!r} cannot stand in an address; use letters, digits, dots, - "
                    "and _, as in pets@2=RUN"
                )
        place = Place(name, version, source)
        if any((p.name, p.version) == (name, version) for p in places):
            raise UsageError(f"{text}: there is a model {name}@{version} already")
        places.append(place)
    return places
