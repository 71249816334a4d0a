"""Sizes of columns in the footers of Parquet files: those of pyarrow, and of damaged ones none."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.photos.lists._parquet_footer import TAIL_BYTES, column_parts, footer_length


def footer_of(table: pa.Table, **how: Any) -> tuple[bytes, pq.FileMetaData]:
    sink = io.BytesIO()
    pq.write_table(table, sink, **how)
    data = sink.getvalue()
    length = footer_length(data[-TAIL_BYTES:])
    return data[-TAIL_BYTES - length : -TAIL_BYTES], pq.read_metadata(io.BytesIO(data))


def told_by_pyarrow(facts: pq.FileMetaData) -> list[tuple[int, int]]:
    groups = [facts.row_group(i) for i in range(facts.num_row_groups)]
    chunks = [group.column(i) for group in groups for i in range(group.num_columns)]
    return [(chunk.num_values, chunk.total_uncompressed_size) for chunk in chunks]


@pytest.mark.parametrize("columns", [1, 3, 40])
@pytest.mark.parametrize("rows", [0, 1, 7, 3000])
def test_sizes_are_those_of_pyarrow(columns: int, rows: int) -> None:
    rng = np.random.default_rng(rows)
    held = {f"column {i}": rng.integers(0, 9, rows) * 10**i for i in range(min(columns, 18))}
    held |= {f"text {i}": [f"é{n}" * i for n in range(rows)] for i in range(18, columns)}
    lists = pa.array([[1.5] * (n % 4) or None for n in range(rows)], pa.list_(pa.float64()))
    flags = pa.array([n % 2 == 0 for n in range(rows)], pa.bool_())
    table = pa.table(held | {"lists": lists, "flags": flags})
    table = table.replace_schema_metadata({"huggingface": "x" * 300})
    footer, facts = footer_of(table, row_group_size=500)
    parts = column_parts(footer)
    assert [tuple(part) for part in parts] == told_by_pyarrow(facts)
    assert len(parts) == facts.num_row_groups * (columns + 2)


@settings(max_examples=400)
@given(data=st.data())
def test_damage_is_a_value_error_or_sizes(data: st.DataObject) -> None:
    raw = bytearray(footer_of(pa.table({"path": ["a", "b"], "n": [[1], []]}))[0])
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        try:
            parts = column_parts(damaged)
        except ValueError:
            continue
        assert all(part.values >= 0 and part.bytes >= 0 for part in parts)


@pytest.mark.parametrize(
    ("footer", "why"),
    [
        (b"", "ends too early"),
        (b"\x49\x1c\x19\x1c\x00\x00\x00", "a column has no sizes"),
        (b"\x49\xfc\xff\xff\xff\xff\x0f", "longer than its file"),
        (b"\x1c" * 100, "nested too deeply"),
        (b"\x15" + b"\xff" * 20, "does not end"),
        (b"\x1e\x00", "there is no kind 14"),
        (b"\x45\x02\x00", "field 4 is no list"),
    ],
)
def test_what_is_wrong_is_said(footer: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        column_parts(footer)


def test_maps_doubles_and_negative_numbers_are_passed() -> None:
    number = b"\x15\x03"  # field 1: -2
    floating = b"\x17" + b"\xff" * 8  # field 2
    pairs = b"\x1b\x02\x58\x02\x03abc\x04\x03def"  # field 3: two pairs of a number and text
    nothing = b"\x1b\x00"  # field 4 would be the groups: a map of nothing is an empty list
    assert column_parts(number + floating + pairs + nothing + b"\x00") == []


def footer_with(values: int, size: int) -> bytes:
    """One group of one column that says so many values and bytes of itself."""
    told = b"\x56" + bytes([zigzag(values)]) + b"\x16" + bytes([zigzag(size)])
    return b"\x49\x1c\x19\x1c\x3c" + told + b"\x00\x00\x00\x00"


def zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


@pytest.mark.parametrize(("values", "size"), [(3, 50), (0, 0), (63, 1)])
def test_sizes_are_taken(values: int, size: int) -> None:
    assert column_parts(footer_with(values, size)) == [(values, size)]


@pytest.mark.parametrize(("values", "size"), [(-1, 50), (3, -50), (-64, -64)])
def test_sizes_below_zero_are_none(values: int, size: int) -> None:
    with pytest.raises(ValueError, match="a column has no sizes"):
        column_parts(footer_with(values, size))
