"""The table of photos: rows over bytes that stay where they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, overload

from ..base import cores
from ..errors import PhotosError, UnreadablePhoto
from ._photo import Photo, is_none, natural_key
from .decoding import HEAD_BYTES, decode, name_unread, why_unread
from .groups import with_groups
from .layout import check_spellings
from .lists import ColumnNames
from .reading import open_store, read_source
from .stores import Skipped, Store, address_of, without_secrets

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Photos"]


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
    notes : iterable of str
        What a person should know of how the photos and labels were found, a sentence each.
    further : mapping of str to mapping of str to str
        Columns of a list that are neither path, label nor split: name -> path -> text. Photos
        without a value are left out.
    labels_from : str
        Where labels were found, in words: ``"class folders"``.
    source : Path, optional
        What `Photos.read` was given, where that is one path.

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
        self,
        photos: Iterable[Photo],
        store: Store,
        *,
        name: str,
        skipped: Iterable[Skipped] = (),
        notes: Iterable[str] = (),
        further: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
        labels_from: str = "",
        source: Path | None = None,
    ) -> None:
        self._photos = tuple(photos)
        self._store = store
        self.name = name
        self.skipped = tuple(skipped)
        self.notes = tuple(notes)
        self.further = further
        self.labels_from = labels_from
        self.source = source
        twice = [p for p, n in Counter(photo.path for photo in self._photos).items() if n > 1]
        if twice:
            raise PhotosError(f"{store.location}: {twice[0]!r} is listed twice")
        for path in (*self.paths, *(file.path for file in self.skipped)):
            _check_name(path, store.location)

    @classmethod
    def read(
        cls,
        source: str | PathLike[str] | Sequence[str | PathLike[str]],
        *,
        labels: bool = True,
        path_column: str | None = None,
        label_column: str | None = None,
        group: str | None = None,
        group_name: str | None = None,
    ) -> Photos:
        """Read a folder, an archive, shards, a list, one photo, or several photo files.

        Parameters
        ----------
        source : path or sequence of paths
            Class folders (also inside train/valid/test folders); files named ``cat.0.jpg``; a zip
            of either, read in place; a list (CSV, TSV, JSON, JSON Lines, Parquet, plain text); tar
            shards of WebDataset and Parquet files with pictures, one or a folder of them. A list
            among the photos tells their labels, unless class folders do.
        labels : bool
            False when only the photos are wanted, whatever their layout.
        path_column, label_column : str, optional
            Columns of a list; found by their names by default. ``label_column`` may name several
            columns of 0 and 1, with commas between them, or be ``none``.
        group : str, optional
            Which photos are of one subject, camera, burst or video, and so never on both sides of a
            split: a column of the list; ``"folder"``, the folder beneath the class folder, as in
            ``class/animal/photo``; or ``"burst"``, photos that one camera took within three
            seconds, by EXIF. By default the column ``group`` of a list, where it has one.
        group_name : str, optional
            In place of `group`, a regular expression with one group in parentheses, searched for in
            the name of each file, or in the whole path where it has a slash.

        Returns
        -------
        Photos
            The photos in natural order of their paths (9 before 10), or in the order of the list.

        Raises
        ------
        PhotosError
            The source is missing, empty, ambiguous or hostile.
        UsageError
            Groups cannot be told in this way.

        Examples
        --------
        >>> from pawlens import Photos
        >>> Photos.read("photos/train", labels=False).classes
        []
        >>> Photos.read("photos", group_name=r"[.](\\d)")[3].group
        '0'
        """
        read = read_source(source, labels=labels, columns=ColumnNames(path_column, label_column))
        if labels:
            named = {x for photo in read.photos for x in photo.labels if not is_none(x)}
            check_spellings(named, str(read.store.location))
        table = cls(
            read.photos,
            read.store,
            name=read.name,
            skipped=read.skipped,
            notes=read.notes,
            further=read.further,
            labels_from=read.labels_from,
            source=_as_path(source) if isinstance(source, str | PathLike) else None,
        )
        return with_groups(table, group, group_name)

    @classmethod
    def at(cls, location: Path, photos: Iterable[Photo]) -> Photos:
        """Make a table of known rows over a folder, an archive or shards; names are not read again.

        Raises
        ------
        PhotosError
            The archive cannot be read, or two rows have one path.
        """
        rows = list(photos)
        store = open_store(location, [photo.path for photo in rows])
        return cls(rows, store, name=location.stem)

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
    def remote(self) -> bool:
        """Whether to read a photo is a request to somewhere else."""
        return bool(getattr(self._store, "requests", 0))

    @property
    def workers(self) -> int:
        """How many photos are worth reading at once: as many as requests, where they are remote."""
        return max(cores(), getattr(self._store, "requests", 0))

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

    def with_rows(self, photos: Iterable[Photo], *, notes: Iterable[str] = ()) -> Photos:
        """Return a table with other rows over the same bytes, and with further notes."""
        return Photos(
            photos,
            self._store,
            name=self.name,
            skipped=self.skipped,
            notes=(*self.notes, *notes),
            further=self.further,
            labels_from=self.labels_from,
            source=self.source,
        )

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


def _as_path(source: str | PathLike[str]) -> Path:
    address = address_of(source)
    return Path(source if address is None else without_secrets(address))


def _check_name(path: str, location: Path) -> None:
    try:
        path.encode()
    except UnicodeEncodeError as error:
        raw = path.encode("utf-8", "surrogateescape")
        raise PhotosError(
            f"{location}: the file name {raw!r} is not UTF-8; rename it, for example with convmv"
        ) from error
