"""Parquet lists, hostile until proved otherwise: their columns as text, and their pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import check_regular
from ...errors import PhotosError
from ._json import cell_of, parse_json
from ._known_names import is_label
from ._parquet_footer import TAIL_BYTES, ColumnPart, column_parts, footer_length

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ParquetList", "holds_pictures"]

_ROOM = 64 * 1024 * 1024
_TIMES = 20
_MAX_ROWS = 5_000_000
_BATCH = 1024
_SOME = 64
_BATCH_BYTES = 16 * 1024 * 1024
_PICTURES = ("image", "img", "photo", "picture", "bytes", "jpg", "png")


class ParquetList:
    """A Parquet table of photos: paths and labels as text, or pictures as bytes.

    What its values take is counted while they are read, and a file that unpacks to far more than
    its own size is refused. Values that repeat are read once, so that a small file never takes
    much memory, whatever it claims.

    Parameters
    ----------
    source : Path or bytes
        The file, or what it holds.
    where : Path
        The file, for messages.
    pictures : str, optional
        The column of pictures that a person named.

    Raises
    ------
    PhotosError
        The file cannot be read, or would unpack to far more than its own size.
    """

    def __init__(self, source: Path | bytes, where: Path, pictures: str | None = None) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.location = location = where
        try:
            if isinstance(source, Path):
                check_regular(source)
            file = pa.BufferReader(source) if isinstance(source, bytes) else pa.OSFile(str(source))
            size = file.size()
            leaves = _text_leaves(pq.read_metadata(file))
            parts = _column_parts(file)
            self._file = pq.ParquetFile(file, read_dictionary=leaves)
            self.names: list[str] = self._file.schema_arrow.names
        except (pa.ArrowException, OSError, KeyError, ValueError) as error:
            raise self._unreadable(error) from error
        self._left = _ROOM + _TIMES * size
        facts = self._file.metadata
        if facts.num_rows > _MAX_ROWS:
            raise PhotosError(f"{location}: {facts.num_rows:,} rows are too many; split it")
        if sum(map(max, parts)) > self._left:
            raise self._too_large()
        self._types = dict(zip(self.names, self._file.schema_arrow.types, strict=True))
        self.pictures = self._picture_column(pictures)
        self._class_names = _class_names(self._file.schema_arrow.metadata)
        mean = sum(part.bytes for part in parts) // max(1, facts.num_rows)
        self._batch = max(1, min(_BATCH, _BATCH_BYTES // max(1, mean)))

    def text(self) -> list[list[str]]:
        """Return the cells of all columns as text, a list for each row, the names first.

        Several values are joined by ``;``. Numbers that stand for classes are given the names that
        Hugging Face keeps in the file. Of pictures the path beside them is given. Objects under a
        name of labels are what they name. Cells of other kinds, such as vectors, are empty.
        """
        shown = [name for name in self.names if self._is_shown(name)]
        columns: dict[str, list[str]] = {name: [] for name in shown}
        try:
            for batch in self._batches(shown):
                for name, array in zip(shown, batch.columns, strict=True):
                    columns[name] += self._cells(array, self._class_names.get(name))
            if self.pictures is not None:
                columns[self.pictures] = [path for _, path in self.photos()]
            nothing = [""] * int(self._file.metadata.num_rows)
            cells = zip(*(columns.get(name, nothing) for name in self.names), strict=True)
            return [list(self.names), *map(list, cells)] if self.names else []
        except ValueError as error:  # no text, or columns of several lengths
            raise self._unreadable(error) from error

    def photos(self) -> Iterator[tuple[bytes, str]]:
        """Yield the bytes of each picture, empty where there are none, and the path beside them."""
        for batch in self._batches([self.pictures]):
            held = batch.columns[0]
            if "struct" not in str(held.type):
                yield from ((data, "") for data in _values(held, b""))
                continue
            paths = held.field("path") if held.type.get_field_index("path") >= 0 else None
            texts = _values(paths, "") if paths is not None else [""] * len(held)
            yield from zip(_values(held.field("bytes"), b""), texts, strict=True)

    def _batches(self, names: list[Any]) -> Iterator[Any]:
        import pyarrow as pa

        try:
            for batch in self._file.iter_batches(self._batch, columns=names, use_threads=False):
                self._left -= sum(map(_unpacked, batch.columns))
                if self._left < 0:
                    raise self._too_large()
                yield batch
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from error

    def _is_shown(self, name: str) -> bool:
        held = self._types[name]
        told = is_label(name) or is_label(name, weak=True)
        return _is_text(held) or (told and _is_of_objects(held) and not _is_picture(name, held))

    def _cells(self, array: pa.Array, classes: list[str] | None) -> list[str]:
        from pyarrow import types

        if _is_of_objects(array.type):
            texts = (json.dumps(value, default=str) for value in array.to_pylist())
            return [cell_of(parse_json(text)) for text in texts]
        if types.is_list(array.type) or types.is_large_list(array.type):
            return [
                ";".join(self._cell(value, classes) for value in row or [])
                for row in array.to_pylist()
            ]
        return [self._cell(value, classes) for value in _values(array, None)]

    def _cell(self, value: object, classes: list[str] | None) -> str:
        if value is None or value != value or (classes and value == -1):
            return ""  # unknown; Hugging Face writes -1 for a class that is not told
        if classes and isinstance(value, int):
            if not 0 <= value < len(classes):
                raise PhotosError(
                    f"{self.location}: class {value} has no name; there are {len(classes)}"
                )
            return classes[value]
        return str(value).lower() if isinstance(value, bool) else str(value).strip()

    def _picture_column(self, wanted: str | None) -> str | None:
        found = [name for name in self.names if _is_picture(name, self._types[name])]
        named = [name for name in found if name == wanted]
        if len(found) > 1 and not named:
            raise PhotosError(
                f"{self.location}: columns {found[0]!r} and {found[1]!r} both hold pictures; "
                "choose with --path-column (path_column in Python)"
            )
        return next(iter(named or found), None)

    def _unreadable(self, error: Exception) -> PhotosError:
        reason = " ".join(str(error).split())
        return PhotosError(f"{self.location}: not a readable Parquet file ({reason})")

    def _too_large(self) -> PhotosError:
        return PhotosError(
            f"{self.location}: it would unpack to more than {_TIMES} times its own size, as no "
            "list of photos does; write it again from its source"
        )


def holds_pictures(source: Path | bytes, where: Path) -> bool:
    """Return whether a Parquet file holds pictures, and not their paths alone.

    Raises
    ------
    PhotosError
        The file cannot be read.
    """
    table = ParquetList(source, where)
    return table.pictures is not None and any(data for data, _ in islice(table.photos(), _SOME))


def _column_parts(file: pa.NativeFile) -> list[ColumnPart]:
    """Read the sizes of columns from a file whose metadata were read before."""
    tail = file.size() - TAIL_BYTES
    file.seek(tail)
    length = footer_length(file.read(TAIL_BYTES))
    file.seek(tail - length)
    return column_parts(file.read(length))


def _text_leaves(facts: Any) -> list[str]:
    leaves = (facts.schema.column(i) for i in range(len(facts.schema)))
    return [leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY"]


def _is_picture(name: str, held: pa.DataType) -> bool:
    """Return whether a column holds pictures: a struct with bytes, or bytes under a known name."""
    from pyarrow import types

    if types.is_struct(held):
        return bool(held.get_field_index("bytes") >= 0)
    value = held.value_type if types.is_dictionary(held) else held
    binary = types.is_binary(value) or types.is_large_binary(value)
    return bool(binary) and any(word in name.casefold() for word in _PICTURES)


def _is_text(held: pa.DataType) -> bool:
    """Return whether the cells of a column can be read as text; vectors of numbers cannot."""
    from pyarrow import types

    if types.is_list(held) or types.is_large_list(held):
        return _is_text(held.value_type) and not types.is_floating(held.value_type)
    if types.is_dictionary(held):
        held = held.value_type
    return not (types.is_nested(held) or types.is_binary(held) or types.is_large_binary(held))


def _is_of_objects(held: pa.DataType) -> bool:
    """Return whether a column holds an object or several in each row."""
    from pyarrow import types

    if types.is_list(held) or types.is_large_list(held):
        held = held.value_type
    return bool(types.is_struct(held))


def _values(array: pa.Array, missing: Any) -> list[Any]:
    """Return the values of an array; equal ones of a dictionary are one object."""
    from pyarrow import types

    if not types.is_dictionary(array.type):
        return [missing if value is None else value for value in array.to_pylist()]
    known = array.dictionary.to_pylist()
    return [missing if i is None else known[i] for i in array.indices.to_pylist()]


def _unpacked(array: pa.Array) -> int:
    """Return how many bytes the values of an array take, each counted as often as it occurs."""
    import pyarrow.compute as pc
    from pyarrow import types

    if types.is_struct(array.type) or types.is_list(array.type) or types.is_large_list(array.type):
        parts = array.flatten()
        return len(array) + sum(map(_unpacked, parts if isinstance(parts, list) else [parts]))
    if types.is_dictionary(array.type):
        sizes = pc.take(pc.binary_length(array.dictionary), array.indices)
        return len(array) + int(pc.sum(pc.cast(sizes, "int64")).as_py() or 0)
    return int(array.nbytes)


def _class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """Read the names of classes that Hugging Face keeps in a file, for each column with any."""
    try:
        content = json.loads((metadata or {})[b"huggingface"])
        features = content["info"]["features"]
        found = {}
        for column, feature in features.items():
            inner = feature.get("feature") if isinstance(feature, dict) else None
            names = (inner if isinstance(inner, dict) else feature).get("names")
            if isinstance(names, list) and names and all(isinstance(n, str) for n in names):
                found[column] = names
        return found
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return {}
