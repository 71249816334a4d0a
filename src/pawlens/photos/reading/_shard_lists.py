"""Labels of photos in tar shards and in Parquet files with pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from ...errors import PhotosError
from ..lists import ColumnNames, Listing, cell_of, is_label, parse_json, read_rows, split_of_file
from ._numbers_as_words import in_words_of_paths
from ._shards import Shard, ShardStore

__all__ = ["LabelsBeside"]

_PICTURES = [
    "jpg",
    "jpeg",
    "jpe",
    "jfif",
    "webp",
    "png",
    "gif",
    "bmp",
    "tif",
    "tiff",
    "avif",
    "heic",
    "heif",
]
_BESIDE = ("cls", "json", "txt")
_MAX_LABEL = 1_000_000  # bytes


class _Names(NamedTuple):
    """Finds photos of shards by their keys, which are all there."""

    known: frozenset[str]

    def find(self, name: str, split: str | None = None) -> str | None:
        return name if name in self.known else None

    def finds(self, name: str) -> bool:
        return name in self.known

    def as_written(self, name: str) -> str:
        return name

    def tried(self, name: str) -> str:
        return f"{name!r} was looked for"


class LabelsBeside:
    """The labels that lie beside the photos of shards.

    A WebDataset tar has files of one name: a picture, and its label as ``cls``, ``json`` or
    ``txt``. A Parquet file has a row for each picture.

    Parameters
    ----------
    store : ShardStore

    Raises
    ------
    PhotosError
        A label cannot be read.

    Attributes
    ----------
    some, most : bool
        Whether any photo has something beside it, and whether most have; rows are always beside.
    """

    def __init__(self, store: ShardStore) -> None:
        self._store = store
        self._records: dict[str, dict[str, str]] = {}
        self._splits: dict[str, str | None] = {}
        self._left: list[str] = []
        self._has_rows = any(shard.rows for shard in store.shards)
        for shard in store.shards:
            if shard.rows:
                beside = _parquet_records(store, shard)
            else:
                beside = _tar_records(store, shard.names, self._left)
            self._records |= beside
            self._splits |= dict.fromkeys(beside, split_of_file(shard.place))
        told = sum(map(bool, self._records.values()))
        self.some = self._has_rows or told > 0
        self.most = self._has_rows or 2 * told > len(self._records)

    def only_describe(self, by_folder: Mapping[str, str]) -> bool:
        """Return whether what lies beside photos of class folders tells no label.

        These are texts that nearly all differ, and objects without a label.
        """
        told = [record for record in self._records.values() if record]
        columns = {column for record in told for column in record}
        if not by_folder or "cls" in columns:
            return False
        if columns != {"txt"}:
            return not any(is_label(column, weak=True) or is_label(column) for column in columns)
        distinct = {record["txt"] for record in told}
        return 2 * len(distinct) > len(told) and not distinct & set(by_folder.values())

    def in_words(self) -> str:
        """Say that these labels are not used."""
        told = [name for name, record in self._records.items() if record]
        number = f"{len(told):,} of {len(self._records):,} photos"
        return (
            f"{self._store.location.name}: {number} have a file of labels or text beside them, as "
            f"{told[0]!r}, which is not used: folders, names or a list tell the labels"
        )

    def read(self, *, labels: bool, columns: ColumnNames, by_folder: Mapping[str, str]) -> Listing:
        """Read the photos with these labels.

        The split of a shard is the first word of its name (``train-00000-of-00002.parquet``), or a
        folder that it is in.

        Parameters
        ----------
        labels, columns
            See `read_list`.
        by_folder : mapping of str to str
            Path -> class of the photos that lie in class folders.

        Raises
        ------
        PhotosError
            A column is unknown or ambiguous, or a label contradicts the class folder.
        """
        records = {
            name: record if (split := self._splits[name]) is None else {"split": split, **record}
            for name, record in self._records.items()
        }
        names = list(dict.fromkeys(column for record in records.values() for column in record))
        key = self._store.pictures or "photo"
        while key in names:
            key = f"_{key}"
        rows = [[name, *(record.get(n, "") for n in names)] for name, record in records.items()]
        listing = read_rows(
            [[key, *names], *rows],
            _Names(frozenset(records)),
            header=True,
            where=self._store.location,
            labels=labels,
            columns=columns._replace(path=key),
        )
        if self._left:
            more = f"{len(self._left):,} more pictures lie beside photos and are not read"
            listing.notes.append(f"{self._store.location.name}: {more}, as {self._left[0]!r}")
        listing = in_words_of_paths(listing, by_folder)
        self._refuse_contradiction(listing, by_folder)
        return listing

    def _refuse_contradiction(self, listing: Listing, by_folder: Mapping[str, str]) -> None:
        labelled = [photo for photo in listing.photos if photo.labels and photo.path in by_folder]
        differ = [photo for photo in labelled if photo.labels != (by_folder[photo.path],)]
        if differ and {x for photo in labelled for x in photo.labels} & set(by_folder.values()):
            one = differ[0]
            raise PhotosError(
                f"{self._store.location}: {one.path!r} lies in class folder "
                f"{by_folder[one.path]!r}, and the file beside it says {';'.join(one.labels)!r}; "
                "correct one of them, or leave the files beside the photos out"
            )


def _parquet_records(store: ShardStore, shard: Shard) -> dict[str, dict[str, str]]:
    """Read the cells beside each picture of a Parquet file."""
    header, *rows = shard.rows
    shown = [i for i, name in enumerate(header) if name != store.pictures]
    return {
        name: {header[i]: row[i] for i in shown}
        for name, row in zip(shard.names, rows, strict=True)
    }


def _tar_records(
    store: ShardStore, names: Iterable[str], left: list[str]
) -> dict[str, dict[str, str]]:
    """Read what lies beside each photo of a tar; other pictures of its name are added to `left`."""
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        path = PurePosixPath(name)
        stem, ending = _key_of(path.name)
        groups.setdefault((path.parent / stem).as_posix(), {})[ending.lower()] = name
    records: dict[str, dict[str, str]] = {}
    for files in groups.values():
        ranks = [(_rank(ending), name) for ending, name in files.items() if _rank(ending)]
        record: dict[str, str] = {}
        for ending in _BESIDE:
            if ranks and ending in files:
                record.update(_labels(store, files[ending], ending))
        if record and len(ranks) > 1:  # masks and depths lie beside the photo under its name
            first, *others = sorted(ranks)
            left += [name for _, name in others]
            ranks = [first]
        records.update((name, record) for _, name in ranks)
    return records


def _key_of(name: str) -> tuple[str, str]:
    """Split a name at its first dot, as WebDataset does, or behind a number: ``cat.0``, ``jpg``."""
    stem, _, ending = name.partition(".")
    while "." in ending and ending.partition(".")[0].isdecimal():
        number, _, ending = ending.partition(".")
        stem = f"{stem}.{number}"
    return stem, ending


def _rank(ending: str) -> tuple[int, ...]:
    """Return a key by which the picture of the simplest ending is first; empty for no picture."""
    *before, last = ending.split(".")
    return (1 + len(before), _PICTURES.index(last)) if last in _PICTURES else ()


def _labels(store: ShardStore, name: str, ending: str) -> Mapping[str, str]:
    """Read a file of labels beside a picture."""
    try:
        data = store.read(name)
        if len(data) > _MAX_LABEL:
            raise ValueError("it is too long for a label")
        text = data.decode("utf-8-sig").strip()
        if ending != "json":
            return {ending: text}
        content = parse_json(text)
    except (ValueError, RecursionError) as error:
        raise PhotosError(f"{store.location}: {name!r} holds no label ({error})") from error
    if isinstance(content, dict):
        return {str(column): cell_of(value) for column, value in content.items()}
    return {"label": cell_of(content)}
