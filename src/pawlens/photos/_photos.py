"""The table of photos and how it is read from what the user has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, overload

from ..errors import PhotosError, UnreadablePhoto
from ._decode import decode
from ._formats import HEAD_BYTES, looks_like_photo, name_unread, why_not_photo, why_unread
from ._layout import photos_from_names
from ._lists import LIST_SUFFIXES, read_list
from ._photo import Photo, natural_key
from ._stores import FolderStore, Store, ZipStore

if TYPE_CHECKING:
    import os

    import numpy as np
    import numpy.typing as npt

__all__ = ["Photos", "Skipped"]

_LISTS_IN_FOLDERS = ("*_list.txt", "*.csv", "*.tsv", "*.parquet")


class Skipped(NamedTuple):
    """A file among the photos that is not a photo."""

    path: str
    reason: str


class Photos(Sequence[Photo]):
    """An immutable table of photos; the pixels stay where they are.

    Parameters
    ----------
    photos : iterable of Photo
        The rows. Paths must be unique.
    store : Store
        The folder or the archive that holds the bytes.
    name : str
        A short name, used for the default run folder.
    skipped : iterable of Skipped
        Files that were seen and left out.

    Raises
    ------
    PhotosError
        A path is listed twice, or is not UTF-8.

    See Also
    --------
    Photos.read : the way to make a table from a folder, an archive or a list.

    Examples
    --------
    >>> from pawlens import Photos
    >>> photos = Photos.read("photos")
    >>> photos
    Photos('photos', 27 photos, 2 classes)
    >>> photos.classes
    ['cat', 'dog']
    >>> photos[3].path, photos[3].label, photos[3].split
    ('train/cat.0.jpg', 'cat', 'train')
    >>> len(photos[:10])
    10
    """

    def __init__(
        self, photos: Iterable[Photo], store: Store, *, name: str, skipped: Iterable[Skipped] = ()
    ) -> None:
        self._photos = tuple(photos)
        self._store = store
        self.name = name
        self.skipped = tuple(skipped)
        twice = [p for p, n in Counter(photo.path for photo in self._photos).items() if n > 1]
        if twice:
            raise PhotosError(f"{store.location}: {twice[0]!r} is listed twice")
        for path in (*self.paths, *(file.path for file in self.skipped)):
            _check_name(path, store.location)

    @classmethod
    def read(
        cls,
        source: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        labels: bool = True,
    ) -> Photos:
        """Read a folder, a zip archive, a list, one photo, or several photo files.

        Parameters
        ----------
        source : path or sequence of paths
            Class folders (also inside train/valid/test folders); files named ``cat.0.jpg``; a zip
            of either, read in place; a CSV, TSV or Parquet list (``path,label[,split]``); a plain
            list of files. A folder that holds one list and no class folders is read by its list.
        labels : bool
            False when only the photos are wanted, whatever their layout.

        Returns
        -------
        Photos
            The photos in natural order of their paths (9 before 10), or in the order of the list.

        Raises
        ------
        PhotosError
            The source is missing, empty, ambiguous or hostile.

        Examples
        --------
        >>> from pawlens import Photos
        >>> Photos.read("photos/train", labels=False).classes
        []
        """
        if not isinstance(source, str) and isinstance(source, Sequence):
            return cls._from_files([Path(s) for s in source])
        path = Path(source)
        if path.is_dir():
            return cls._from_folder(path, labels)
        if not path.exists():
            raise PhotosError(f"{path}: no such file or folder")
        if path.suffix.lower() in LIST_SUFFIXES:
            store = FolderStore(path.parent)
            return cls(read_list(path, labels=labels), store, name=path.stem)
        head = FolderStore(path.parent).head(path.name)
        is_photo = looks_like_photo(head) or name_unread(head, path.name) is not None
        if is_photo or why_not_photo(path.name) == "":
            return cls._from_files([path])
        if head[:2] != b"PK":
            raise PhotosError(f"{path}: not a folder, zip, list (CSV, TSV, Parquet) or photo")
        return cls._from_store(ZipStore(path), path.stem, labels)

    @classmethod
    def at(cls, location: Path, photos: Iterable[Photo]) -> Photos:
        """Make a table of known rows over a folder or a zip archive; file names are not read again.

        Raises
        ------
        PhotosError
            The archive cannot be read, or two rows have one path.
        """
        store: Store = FolderStore(location) if location.is_dir() else ZipStore(location)
        return cls(photos, store, name=location.stem)

    @classmethod
    def _from_files(cls, files: Sequence[Path]) -> Photos:
        missing = next((f for f in files if not f.is_file()), None)
        if missing is not None:
            what = "a folder" if missing.is_dir() else "no such file"
            raise PhotosError(
                f"{missing}: {what}; name one folder, zip or list alone, or photo files"
            )
        if not files:
            raise PhotosError("no photos were given")
        photos = [Photo(str(f)) for f in files]
        return cls(photos, FolderStore(Path()), name=files[0].stem)

    @classmethod
    def _from_folder(cls, folder: Path, labels: bool) -> Photos:
        photos = cls._from_store(FolderStore(folder), folder.resolve().name, labels)
        if not labels or any(photo.labels for photo in photos):
            return photos
        lists = sorted(path for pattern in _LISTS_IN_FOLDERS for path in folder.glob(pattern))
        if len(lists) > 1:
            raise PhotosError(
                f"{folder}: photos without class folders and {len(lists)} lists "
                f"({', '.join(p.name for p in lists)}); name the list instead of the folder"
            )
        if lists:
            listed = read_list(lists[0], labels=labels)
            in_list = {PurePosixPath(photo.path).as_posix() for photo in listed}
            beside = [
                Skipped(p, f"not in {lists[0].name}") for p in photos.paths if p not in in_list
            ]
            skipped = [*photos.skipped, *beside]
            return cls(listed, FolderStore(folder), name=photos.name, skipped=skipped)
        return photos

    @classmethod
    def _from_store(cls, store: Store, name: str, labels: bool) -> Photos:
        names, skipped = [], []
        members = store.names()
        around = _around_folders(members) if labels else set()
        for member in members:
            reason = _why_not_photo(store, member, around)
            if reason is None:
                names.append(member)
            else:
                skipped.append(Skipped(member, reason))
        if not names:
            seen = f"; it holds {skipped[0].path!r} ({skipped[0].reason})" if skipped else ""
            raise PhotosError(f"{store.location}: no photos in it{seen}")
        names.sort(key=natural_key)
        if labels:
            rows = photos_from_names(names, str(store.location))
        else:
            rows = [Photo(n) for n in names]
        return cls(rows, store, name=name, skipped=skipped)

    def __len__(self) -> int:
        return len(self._photos)

    def __iter__(self) -> Iterator[Photo]:
        return iter(self._photos)

    @overload
    def __getitem__(self, index: int) -> Photo: ...

    @overload
    def __getitem__(self, index: slice) -> Photos: ...

    def __getitem__(self, index: int | slice) -> Photo | Photos:
        """Return one `Photo`, or the `Photos` of a slice."""
        if isinstance(index, slice):
            return self.subset(range(*index.indices(len(self))))
        return self._photos[index]

    def __repr__(self) -> str:
        return f"Photos({str(self.location)!r}, {len(self)} photos, {len(self.classes)} classes)"

    @property
    def location(self) -> Path:
        """The folder or archive that the paths are relative to."""
        return self._store.location

    @property
    def paths(self) -> list[str]:
        """The key of every row, in order."""
        return [photo.path for photo in self._photos]

    @property
    def classes(self) -> list[str]:
        """All labels that occur, sorted naturally (9 before 10)."""
        return sorted({label for p in self._photos for label in p.labels}, key=natural_key)

    def subset(self, rows: Iterable[int]) -> Photos:
        """Return a table of the given rows, in the given order."""
        return self.with_rows(self._photos[i] for i in rows)

    def with_rows(self, photos: Iterable[Photo]) -> Photos:
        """Return a table with other rows over the same bytes, for example with other labels."""
        return Photos(photos, self._store, name=self.name, skipped=self.skipped)

    def read_bytes(self, row: int) -> bytes:
        """Read the encoded photo of a row.

        Raises
        ------
        UnreadablePhoto
            The file cannot be read, or is of a format that is not; the message is the reason.
        """
        path = self._photos[row].path
        data = self._store.read(path)
        unread = name_unread(data[:HEAD_BYTES], path)
        if unread is not None:
            raise UnreadablePhoto(why_unread(unread))
        return data

    def decode(self, row: int, *, min_side: int | None = None) -> npt.NDArray[np.uint8]:
        """Decode the photo of a row.

        Parameters
        ----------
        row : int
        min_side : int, optional
            See `pawlens.decode`.

        Returns
        -------
        ndarray of uint8, shape (H, W, 3)
            Upright RGB.

        Raises
        ------
        UnreadablePhoto
            The photo cannot be read or decoded; the message is the reason.

        Examples
        --------
        >>> from pawlens import Photos
        >>> pixels = Photos.read("photos").decode(0)
        >>> pixels.dtype, pixels.ndim
        (dtype('uint8'), 3)
        """
        return decode(self.read_bytes(row), min_side=min_side)


def _check_name(path: str, location: Path) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raw = path.encode("utf-8", "surrogateescape")
        raise PhotosError(
            f"{location}: the file name {raw!r} is not UTF-8; rename it, for example with convmv"
        ) from error


def _around_folders(names: Iterable[str]) -> set[PurePosixPath]:
    """Return the folders that hold folders of files."""
    parents = {PurePosixPath(name).parent for name in names}
    return {around for parent in parents for around in parent.parents}


def _why_not_photo(store: Store, name: str, around: set[PurePosixPath]) -> str | None:
    """Say why a file is no photo, or None; a logo or a film beside class folders is none."""
    reason = why_not_photo(name)
    if reason is not None:
        return reason or None
    try:
        head = store.head(name)
    except UnreadablePhoto as error:
        return str(error)
    unread = name_unread(head, name)
    if unread is not None:
        return why_unread(unread) if PurePosixPath(name).parent in around else None
    return None if looks_like_photo(head) else "not a photo"
