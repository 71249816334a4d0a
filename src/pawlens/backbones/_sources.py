"""The table of backbone sources: those of pawlens, and those of installed packages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..base import Door, instance_of
from ..errors import UnknownBackbone
from ._source import BackboneSource
from ._source_bundled import BundledSource
from ._source_onnx import OnnxFileSource
from ._source_timm import TimmSource

__all__ = ["accept_source", "offered_backbones", "source_of", "telling_where"]

_BUILT_IN: dict[str, BackboneSource] = {
    "bundled": BundledSource(),
    "onnx": OnnxFileSource(),
    "timm": TimmSource(),  # the last to be asked: it claims every name
}


def accept_source(name: str, part: object) -> BackboneSource:
    """Take what an entry point loaded: a `BackboneSource`, or a class of one without arguments.

    Raises
    ------
    TypeError
        It is neither, or has no title.
    """
    source: BackboneSource = instance_of(BackboneSource, name, part)
    return source


_SOURCES = Door("pawlens.backbones", "backbone source", _BUILT_IN, accept=accept_source)


def source_of(name: str) -> tuple[BackboneSource, str]:
    """Tell which source a name belongs to, and what the name is there.

    ``SOURCE:NAME`` belongs to that source. Any other name belongs to the first built-in source
    that claims it: for those names no package is looked for, let alone imported.

    Parameters
    ----------
    name : str
        Without a size.

    Raises
    ------
    UnknownBackbone
        The source has no backbone of this name.
    PluginError
        The package that offers the source cannot be used.
    """
    prefix, colon, rest = name.partition(":")
    if colon and not name.endswith(".onnx") and prefix in _SOURCES.names():
        source = _SOURCES.get(prefix)
        if source.claims(rest):
            return source, rest
        there = ", ".join(f"{prefix}:{each}" for each in source.names()) or "none"
        raise UnknownBackbone(
            f"unknown backbone {name!r}, {source.title} ({_SOURCES.package_of(prefix)}) are: "
            f"{there}"
        )
    return next(source for source in _BUILT_IN.values() if source.claims(name)), name


def offered_backbones() -> list[tuple[str, str]]:
    """Every backbone of installed packages as a user writes it, with its package and version."""
    prefixes = [prefix for prefix in _SOURCES.names() if prefix not in _BUILT_IN]
    return [
        (f"{prefix}:{name}", _SOURCES.package_of(prefix))
        for prefix in prefixes
        for name in _SOURCES.get(prefix).names()
    ]


@contextmanager
def telling_where() -> Iterator[None]:
    """Add to the error for an unknown name where it was looked for."""
    try:
        yield
    except UnknownBackbone as error:
        places = [source.title for source in _BUILT_IN.values()]
        places += [
            f"{prefix}: ({_SOURCES.package_of(prefix)})"
            for prefix in _SOURCES.names()
            if prefix not in _BUILT_IN
        ]
        raise UnknownBackbone(f"{error}; looked in {', '.join(places)}") from error
