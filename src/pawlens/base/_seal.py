"""Checksums of kept files: a flipped bit is told, or what it is in is made again.

Two kinds. A file of our own ends in a seal, the SHA-256 of all that comes before it; the seal is
written as an entry of ONNX's metadata, so that a sealed graph is a graph that every runtime reads,
and whatever else is sealed has a tail that its reader does not look at. A folder whose files others
read too has ``SHA256SUMS`` beside them, which ``sha256sum --check`` reads as well.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from ._files import write_atomic
from ._regular import open_regular, read_regular

__all__ = [
    "SEAL_KEY",
    "SUMS",
    "check_sum",
    "is_intact",
    "seal_file",
    "sealed",
    "unsealed",
    "update_sum",
    "write_sums",
]

SEAL_KEY = "pawlens.sha256"
"""The name of the entry of ONNX's metadata that is the seal."""
SUMS = "SHA256SUMS"
"""The file with the checksums of the others in its folder."""

_DIGITS = 64
_KEY = SEAL_KEY.encode()
_ENTRY = bytes([0x0A, len(_KEY)]) + _KEY + bytes([0x12, _DIGITS])  # field 1, field 2
_HEAD = bytes([0x72, len(_ENTRY) + _DIGITS]) + _ENTRY  # field 14 of a ModelProto
_LENGTH = len(_HEAD) + _DIGITS
_CHUNK = 1 << 20


def sealed(data: bytes) -> bytes:
    """Return data with its seal."""
    return data + _HEAD + hashlib.sha256(data).hexdigest().encode()


def unsealed(data: bytes, *, must: bool = True) -> bytes:
    """Return data without its seal.

    Parameters
    ----------
    data : bytes
    must : bool
        Whether there has to be one; files of earlier versions had none.

    Raises
    ------
    ValueError
        The seal is missing, or the data are not those that were sealed.
    """
    content, tail = data[:-_LENGTH], data[-_LENGTH:]
    if not tail.startswith(_HEAD):
        if must:
            raise ValueError("its checksum is missing")
        return data
    if sealed(content)[-_LENGTH:] != tail:
        raise ValueError("its checksum is wrong")
    return content


def seal_file(path: Path) -> None:
    """Put the seal at the end of a file that is larger than memory should be."""
    digest = _digest(path, path.stat().st_size)
    with path.open("ab") as file:
        file.write(_HEAD + digest.encode())


def is_intact(path: Path) -> bool:
    """Whether a file is there with its seal, and is as it was sealed.

    A file is read once in a process, as long as it is the same one of the same time.
    """
    try:
        facts = path.stat()
        return _is_intact(path, facts.st_ino, facts.st_size, facts.st_mtime_ns)
    except OSError:
        return False


@lru_cache(maxsize=256)
def _is_intact(path: Path, inode: int, size: int, time: int) -> bool:
    if size < _LENGTH:
        return False
    with open_regular(path) as file:
        file.seek(size - _LENGTH)
        tail = file.read()
    return tail == _HEAD + _digest(path, size - _LENGTH).encode()


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while size and (chunk := file.read(min(_CHUNK, size))):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()


def write_sums(folder: Path, files: Mapping[str, bytes | None]) -> None:
    """Write the checksums of files: of those that lie in the folder, or of what will be written.

    Parameters
    ----------
    folder : Path
    files : mapping of str to bytes or None
        By name, what the file will hold; None where it is there already.
    """
    lines = []
    for name, data in sorted(files.items()):
        path = folder / name
        known = None if data is None else hashlib.sha256(data).hexdigest()
        lines.append(f"{known or _digest(path, os.stat(path).st_size)}  {name}\n")
    write_atomic(folder / SUMS, "".join(lines).encode())


def update_sum(path: Path, data: bytes) -> None:
    """Note the checksum of what one file will hold; nothing where its folder keeps no checksums.

    Parameters
    ----------
    path : Path
    data : bytes
    """
    sums = path.parent / SUMS
    if not sums.exists():
        return
    lines = read_regular(sums).decode("utf-8", "replace").splitlines()
    others = [line for line in lines if line.partition("  ")[2] != path.name]
    own = f"{hashlib.sha256(data).hexdigest()}  {path.name}"
    ordered = sorted([*others, own], key=lambda line: line.partition("  ")[2])
    write_atomic(sums, "".join(f"{line}\n" for line in ordered).encode())


def check_sum(path: Path) -> None:
    """Check a file by the checksums beside it; a folder of an earlier version has none.

    Raises
    ------
    ValueError
        The file is not the one that was written, or the checksums are damaged.
    OSError
        It cannot be read.
    """
    sums = path.parent / SUMS
    if not sums.exists():
        return
    pairs = (
        line.partition("  ") for line in read_regular(sums).decode("utf-8", "replace").split("\n")
    )
    listed = {name: digest for digest, _, name in pairs}
    if path.name not in listed:
        raise ValueError(f"{SUMS} beside it does not list it")
    if listed[path.name] != _digest(path, path.stat().st_size):
        raise ValueError(f"its checksum is not that in {SUMS}")
