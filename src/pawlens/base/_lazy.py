"""Public names that are imported when they are first used, so that importing a package is cheap."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

__all__ = ["lazy_name"]


def lazy_name(package: str, homes: Mapping[str, str], name: str) -> object:
    """Return a name of a package from the module that holds it; for its ``__getattr__``.

    Parameters
    ----------
    package : str
        The package's ``__name__``.
    homes : mapping of str to str
        The module of each name, relative to the package, such as ``"._audit"``.
    name : str

    Raises
    ------
    AttributeError
        The package has no such name.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(homes[name], package), name)
