"""The desk: takes the photos of a request in, within the bounded queue, and answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._refusals import Refused
from ._served import Answer, ServedModel

if TYPE_CHECKING:
    from ._incoming import Incoming
    from ._metrics import Metrics
    from ._record import Record

__all__ = ["Desk"]


class Desk:
    """Answers photos; refuses those for which there is no place.

    Parameters
    ----------
    queue : int
        Photos that may be accepted and not yet answered.
    metrics : Metrics
    record : Record or None
        Keeps what was answered.
    """

    def __init__(self, queue: int, metrics: Metrics, record: Record | None) -> None:
        self._queue, self._metrics, self._record = queue, metrics, record
        self._held = 0

    async def answer(self, model: ServedModel, photos: Sequence[Incoming]) -> list[Answer]:
        """Answer all photos of one request, in order.

        Raises
        ------
        Refused
            503 where the queue is full, 413 where the request alone is longer than the queue.
        """
        count = len(photos)
        if count > self._queue:
            raise Refused(413, "size", f"{count} photos, and the queue takes {self._queue}")
        if self._held + count > self._queue:
            raise Refused(503, "busy", "too many photos at once; try again")
        self._hold(count)
        try:
            answers = await _together(model, photos)
        finally:
            self._hold(-count)
        if self._record is not None:
            for photo, answer in zip(photos, answers, strict=True):
                await self._record.add(model, photo, answer)
        return answers

    def _hold(self, count: int) -> None:
        self._held += count
        self._metrics.queue.set(self._held)


async def _together(model: ServedModel, photos: Sequence[Incoming]) -> list[Answer]:
    if len(photos) == 1:  # a task of its own costs more than it tells
        return [await model.answer(photos[0])]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(model.answer(photo)) for photo in photos]
    return [task.result() for task in tasks]
