"""Parts joined to one table, once it is sure that nothing is lost or doubled."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import Watcher, draft_of, first_few, make_folder, one_line, tell, watched
from ...errors import UsageError
from ...photos import Scan, near_duplicate_groups
from ._part import MANIFEST, PART_FOLDER, Manifest, PartFile, PartNumber

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Merged", "merge"]

_SHOWN = 5


@dataclass(frozen=True)
class Merged:
    """What came of a merge: the file, its rows, the parts, and how many photos have no answer."""

    path: Path
    rows: int
    parts: int
    unreadable: int


def merge(parts: str | Path, out: str | Path | None = None, *, progress: Watcher = None) -> Merged:
    """Join the parts that `write_part` wrote to one Parquet file, in the order of the photos.

    Every part must be there, whole and of the same photos, model, precision and version; each file
    must have the bytes that were written; and the paths of all rows together must be those of the
    list of photos, in its order. Rows of an audit get the column ``group``: photos that show the
    same picture share a number, whatever their parts.

    Parameters
    ----------
    parts : path
        The folder of the parts.
    out : path, optional
        The file to write; ``merged.parquet`` in that folder by default.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        A part is missing, unfinished, damaged, or of another whole.
    RunError
        The file cannot be written.

    Examples
    --------
    >>> from pawlens import write_part
    >>> done = [write_part("predict", "photos", f"{i}/2", "answers") for i in (1, 2)]
    >>> found = merge("answers")
    >>> found.rows, found.parts, found.path.name
    (27, 2, 'merged.parquet')
    """
    import pyarrow.parquet as pq

    folder = Path(parts)
    path = folder / "merged.parquet" if out is None else Path(out)
    if path.suffix.lower() != ".parquet":
        raise UsageError(f"{path}: its ending says the format, use .parquet")
    manifests = _manifests(folder)
    facts = manifests[0].facts
    groups = _groups(folder, manifests) if facts["job"] == "audit" else None
    make_folder(path.parent)
    digest, rows, unreadable = hashlib.sha256(), 0, 0
    with watched(progress) as told, draft_of(path, alone=True) as draft:
        writer = None
        try:
            for table in _tables(folder, manifests):
                if groups is not None:
                    table = table.append_column("group", [groups[rows : rows + table.num_rows]])
                writer = writer or pq.ParquetWriter(draft, table.schema, compression="zstd")
                writer.write_table(table)
                for name in table["path"].to_pylist():
                    digest.update(name.encode() + b"\0")
                rows += table.num_rows
                unreadable += sum(status != "ok" for status in table["status"].to_pylist())
                tell(told, "joining parts", rows, facts["photos"])
        finally:
            if writer is not None:
                writer.close()
        if rows != facts["photos"] or digest.hexdigest() != facts["list"]:
            raise UsageError(
                f"{folder}: its {rows:,} rows are not the {facts['photos']:,} photos of the list, "
                "in their order; compute the parts again in another folder"
            )
    return Merged(path, rows, len(manifests), unreadable)


def _manifests(folder: Path) -> list[Manifest]:
    """Read the manifests of all parts in order, and make sure that they are of one whole."""
    found: dict[PartNumber, Manifest | None] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        match = PART_FOLDER.fullmatch(path.name)
        if match and path.is_dir():
            which = PartNumber(int(match[1]), int(match[2]))
            try:
                found[which] = Manifest.read(path / MANIFEST)
            except FileNotFoundError:
                found[which] = None
    if not found:
        raise UsageError(f"{folder}: no parts in it; make them with --shard 1/N --out {folder}")
    totals = sorted({which.of for which in found})
    if len(totals) > 1:
        raise UsageError(
            f"{folder}: parts of {totals[0]} and of {totals[1]} are in it; keep one kind"
        )
    numbers = range(1, totals[0] + 1)
    parts = [found.get(PartNumber(number, totals[0])) for number in numbers]
    missing = [number for number, part in zip(numbers, parts, strict=True) if part is None]
    if missing:
        shown = first_few([f"{number}/{totals[0]}" for number in missing], _SHOWN, str)
        raise UsageError(
            f"{folder}: {len(missing)} of {totals[0]} parts are not done: {shown}; run the "
            "same command with --shard for each of them"
        )
    whole = [part for part in parts if part is not None]
    for number, part in zip(numbers, whole, strict=True):
        _check_of_one_whole(folder, whole[0], part, number)
    return whole


def _check_of_one_whole(folder: Path, first: Manifest, part: Manifest, number: int) -> None:
    of = first.facts.get("parts")
    if part.number != number or of != part.facts.get("parts"):
        raise UsageError(f"{folder}: the folder of part {number} holds part {part.number}")
    for key in sorted({*first.facts, *part.facts}):
        one, other = first.facts.get(key), part.facts.get(key)
        if one != other:
            mend = "; set PAWLENS_PRECISION=f32 on all machines" if key == "precision" else ""
            raise UsageError(
                f"{folder}: part {number}/{of} has another {key} than part 1/{of} ({other}, not "
                f"{one}); compute it again as the others{mend}"
            )


def _tables(folder: Path, manifests: list[Manifest], columns: Any = None) -> Iterator[pa.Table]:
    """Yield the files of all parts in order, each verified."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for part in manifests:
        which = PartNumber(part.number, part.facts["parts"])
        expected = which.rows(part.facts["photos"])
        _check_rows(folder / which.folder, part.files, expected)
        for file in part.files:
            path = folder / which.folder / file.name
            if not file.is_intact(path.parent):
                raise UsageError(
                    f"{path}: missing or damaged; run the same command with --shard {which} again"
                )
            try:
                table = pq.read_table(path, columns=columns)
            except (OSError, pa.ArrowException) as error:
                raise UsageError(f"{path}: cannot be read ({one_line(error)})") from error
            if table.num_rows != file.rows:
                raise UsageError(f"{path}: has {table.num_rows} rows, not {file.rows}")
            yield table


def _check_rows(folder: Path, files: tuple[PartFile, ...], expected: range) -> None:
    at = expected.start
    for file in files:
        if file.start != at:
            raise UsageError(f"{folder / file.name}: begins at row {file.start}, not at {at}")
        at += file.rows
    if at != expected.stop:
        raise UsageError(f"{folder}: ends at row {at}, not at {expected.stop}")


def _groups(folder: Path, manifests: list[Manifest]) -> pa.Array:
    import pyarrow as pa

    names = ["sha256", "phash", "mirrored"]
    scans = [
        Scan(sha or "", phash=phash or "", mirrored=mirrored or "")
        for table in _tables(folder, manifests, names)
        for sha, phash, mirrored in zip(*(table[n].to_pylist() for n in names), strict=True)
    ]
    return pa.array(near_duplicate_groups(scans))
