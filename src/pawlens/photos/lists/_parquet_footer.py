"""What the footer of a Parquet file says of the sizes of its columns, read without trust.

pyarrow gives them too, and ends the whole process where a column in a damaged footer says nothing
of itself. The footer is a struct of Thrift, in its compact protocol:
https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md, whose fields are
those of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["TAIL_BYTES", "ColumnPart", "column_parts", "footer_length"]

TAIL_BYTES = 8
"""Number of bytes at the end of the file: the length of the footer before them, and a mark."""

# Numbers of fields: FileMetaData, RowGroup, ColumnChunk, ColumnMetaData.
_ROW_GROUPS, _COLUMNS, _META_DATA, _NUM_VALUES, _UNCOMPRESSED = 4, 1, 3, 5, 6
_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(
    13
)
_DEEPEST = 32  # structs and lists within each other; a footer needs six
_LONGEST = 10  # bytes of a number of 64 bits


class ColumnPart(NamedTuple):
    """What a footer says of a column within one group of rows."""

    values: int
    bytes: int


def footer_length(tail: bytes) -> int:
    """Return the number of bytes of the footer, from the last bytes of the file."""
    return int.from_bytes(tail[:4], "little")


def column_parts(footer: bytes) -> list[ColumnPart]:
    """Read how many values each part of each column has, and how many bytes they unpack to.

    Parameters
    ----------
    footer : bytes
        The footer alone.

    Raises
    ------
    ValueError
        The footer is damaged, or a column says nothing of itself.
    """
    groups = _list(_Reader(footer).struct(), _ROW_GROUPS)
    return [_part(column) for group in groups for column in _list(group, _COLUMNS)]


def _part(column: Any) -> ColumnPart:
    told = column.get(_META_DATA) if isinstance(column, dict) else None
    if isinstance(told, dict):
        values, unpacked = told.get(_NUM_VALUES), told.get(_UNCOMPRESSED)
        if isinstance(values, int) and isinstance(unpacked, int) and min(values, unpacked) >= 0:
            return ColumnPart(values, unpacked)
    raise ValueError("a column has no sizes")


def _list(struct: Any, field: int) -> list[Any]:
    found = struct.get(field, []) if isinstance(struct, dict) else None
    if not isinstance(found, list):
        raise ValueError(f"field {field} is no list")
    return found


class _Reader:
    """A reader of Thrift's compact protocol; what is read beyond the end is a ValueError."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._depth = data, 0, 0

    def struct(self) -> dict[int, Any]:
        """Read fields by number, up to the stop."""
        fields: dict[int, Any] = {}
        number = 0
        self._enter()
        while (head := self._byte()) & 15 != _STOP:
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind)
        self._depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._signed()
        if kind in (_TRUE, _FALSE, _BYTE):  # within a list
            return self._byte()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._number())
        if kind in (_LIST, _SET):
            head = self._byte()
            return self._many(head >> 4 if head >> 4 < 15 else self._number(), head & 15)
        if kind == _MAP:
            return self._map()
        if kind == _STRUCT:
            return self.struct()
        raise ValueError(f"there is no kind {kind}")

    def _many(self, count: int, *kinds: int) -> list[Any]:
        if count > len(self._data) - self._at:  # each takes a byte at least
            raise ValueError("a list is longer than its file")
        self._enter()
        values = [self._value(kind) for _ in range(count) for kind in kinds]
        self._depth -= 1
        return values

    def _map(self) -> list[Any]:
        count = self._number()
        kinds = self._byte() if count else 0
        return self._many(count, kinds >> 4, kinds & 15)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("it is nested too deeply")

    def _signed(self) -> int:
        number = self._number()
        return number >> 1 ^ -(number & 1)

    def _number(self) -> int:
        number = 0
        for place in range(_LONGEST):
            byte = self._byte()
            number |= (byte & 127) << 7 * place
            if byte < 128:
                return number
        raise ValueError("a number does not end")

    def _byte(self) -> int:
        if self._at == len(self._data):
            raise ValueError("it ends too early")
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) < count:
            raise ValueError("it ends too early")
        self._at += count
        return found
