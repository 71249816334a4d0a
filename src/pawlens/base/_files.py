"""Files that are either wholly there or not at all, also as JSON and as Parquet."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import RunError

__all__ = [
    "PARTIAL",
    "as_json",
    "draft_of",
    "make_folder",
    "sync_folder",
    "user_cache",
    "write_atomic",
    "write_json",
    "write_table",
]

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
    with draft_of(path) as draft:
        draft.write_bytes(data)


def write_json(path: Path, content: Any) -> None:
    """Write values as indented JSON; see `write_atomic`."""
    write_atomic(path, as_json(content))


def as_json(content: Any) -> bytes:
    """Values as indented JSON, in UTF-8."""
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns of equal length as Parquet; see `write_atomic`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(columns)), sink, compression="zstd")
    write_atomic(path, sink.getvalue().to_pybytes())


@contextmanager
def draft_of(path: Path, *, alone: bool = False) -> Iterator[Path]:
    """Yield a draft that takes its name only if the block ends well, and once it is on disk.

    Parameters
    ----------
    path : Path
        The name that the draft takes.
    alone : bool
        Whether no other process or thread writes this file. The draft's name is then always the
        same, so that the next attempt takes the place of what a crash left, however large.

    Yields
    ------
    Path
        An empty file, with the rights that any new file has, beside `path`.

    Raises
    ------
    RunError
        When the disk is full or the folder cannot be written; nothing is left behind, and what was
        there before stays.
    """
    draft = path.with_name(PARTIAL + (path.name if alone else secrets.token_hex(8) + path.suffix))
    try:
        try:
            # Not by tempfile: its files are the owner's alone, and the umask, which would say what
            # rights they should have, can only be read by changing it for all threads.
            os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o666))
            yield draft
            _sync(draft, os.O_RDWR)
            draft.replace(path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error.strerror or error}); free space or choose another "
            "folder"
        ) from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, where the system can."""
    if os.name != "nt":
        # A folder that may be written but not read, or one of a network, is as safe as it gets.
        with suppress(OSError):
            _sync(folder, os.O_RDONLY)


def _sync(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


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
    """Return the folder of all caches: ``$PAWLENS_CACHE``, or the system's cache folder."""
    from platformdirs import user_cache_path

    chosen = os.environ.get("PAWLENS_CACHE")
    return Path(chosen) if chosen else user_cache_path("pawlens")
