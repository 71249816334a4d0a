"""The record of what a server answered: hashes, answers and features as Parquet parts."""

from __future__ import annotations

import asyncio
import io
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..base import make_folder, write_atomic
from ..errors import PawlensError

if TYPE_CHECKING:
    from ._diary import Diary
    from ._incoming import Incoming
    from ._metrics import Metrics
    from ._served import Answer, ServedModel

__all__ = ["Record"]

_ROWS = 1000
_SECONDS = 60.0
_MOST = 100_000  # rows that wait for a disk that is full; the oldest go
_MOST_BYTES = 64 * 1024 * 1024  # of their features, which take most of the memory and go first


class Record:
    """Keeps one row for each photo, in parts that are whole as soon as they have their name.

    A part is written once it has 1,000 rows or a minute has passed. Where that fails, answering
    goes on: failures are counted, the first of a row of them is noted, and the rows are kept and
    tried again with the next part.

    Parameters
    ----------
    folder : Path
    keep_photos : bool
        Whether the photos are kept too, as ``photos/SHA256``.
    metrics : Metrics
    diary : Diary
    """

    def __init__(self, folder: Path, keep_photos: bool, metrics: Metrics, diary: Diary) -> None:
        self._folder = folder
        self._photos = folder / "photos" if keep_photos else None
        make_folder(self._photos or folder)
        self._metrics, self._diary = metrics, diary
        self._rows: list[dict[str, Any]] = []
        self._writing = threading.Lock()
        self._last = time.monotonic()
        self._part = 0
        self._failing = False
        self._ended = threading.Event()
        self._clerk = threading.Thread(target=self._write_parts, daemon=True, name="record")
        self._clerk.start()

    async def add(self, model: ServedModel, photo: Incoming, answer: Answer) -> None:
        """Note an answer; where the photo is kept too, its file is written before that returns."""
        row = {
            "time": datetime.now(UTC),
            "sha256": photo.sha256,
            "model": model.name,
            "version": model.version,
            "model_sha256": model.sha256,
            "status": answer.status,
            "label": answer.label,
            "probabilities": list(answer.probabilities.items()),
            "scores": list(answer.scores.items()),
            "embedding": answer.embedding,
        }
        self._rows.append(row)
        if self._photos is not None:
            # In a thread: the disk must not hold up the answers to others.
            await asyncio.to_thread(self._keep, self._photos / photo.sha256, photo.data)

    def close(self) -> None:
        """Write what is left."""
        self._ended.set()
        self._clerk.join()
        self._write()

    def _keep(self, place: Path, data: bytes) -> None:
        if not place.exists():
            self._try(lambda: write_atomic(place, data))

    def _write_parts(self) -> None:
        while not self._ended.wait(0.2):
            if len(self._rows) >= _ROWS or time.monotonic() - self._last > _SECONDS:
                self._write()

    def _write(self) -> None:
        with self._writing:
            self._last = time.monotonic()
            count = len(self._rows)
            if not count:
                return
            rows = self._rows[:count]
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
            name = f"{stamp}-{os.getpid()}-{self._part:06d}.parquet"
            if self._try(lambda: write_atomic(self._folder / name, _parquet(rows))):
                del self._rows[:count]
                self._part += 1
            else:
                self._let_go()

    def _let_go(self) -> None:
        """Keep what waits for a full disk within limits, and say what is lost by that."""
        lost = max(len(self._rows) - _MOST, 0)
        del self._rows[:lost]
        held = bare = 0
        for row in reversed(self._rows.copy()):
            if row["embedding"] is not None:
                held += row["embedding"].nbytes
                if held > _MOST_BYTES:
                    row["embedding"] = None
                    bare += 1
        if lost or bare:
            self._diary.note("the record waits, and loses", rows=lost, embeddings=bare)

    def _try(self, work: Callable[[], object]) -> bool:
        try:
            work()
        except (OSError, PawlensError) as error:
            self._metrics.record_failures.inc()
            if not self._failing:  # once: a full disk would fill the log
                self._diary.note("the record cannot be written", reason=str(error))
            self._failing = True
            return False
        if self._failing:
            self._diary.note("the record is written again")
        self._failing = False
        return True


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    figures = pa.map_(pa.string(), pa.float64())
    texts = ("sha256", "model", "version", "model_sha256", "status", "label")
    schema = pa.schema(
        [
            ("time", pa.timestamp("us", tz="UTC")),
            *((name, pa.string()) for name in texts),
            ("probabilities", figures),
            ("scores", figures),
            ("embedding", pa.list_(pa.float32())),  # models of several widths may share a part
        ]
    )
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    return sink.getvalue()
