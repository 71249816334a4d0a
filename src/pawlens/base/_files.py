"""Files that are either wholly there or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..errors import RunError

__all__ = ["PARTIAL", "make_folder", "user_cache", "write_atomic"]

PARTIAL = ".writing-"
"""How the names of files begin that a crash may leave behind; they are never read."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, never sees a part of it.

    Raises
    ------
    RunError
        When the disk is full or the folder cannot be written; nothing is left behind, and what was
        there before stays.
    """
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=PARTIAL, delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise RunError(
            f"{path}: cannot be written ({error.strerror}); free space or choose another folder"
        ) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents.

    Raises
    ------
    RunError
        When it cannot be created or something else has its name.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be created ({error.strerror}); choose another folder"
        ) from error


def user_cache() -> Path:
    """Where features, scans and conversions are kept: ``$PAWLENS_CACHE`` or the system's."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("PAWLENS_CACHE")
    return Path(chosen) if chosen else user_cache_path("pawlens")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
