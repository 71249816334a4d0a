"""One part of the work, done so that it can be killed, run again, and run twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import PARTIAL, Progress, Watcher, in_use, tell, watched, write_atomic, write_json
from ...errors import RunError
from ...models import BUNDLED, ModelLike
from ...photos import Photos, PhotosLike, as_photos, is_unreachable
from .._audit import check_apart
from ._jobs import Rows, common_facts, rows_of_job
from ._part import MANIFEST, Manifest, PartFile, PartJob, PartNumber, list_digest

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["PartDone", "write_part"]

_FILE_ROWS = 4096
_BEGUN = "begun.json"
_DIGITS = 16  # of its SHA-256 in the name of a file, so that one that is damaged is not taken


@dataclass(frozen=True)
class PartDone:
    """What came of a part.

    Attributes
    ----------
    folder : Path
    rows : int
        Photos of this part.
    computed : int
        Those that were computed now; the others lay there already.
    unreadable, unreachable : int
        Photos without an answer: for good, and for now. With the second kind a part has no
        manifest, and the same call tries those photos again.
    """

    folder: Path
    rows: int
    computed: int
    unreadable: int
    unreachable: int


def write_part(
    job: PartJob,
    photos: PhotosLike,
    part: str | PartNumber,
    out: str | Path,
    *,
    model: ModelLike = BUNDLED,
    progress: Watcher = None,
) -> PartDone:
    """Do one part of a job, into a folder of its own, so that any scheduler can share the work out.

    Every part reads the same list of photos and takes its rows. What is written is kept, so that a
    part that was killed goes on, and one that is done is left as it is. `merge` joins the parts.

    Parameters
    ----------
    job : {"embed", "predict", "audit"}
        Which rows to make: features, answers, or what an audit measures of single photos.
    photos : Photos, path, or sequence of paths
        All photos, the same for every part.
    part : str or PartNumber
        For example ``"3/64"``: the third of 64 parts.
    out : path
        The folder of all parts.
    model : Model, Run or path
        For ``embed`` and ``predict``; the classifier that comes with pawlens by default.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        There is no such part.
    PhotosError
        The photos are missing, or are none.
    RunError
        The part was begun with other photos, another model or another pawlens; the folder is in
        use, lies among the photos or cannot be written.

    Examples
    --------
    >>> done = write_part("embed", "photos", "2/3", "parts")
    >>> done.rows, done.unreadable, done.folder.name
    (9, 0, 'part-00002-of-00003')
    >>> write_part("embed", "photos", "2/3", "parts").computed
    0
    """
    which = part if isinstance(part, PartNumber) else PartNumber.parse(part)
    table = as_photos(photos, labels=False)
    check_apart(Path(out), table)
    whole = {"photos": len(table), "list": list_digest(table.paths), "parts": which.of}
    facts = common_facts(job, model) | whole
    with in_use(Path(out) / which.folder) as folder, watched(progress) as told:
        _check_begun(folder, facts)
        rows = which.rows(len(table))
        compute = _Lazy(job, model)
        files, counts, computed = [], {"unreadable": 0, "unreachable": 0}, 0
        for chunk in _chunks(rows):
            file, held, new = _one_file(folder, table, chunk, compute, told)
            files.append(file)
            computed += new
            for status in held["status"].to_pylist():
                if status != "ok":
                    counts["unreachable" if is_unreachable(status) else "unreadable"] += 1
            tell(told, f"part {which}", chunk.stop - rows.start, len(rows))
        _clear(folder, {file.name for file in files})
        if not counts["unreachable"]:
            write_json(folder / MANIFEST, Manifest(facts, which.number, tuple(files)).as_json())
        else:
            (folder / MANIFEST).unlink(missing_ok=True)
    return PartDone(folder, len(rows), computed, **counts)


class _Lazy:
    """The job's function, opened when there is something to compute."""

    def __init__(self, job: PartJob, model: ModelLike) -> None:
        self._job, self._model = job, model
        self._rows: Rows | None = None

    def __call__(self, photos: Photos, progress: Progress | None) -> pa.Table:
        if self._rows is None:
            self._rows = rows_of_job(self._job, self._model)
        return self._rows(photos, progress)


def _chunks(rows: range) -> Iterator[range]:
    """Cut rows into nearly equal files: the place of a cut depends on the part alone."""
    count = -(-len(rows) // _FILE_ROWS)
    cuts = [rows.start + len(rows) * i // count for i in range(count + 1)] if count else []
    yield from map(range, cuts[:-1], cuts[1:])


def _one_file(
    folder: Path, photos: Photos, chunk: range, compute: Rows, progress: Progress | None
) -> tuple[PartFile, pa.Table, int]:
    """Return a file, from the folder or computed now; what was unreachable is tried again."""
    kept = _kept_file(folder, chunk)
    if kept is not None:
        file, held = kept
        again = [row for row, s in enumerate(held["status"].to_pylist()) if is_unreachable(s)]
        if not again:
            return file, held, 0
        held = _replaced(held, again, compute(photos.subset(chunk[row] for row in again), progress))
        computed = len(again)
    else:
        held, computed = compute(photos.subset(chunk), progress), len(chunk)
    if held["path"].to_pylist() != [photos[row].path for row in chunk]:
        raise RunError(f"{folder}: rows {chunk.start} to {chunk.stop - 1} are not those asked for")
    data = _as_parquet(held)
    digest = hashlib.sha256(data).hexdigest()
    file = PartFile(f"rows-{chunk.start:010d}-{digest[:_DIGITS]}.parquet", *_span(chunk), digest)
    write_atomic(folder / file.name, data)
    return file, held, computed


def _kept_file(folder: Path, chunk: range) -> tuple[PartFile, pa.Table] | None:
    """Find the file of these rows that an earlier run wrote, if it is as it was written."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in sorted(folder.glob(f"rows-{chunk.start:010d}-*.parquet")):
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if path.stem.endswith(f"-{digest[:_DIGITS]}"):
            held = pq.read_table(pa.BufferReader(data))
            if held.num_rows == len(chunk):
                return PartFile(path.name, *_span(chunk), digest), held
    return None


def _span(chunk: range) -> tuple[int, int]:
    return chunk.start, len(chunk)


def _replaced(held: pa.Table, rows: list[int], news: pa.Table) -> pa.Table:
    """Put new rows in the place of some."""
    import pyarrow as pa

    order = list(range(held.num_rows))
    for number, row in enumerate(rows):
        order[row] = held.num_rows + number
    return pa.concat_tables([held, news]).take(order).combine_chunks()


def _as_parquet(table: pa.Table) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _check_begun(folder: Path, facts: dict[str, Any]) -> None:
    """Refuse a folder that was begun with other photos or another model; else note the facts."""
    path = folder / _BEGUN
    try:
        earlier = Manifest.read(path).facts
    except FileNotFoundError:
        write_json(path, Manifest(facts, 0, ()).as_json())
        return
    differs = [key for key in facts if earlier.get(key) != facts[key]]
    if differs:
        key = differs[0]
        raise RunError(
            f"{folder}: begun with another {key} ({earlier.get(key)}, now {facts[key]}); choose "
            "another folder with --out"
        )


def _clear(folder: Path, names: set[str]) -> None:
    """Take away what a crash, or an earlier try, left beside the files of a part."""
    for path in folder.iterdir():
        left = path.name.startswith("rows-") and path.name not in names
        if left or path.name.startswith(PARTIAL):
            path.unlink(missing_ok=True)
