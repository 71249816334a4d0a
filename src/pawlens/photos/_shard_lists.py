"""Labels of photos in tar shards and in Parquet files with pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import NamedTuple

from ..errors import PhotosError
from ._list_columns import ColumnNames
from ._list_json import cell_of, parse_json
from ._lists import Listing, read_rows, split_of_file
from ._shards import Shard, ShardStore

__all__ = ["read_shards"]

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


def read_shards(store: ShardStore, *, labels: bool, columns: ColumnNames) -> Listing | None:
    """Read the photos of shards, with the labels beside them.

    A WebDataset tar has files of one name: a picture, and its label as ``cls``, ``json`` or
    ``txt``. A Parquet file has a row for each picture. The split of a shard is the first word of
    its name (``train-00000-of-00002.parquet``), or a folder that it is in.

    Returns
    -------
    Listing or None
        None where nothing lies beside the pictures of a tar, whose names may still tell labels.

    Raises
    ------
    PhotosError
        A label cannot be read, or a column is unknown or ambiguous.
    """
    records: dict[str, dict[str, str]] = {}
    left: list[str] = []
    for shard in store.shards:
        if shard.rows:
            beside = _parquet_records(store, shard)
        else:
            beside = _tar_records(store, shard.names, left)
        split = split_of_file(shard.place)
        for name, record in beside.items():
            records[name] = record if split is None else {"split": split, **record}
    names = list(dict.fromkeys(column for record in records.values() for column in record))
    if not names and not any(shard.rows for shard in store.shards):
        return None
    key = store.pictures or "photo"
    while key in names:
        key = f"_{key}"
    rows = [[name, *(record.get(n, "") for n in names)] for name, record in records.items()]
    listing = read_rows(
        [[key, *names], *rows],
        _Names(frozenset(records)),
        header=True,
        where=store.location,
        labels=labels,
        columns=columns._replace(path=key),
    )
    if left:
        more = f"{len(left):,} more pictures lie beside photos and are not read, as {left[0]!r}"
        listing.notes.append(f"{store.location.name}: {more}")
    return listing


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
        stem, _, ending = path.name.partition(".")
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
