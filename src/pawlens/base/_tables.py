"""Parquet files read with their columns checked, so that a damaged one is told in one line."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ._regular import check_regular

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ColumnType", "check_columns", "one_line", "read_table"]

ColumnType = Literal["text", "texts", "number", "numbers", "flag"]
"""What a column holds; of the plural ones a list in each row."""


def read_table(
    path: Path, columns: Mapping[str, ColumnType], *, gaps: Container[str] = ()
) -> pa.Table:
    """Read a Parquet file that has certain columns, and maybe others.

    Parameters
    ----------
    path : Path
    columns : mapping of str to ColumnType
        The columns that must be there.
    gaps : container of str
        Those of them in which values may be missing.

    Raises
    ------
    ValueError
        The file cannot be read, or a column is missing, is there twice, has gaps or holds something
        else; the message is the reason without the path.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        check_regular(path)
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise ValueError(one_line(error)) from error
    check_columns(table, columns, gaps=gaps)
    return table


def check_columns(
    table: pa.Table, columns: Mapping[str, ColumnType], *, gaps: Container[str] = ()
) -> None:
    """Make sure that a table has certain columns; see `read_table`."""
    for name, wanted in columns.items():
        if table.column_names.count(name) != 1:
            raise ValueError(f"column {name!r} is missing")
        column = table[name]
        if not _is(column.type, wanted) or (column.null_count and name not in gaps):
            raise ValueError(f"column {name!r} has gaps or holds {column.type}")


def one_line(error: BaseException) -> str:
    """The message of an error without its line breaks."""
    return " ".join(str(error).split())


def _is(held: pa.DataType, wanted: ColumnType) -> bool:
    from pyarrow import types

    if types.is_null(held):  # a column of nothing at all
        return True
    if wanted in ("texts", "numbers"):
        inner: ColumnType = "text" if wanted == "texts" else "number"
        return (types.is_list(held) or types.is_large_list(held)) and _is(held.value_type, inner)
    if wanted == "text":
        return bool(types.is_string(held) or types.is_large_string(held))
    if wanted == "flag":
        return bool(types.is_boolean(held))
    return bool(types.is_integer(held) or types.is_floating(held))
