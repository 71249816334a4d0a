"""Addresses of photos that are not on this machine, such as ``s3://bucket/folder``."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["address_of", "place_of", "without_secrets"]

_ADDRESS = re.compile(r"(?:^|/)([a-z][a-z0-9+.-]+):/+(.+)$", re.S)
_SECRETS = re.compile(r"^([a-z][a-z0-9+.-]+://)(?:[^/@]*@)?([^?#]*).*$", re.S)
_LOCAL = ("file", "local")


def address_of(source: str | os.PathLike[str]) -> str | None:
    """Return the address that a text or a path is, or None where it is a file or folder.

    A path shortens ``s3://bucket`` to ``s3:/bucket``; what is kept in run folders is such a path.

    Examples
    --------
    >>> from pathlib import Path
    >>> from pawlens.photos import address_of
    >>> address_of(Path("s3://bucket/cats")), address_of("photos/cats")
    ('s3://bucket/cats', None)
    """
    text = os.fspath(source)
    match = _ADDRESS.search(text)
    if match is None or match[1] in _LOCAL or (match.start() and os.path.exists(text)):
        return None
    return f"{match[1]}://{match[2]}"


def without_secrets(address: str) -> str:
    """Take user, password, query and fragment, which may hold credentials, out of an address.

    Examples
    --------
    >>> from pawlens.photos import without_secrets
    >>> without_secrets("https://me:secret@example.org/cats?signature=abc")
    'https://example.org/cats'
    """
    return _SECRETS.sub(r"\1\2", address)


def place_of(path: str | os.PathLike[str]) -> str:
    """Where photos are, as run folders and audits note it: an address, or a whole path."""
    address = address_of(path)
    return str(Path(path).resolve()) if address is None else without_secrets(address)
