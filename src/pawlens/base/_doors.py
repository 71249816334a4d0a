"""Doors for other packages: parts of one kind by name, built in or found by entry points.

A package offers a part by an entry point in its own ``pyproject.toml``::

    [project.entry-points."pawlens.checks"]
    watermark = "my_package:WatermarkCheck"

Only installed packages are asked, and a package is imported when one of its parts is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..errors import PluginError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["Door", "instance_of"]

DoorPart = TypeVar("DoorPart")


class Door(Generic[DoorPart]):
    """Parts of one kind by name: the built-in ones first, then those of installed packages.

    Parameters
    ----------
    group : str
        The group of entry points, for example ``"pawlens.checks"``.
    noun : str
        What a part is called in messages, for example ``"audit check"``.
    built_in : mapping of str to DoorPart
        They stand in the same table as all others, and no package can take their names.
    accept : callable
        Gets the name and what an entry point loaded, and returns the part. It raises TypeError or
        ValueError, with what is wrong, for anything that is no such part.

    Examples
    --------
    >>> door = Door("pawlens.examples", "example", {"one": 1}, accept=lambda name, part: part)
    >>> door.names(), door.get("one")
    (['one'], 1)
    """

    def __init__(
        self,
        group: str,
        noun: str,
        built_in: Mapping[str, DoorPart],
        *,
        accept: Callable[[str, object], DoorPart],
    ) -> None:
        self.group, self.noun = group, noun
        self._built_in, self._accept = dict(built_in), accept
        self._loaded: dict[str, DoorPart] = {}
        self._entries: dict[str, EntryPoint] = {}
        self._looked_in: tuple[str, ...] | None = None

    def names(self) -> list[str]:
        """Every name, the built-in ones first.

        Raises
        ------
        PluginError
            A package offers a name that is taken.
        """
        return [*self._built_in, *self._offered()]

    def get(self, name: str) -> DoorPart:
        """The part of a name.

        Raises
        ------
        KeyError
            There is no part of this name.
        PluginError
            The package that offers it cannot be imported, or offers something else.
        """
        if name in self._built_in:
            return self._built_in[name]
        entry = self._offered()[name]
        if name not in self._loaded:
            self._loaded[name] = self._load(entry)
        return self._loaded[name]

    def __iter__(self) -> Iterator[DoorPart]:
        """All parts, the built-in ones first."""
        return (self.get(name) for name in self.names())

    def package_of(self, name: str) -> str:
        """The package that a part comes from, with its version; ``pawlens`` for a built-in one."""
        return "pawlens" if name in self._built_in else _package(self._offered()[name])

    def is_built_in(self, name: str) -> bool:
        """Whether a part comes with pawlens itself."""
        return name in self._built_in

    def failure(self, name: str, error: Exception) -> PluginError:
        """The error to raise where a part of a package failed at its work: one line.

        Parameters
        ----------
        name : str
        error : Exception
            What the part raised.
        """
        return _failure(self._offered()[name], self.noun, "failed", error)

    def _offered(self) -> dict[str, EntryPoint]:
        """The entry points by name; looked for once for each search path, as it takes a while."""
        if self._looked_in != tuple(sys.path):
            self._entries, self._loaded = self._look(), {}
            self._looked_in = tuple(sys.path)
        return self._entries

    def _look(self) -> dict[str, EntryPoint]:
        from importlib.metadata import entry_points  # slow, and nobody needs it on import

        offered: dict[str, EntryPoint] = {}
        for entry in sorted(entry_points(group=self.group), key=lambda e: (e.name, e.value)):
            other = offered.get(entry.name)
            if entry.name in self._built_in or (other is not None and other.value != entry.value):
                owner = "pawlens itself" if other is None else _package(other)
                raise PluginError(
                    f"{_package(entry)} offers the {self.noun} {entry.name!r}, a name that "
                    f"{owner} has; uninstall the package, or ask its author to rename the part"
                )
            offered[entry.name] = entry
        return offered

    def _load(self, entry: EntryPoint) -> DoorPart:
        try:
            return self._accept(entry.name, entry.load())
        except Exception as error:  # whatever the package's own code raises
            raise _failure(entry, self.noun, "cannot be used", error) from error


def instance_of(kind: type[Any], name: str, part: object, *, titled: bool = True) -> Any:
    """Take an object of a class that packages derive from, or a derived class without arguments.

    Parameters
    ----------
    kind : type
        A class that `pawlens.plugins` has by the same name.
    name : str
        What the part is called in messages.
    part : object
        What an entry point loaded.
    titled : bool
        Whether it must have a title.

    Raises
    ------
    TypeError
        It is neither, or has no title.
    """
    made = part() if isinstance(part, type) else part
    if not isinstance(made, kind):
        raise TypeError(f"{name} is no pawlens.plugins.{kind.__name__}, nor a class of one")
    if titled and not isinstance(getattr(made, "title", None), str):
        raise TypeError(f"{name} has no title")
    return made


def _failure(entry: EntryPoint, noun: str, what: str, error: Exception) -> PluginError:
    words = " ".join(str(error).split()) or "no reason is told"
    return PluginError(
        f"{_package(entry)}: its {noun} {entry.name!r} ({entry.value}) {what} "
        f"({type(error).__name__}: {words}); update or uninstall the package"
    )


def _package(entry: EntryPoint) -> str:
    return "a package" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
