"""Sources of photo bytes: a folder or a zip archive, read in place."""

from __future__ import annotations

import os
import weakref
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from ...base import open_regular
from ...errors import PhotosError, UnreadablePhoto
from ..decoding import HEAD_BYTES, MAX_BYTES, why_not_photo
from ..layout import is_of_the_system, thumbnail_folders

_IS_UTF8 = 0x800  # flag of a zip's member

__all__ = ["FolderListing", "FolderStore", "Skipped", "Source", "Store", "ZipStore"]


class Skipped(NamedTuple):
    """A file among the photos that is not a photo."""

    path: str
    reason: str


class FolderListing:
    """Names of files and folders, and which of them are hidden or of the system."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._folders: dict[str, bool] = {}
        self._hidden: dict[str, str] = {}

    def add_folder(self, name: str) -> bool:
        """Add a folder; return whether to look into it."""
        if name not in self._folders:
            base = PurePosixPath(name).name
            reason = "of the system" if is_of_the_system(base) else "hidden"
            self._folders[name] = reason == "hidden" and not base.startswith(".")
            if not self._folders[name]:
                self._hidden[f"{name}/"] = reason
        return self._folders[name]

    def add_file(self, name: str) -> bool:
        """Add a file; return whether it is to be seen."""
        if not PurePosixPath(name).name.startswith("."):
            self.names.append(name)
            return True
        if name.endswith(".icloud"):
            self._hidden[name] = "a file that is in iCloud and not here; download it"
        elif why_not_photo(name) == "":
            self._hidden[name] = "hidden"
        return False

    def sorted(self) -> FolderListing:
        """Put names into one order, whatever the file system's is, and leave thumbnails out."""
        self.names.sort()
        thumbs = thumbnail_folders(self.names)
        if thumbs:
            self.names = [name for name in self.names if not _is_within(name, thumbs)]
            self._hidden |= {f"{name}/": "thumbnails, by its name" for name in thumbs}
            for name in self._folders:
                self._folders[name] &= not _is_within(name, thumbs)
        return self

    @property
    def folders(self) -> list[str]:
        return sorted(name for name, seen in self._folders.items() if seen)

    @property
    def hidden(self) -> list[Skipped]:
        return [Skipped(name, reason) for name, reason in sorted(self._hidden.items())]


def _is_within(name: str, folders: set[str]) -> bool:
    path = PurePosixPath(name)
    return not folders.isdisjoint(map(str, (path, *path.parents)))


class Store(Protocol):
    """A set of named files; safe to read from several threads."""

    location: Path

    def names(self) -> list[str]:
        """Relative POSIX names of all files, sorted; without those that are hidden."""

    def head(self, name: str) -> bytes:
        """The first bytes of a file."""

    def read(self, name: str) -> bytes:
        """All bytes of a file; UnreadablePhoto with the reason where that fails."""


class Source(Store, Protocol):
    """A store that photos are looked for in; it also tells what it does not list."""

    def folders(self) -> list[str]:
        """Relative POSIX names of all folders that are not hidden, empty ones too, sorted."""

    def hidden(self) -> list[Skipped]:
        """Folders (with a slash at the end) and photos that are hidden or of the system."""


class FolderStore:
    """Files below a folder; names may also be absolute paths, as photo lists have them.

    Linked folders are followed, unless they lead back to a folder that they are in.
    """

    def __init__(self, location: Path) -> None:
        self.location = location

    def names(self) -> list[str]:
        return self._listing.names

    def folders(self) -> list[str]:
        return self._listing.folders

    def hidden(self) -> list[Skipped]:
        return self._listing.hidden

    @cached_property
    def _listing(self) -> FolderListing:
        listing = FolderListing()
        for folder, subfolders, files in os.walk(
            self.location, onerror=_refuse_folder, followlinks=True
        ):
            inside = Path(folder).relative_to(self.location)
            subfolders[:] = [
                name
                for name in subfolders
                if not _loops(folder, name) and listing.add_folder((inside / name).as_posix())
            ]
            for name in files:
                listing.add_file((inside / name).as_posix())
        return listing.sorted()

    def head(self, name: str) -> bytes:
        try:
            with open_regular(self.location / name) as file:
                return file.read(HEAD_BYTES)
        except (OSError, ValueError):
            return b""

    def read(self, name: str) -> bytes:
        try:
            with open_regular(os.path.join(self.location, name)) as file:
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
            file = open_regular(location)
            weakref.finalize(self, file.close)  # a zip closes what it opened itself alone
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise PhotosError(f"{location}: not a readable zip archive ({error})") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        self._listing = FolderListing()
        members = self._zip.infolist()
        encoding = _encoding_of_names(members)
        for info in members:
            name = _member_name(info, encoding)
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
                raise PhotosError(
                    f"{location}: member {name!r} points outside the archive; nothing was read"
                )
            if info.flag_bits & 0x1:
                raise PhotosError(f"{location}: {name!r} is encrypted; unpack the archive first")
            folders = path.parents if not name.endswith("/") else (path, *path.parents)
            if not all(self._listing.add_folder(str(folder)) for folder in reversed(folders[:-1])):
                continue
            if path.parts and not name.endswith("/") and self._listing.add_file(name):
                if name in self._members:
                    raise PhotosError(f"{location}: two members are called {name!r}")
                self._members[name] = info
        self._listing = self._listing.sorted()

    def names(self) -> list[str]:
        return self._listing.names

    def folders(self) -> list[str]:
        return self._listing.folders

    def hidden(self) -> list[Skipped]:
        return self._listing.hidden

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


def _encoding_of_names(members: Sequence[zipfile.ZipInfo]) -> str:
    """Tell the encoding of all names without the UTF-8 flag, which old programs leave open.

    It is UTF-8, GBK as Windows in China writes it, or else that of DOS. In Chinese text nearly all
    characters are two bytes above ASCII; where one of them is often a letter, names are of DOS.
    """
    names = b"/".join(
        one.filename.encode("cp437", "replace") for one in members if not one.flag_bits & _IS_UTF8
    )
    for encoding in ("utf-8", "gbk"):
        with suppress(UnicodeError):
            text = names.decode(encoding)
            high = sum(byte >= 0x80 for byte in names)
            if 2 * high >= 3 * sum(character >= "\x80" for character in text):
                return encoding
    return "cp437"


def _member_name(info: zipfile.ZipInfo, encoding: str) -> str:
    """Return a member's name with forward slashes, whatever system wrote it."""
    name = info.filename
    if not info.flag_bits & _IS_UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode(encoding)
    return name.replace("\\", "/")


def _refuse_folder(error: OSError) -> None:
    raise PhotosError(f"{error.filename}: cannot be listed ({error.strerror})") from error


def _loops(folder: str, subfolder: str) -> bool:
    path = Path(folder, subfolder)
    return path.is_symlink() and Path(folder).resolve().is_relative_to(path.resolve())
