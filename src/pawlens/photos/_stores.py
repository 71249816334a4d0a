"""Sources of photo bytes: a folder or a zip archive, read in place."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from ..errors import PhotosError, UnreadablePhoto
from ._decode import MAX_BYTES
from ._formats import HEAD_BYTES

__all__ = ["FolderStore", "Skipped", "Store", "ZipStore"]


class Skipped(NamedTuple):
    """A file among the photos that is not a photo."""

    path: str
    reason: str


class Store(Protocol):
    """A set of named files; safe to read from several threads."""

    location: Path

    def names(self) -> list[str]:
        """Relative POSIX names of all files, sorted."""

    def head(self, name: str) -> bytes:
        """The first bytes of a file."""

    def read(self, name: str) -> bytes:
        """All bytes of a file; UnreadablePhoto with the reason where that fails."""


class FolderStore:
    """Files below a folder; names may also be absolute paths, as photo lists have them.

    Linked folders are followed, unless they lead back to a folder that they are in.
    """

    def __init__(self, location: Path) -> None:
        self.location = location

    def names(self) -> list[str]:
        names = []
        for folder, subfolders, files in os.walk(
            self.location, onerror=_refuse_folder, followlinks=True
        ):
            subfolders[:] = [
                s for s in subfolders if not s.startswith(".") and not _loops(folder, s)
            ]
            inside = Path(folder).relative_to(self.location)
            names += [(inside / f).as_posix() for f in files if not f.startswith(".")]
        return sorted(names)

    def head(self, name: str) -> bytes:
        try:
            with open(self.location / name, "rb") as file:
                return file.read(HEAD_BYTES)
        except (OSError, ValueError):
            return b""

    def read(self, name: str) -> bytes:
        try:
            with open(os.path.join(self.location, name), "rb") as file:
                # `read` takes the memory that it is told before it reads.
                size = os.fstat(file.fileno()).st_size
                return file.read(min(size, MAX_BYTES) + 1)
        except OSError as error:
            raise UnreadablePhoto(f"cannot be read: {error.strerror or error}") from error
        except ValueError as error:  # a name that no file can have
            raise UnreadablePhoto(f"cannot be read: {error}") from error


class ZipStore:
    """Members of a zip archive, never written to disk.

    Raises
    ------
    PhotosError
        The file is not a zip, is encrypted, or has a member whose name points outside the archive.
    """

    def __init__(self, location: Path) -> None:
        self.location = location
        try:
            self._zip = zipfile.ZipFile(location)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise PhotosError(f"{location}: not a readable zip archive ({error})") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            name = _member_name(info)
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
                raise PhotosError(
                    f"{location}: member {name!r} points outside the archive; nothing was read"
                )
            if info.flag_bits & 0x1:
                raise PhotosError(f"{location}: {name!r} is encrypted; unpack the archive first")
            hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
            if path.parts and not name.endswith("/") and not hidden:
                if name in self._members:
                    raise PhotosError(f"{location}: two members are called {name!r}")
                self._members[name] = info

    def names(self) -> list[str]:
        return sorted(self._members)

    def head(self, name: str) -> bytes:
        return self._read(name, HEAD_BYTES)

    def read(self, name: str) -> bytes:
        if name not in self._members:
            raise UnreadablePhoto(f"not in {self.location.name}")
        return self._read(name, MAX_BYTES + 1)

    def _read(self, name: str, limit: int) -> bytes:
        # Never more than the limit is inflated, whatever size the archive declares.
        try:
            with self._zip.open(self._members[name]) as file:
                return file.read(limit)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise UnreadablePhoto(f"damaged in the archive: {error}") from error
        except MemoryError:  # no fault of the photo's
            raise
        except Exception as error:  # zlib.error, an unknown method: no common root
            raise UnreadablePhoto(f"cannot be unpacked: {error}") from error


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name with forward slashes, whatever system wrote it.

    Without the UTF-8 flag, the encoding that Windows in China writes is tried.
    """
    name = info.filename
    if not info.flag_bits & 0x800:
        for encoding in ("utf-8", "gbk"):
            try:
                name = info.filename.encode("cp437").decode(encoding)
                break
            except UnicodeError:
                continue
    return name.replace("\\", "/")


def _refuse_folder(error: OSError) -> None:
    raise PhotosError(f"{error.filename}: cannot be listed ({error.strerror})") from error


def _loops(folder: str, subfolder: str) -> bool:
    path = Path(folder, subfolder)
    return path.is_symlink() and Path(folder).resolve().is_relative_to(path.resolve())
