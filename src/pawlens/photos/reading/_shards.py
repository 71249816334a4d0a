"""Photos inside other files: tar shards, as WebDataset writes them, and Parquet with pictures."""

from __future__ import annotations

import re
import tarfile
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import compress
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from ...base import make_folder, open_regular, user_cache
from ...errors import PhotosError, UnreadablePhoto
from ..decoding import HEAD_BYTES, MAX_BYTES
from ..lists import ParquetList
from ..stores import FolderListing, Skipped

__all__ = ["SHARD_SUFFIXES", "Shard", "ShardStore", "is_compressed", "shards_of"]

SHARD_SUFFIXES = (".tar", ".parquet")
_MAX_MEMBERS = 5_000_000
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""The first bytes of what gzip, bzip2, xz and Zstandard write."""
_INSIDE = re.compile(r"(?i)^(.+?\.(?:tar|parquet))/")


class _Piece(NamedTuple):
    """Bytes of a file."""

    file: int
    offset: int
    size: int


class Shard(NamedTuple):
    """What is in one file: its place below the location, and the names of its photos in order.

    Of a Parquet file also the cells of its rows, the names of the columns first; and the folders
    that are told in the file.
    """

    place: Path
    names: list[str]
    rows: list[list[str]]
    folders: list[str]


class ShardStore:
    """Photos of one tar or Parquet file, or of several in a folder.

    A tar is read in place. The pictures of a Parquet file are unpacked into an unnamed file of the
    cache folder, which is gone with the store, because Parquet cannot be read photo by photo.

    Parameters
    ----------
    location : Path
        The file, or the folder of the files. There every name begins with that of its file.
    shards : sequence of Path
        The files.
    pictures : str, optional
        The column of pictures that a person named.

    Raises
    ------
    PhotosError
        A file cannot be read, or holds a name that points outside it, or one name twice.
    """

    def __init__(self, location: Path, shards: Sequence[Path], pictures: str | None = None) -> None:
        self.location = location
        self._lock = threading.Lock()
        self._files: list[IO[bytes]] = []
        self._pieces: dict[str, _Piece] = {}
        self.pictures = pictures
        self.shards: list[Shard] = []
        self._hidden: list[Skipped] = []
        for shard in shards:
            place = Path(shard.name) if shard == location else shard.relative_to(location)
            prefix = "" if shard == location else f"{place.as_posix()}/"
            listing = FolderListing()
            parquet = shard.suffix.lower() == ".parquet"
            read = self._parquet(shard, listing) if parquet else self._tar(shard, listing)
            found, rows = read
            names = [prefix + name for name, _ in found]
            folders = [prefix + name for name in listing.folders]
            self._pieces.update(zip(names, (piece for _, piece in found), strict=True))
            self._hidden += [Skipped(f"{place.as_posix()}/{p}", why) for p, why in listing.hidden]
            self.shards.append(Shard(place, names, rows, folders))

    def __del__(self) -> None:
        for file in self._files:
            file.close()

    def names(self) -> list[str]:
        return sorted(self._pieces)

    def folders(self) -> list[str]:
        return [folder for shard in self.shards for folder in shard.folders]

    def hidden(self) -> list[Skipped]:
        return self._hidden

    def head(self, name: str) -> bytes:
        return self._read(name, HEAD_BYTES)

    def read(self, name: str) -> bytes:
        return self._read(name, MAX_BYTES + 1)

    def _read(self, name: str, limit: int) -> bytes:
        piece = self._pieces.get(name)
        if piece is None:
            raise UnreadablePhoto(f"not in {self.location.name}")
        size = min(piece.size, limit)
        with self._lock:
            file = self._files[piece.file]
            try:
                file.seek(piece.offset)
                data = file.read(size)
            except OSError as error:
                raise UnreadablePhoto(f"cannot be read: {error.strerror or error}") from error
        if len(data) < size:
            raise UnreadablePhoto(f"cut off: {self.location.name} ends in it")
        return data

    def _tar(
        self, shard: Path, listing: FolderListing
    ) -> tuple[list[tuple[str, _Piece]], list[list[str]]]:
        try:
            file = open_regular(shard)  # kept for reading
        except OSError as error:
            raise PhotosError(f"{shard}: cannot be read ({error.strerror})") from error
        self._files.append(file)
        found: dict[str, _Piece] = {}
        for member in _members(shard):
            path = PurePosixPath(member.name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
                raise PhotosError(
                    f"{shard}: member {member.name!r} points outside the archive; nothing was read"
                )
            folders = (path, *path.parents) if member.isdir() else path.parents
            if not all(listing.add_folder(str(one)) for one in reversed(folders[:-1])):
                continue
            name = path.as_posix()
            original = PurePosixPath(member.linkname).as_posix() if member.islnk() else ""
            if not member.isreg() and original not in found:
                if not member.isdir():
                    reason = "a link in the archive, which is not followed"
                    self._hidden.append(Skipped(f"{shard.name}/{name}", reason))
                continue
            if not listing.add_file(name):
                continue
            if name in found:
                raise PhotosError(f"{shard}: two members are called {name!r}")
            piece = _Piece(len(self._files) - 1, member.offset_data, member.size)
            found[name] = found.get(original, piece)
        seen = set(listing.sorted().names)
        return [(name, piece) for name, piece in found.items() if name in seen], []

    def _parquet(
        self, shard: Path, listing: FolderListing
    ) -> tuple[list[tuple[str, _Piece]], list[list[str]]]:
        table = ParquetList(shard, shard, self.pictures)
        if table.pictures is None:
            raise PhotosError(f"{shard}: no column of it holds pictures")
        self.pictures = table.pictures
        folder = user_cache()
        make_folder(folder)
        try:
            spool = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115, kept for reading
            self._files.append(spool)
            pieces, paths = [], []
            for data, path in table.photos():
                pieces.append(_Piece(len(self._files) - 1, spool.tell(), len(data)))
                paths.append(path)
                spool.write(data)
            spool.flush()
        except OSError as error:
            raise PhotosError(
                f"{shard}: its pictures cannot be unpacked into {folder} ({error.strerror}); free "
                "space, or choose another folder with $PAWLENS_CACHE"
            ) from error
        found = list(zip(_names(paths), pieces, strict=True))
        header, *rows = table.text()
        for name, _ in found:
            _add(listing, name)
        names = set(listing.sorted().names)
        seen = [name in names for name, _ in found]
        return list(compress(found, seen)), [header, *compress(rows, seen)]


def shards_of(location: Path, paths: Sequence[str]) -> list[Path]:
    """Return the shards in a folder that hold these photos; none where they are plain files."""
    inside = (_INSIDE.match(path) for path in paths)
    names = dict.fromkeys(match[1] for match in inside if match)
    return [location / name for name in names if (location / name).is_file()]


def _add(listing: FolderListing, name: str) -> None:
    """Add a photo to a listing, unless it lies in a folder that is passed over."""
    folders = PurePosixPath(name).parents[:-1]
    if all(listing.add_folder(str(folder)) for folder in reversed(folders)):
        listing.add_file(name)


def _members(shard: Path) -> Iterator[tarfile.TarInfo]:
    try:
        with open_regular(shard) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            for number, member in enumerate(archive):
                if number > _MAX_MEMBERS:
                    raise PhotosError(f"{shard}: more than {_MAX_MEMBERS:,} members; split it")
                yield member
                archive.members.clear()  # type: ignore[attr-defined]  # saves memory
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        mend = "; it is compressed: unpack it" if is_compressed(shard) else ""
        raise PhotosError(f"{shard}: not a readable tar archive ({error}){mend}") from error


def is_compressed(shard: Path) -> bool:
    """Return whether a file begins as compressed tars do."""
    try:
        with open_regular(shard) as file:
            return file.read(6).startswith(_COMPRESSED)
    except OSError:
        return False


def _names(paths: Sequence[str]) -> list[str]:
    """Name the photos of a Parquet file by their own paths, or by their rows where these fail."""
    safe = [_safe(path) for path in paths]
    counts = Counter(safe)
    width = len(str(len(paths)))
    return [
        name if name and counts[name] == 1 else f"row-{row:0{width}}{'-' + name if name else ''}"
        for row, name in enumerate(safe)
    ]


def _safe(path: str) -> str:
    """Return a stored path as a relative one; its last part alone where it leads elsewhere."""
    pure = PurePosixPath(path.replace("\\", "/"))
    outside = pure.is_absolute() or ".." in pure.parts or ":" in "".join(pure.parts[:1])
    return pure.name if outside or not pure.parts else pure.as_posix()
