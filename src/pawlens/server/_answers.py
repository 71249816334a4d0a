"""What ``/predict`` answers: a row for each photo of a request."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from fastapi.responses import JSONResponse

from ._incoming import photos_of

if TYPE_CHECKING:
    from fastapi import Request

    from ._desk import Desk
    from ._served import Answer, ServedModel
    from ._shelf import Shelf

__all__ = ["UNREADABLE", "answer_request", "named"]

UNREADABLE = 422
"""HTTP status where the only photo of a request cannot be read."""


async def answer_request(
    request: Request,
    shelf: Shelf,
    desk: Desk,
    model: str = "",
    version: str = "",
    *,
    maps: bool = False,
    embeddings: bool = False,
) -> JSONResponse:
    """Answer the photos of a request by a model of the shelf.

    Parameters
    ----------
    request : Request
    shelf : Shelf
    desk : Desk
    model, version : str
        As `Shelf.find` takes them.
    maps, embeddings : bool
        Whether each answer has a picture of where it comes from, and the pooled features.

    Raises
    ------
    Refused
        There is no such model, the body holds no photo, or there is no place for its photos.
    """
    served = shelf.find(model, version)
    photos = await photos_of(await request.body(), request.headers)
    answers = await desk.answer(served, photos)
    rows = [_row(p.name, answer) for p, answer in zip(photos, answers, strict=True)]
    for row, photo, answer in zip(rows, photos, answers, strict=True):
        if maps and answer.readable:
            row["map"] = base64.b64encode(await served.draw_map(photo)).decode()
        if embeddings and answer.embedding is not None:
            row["embedding"] = answer.embedding.tolist()
    lost = len(answers) == 1 and not answers[0].readable
    content = {"model": named(served), "photos": rows}
    return JSONResponse(content, UNREADABLE if lost else 200)


def named(model: ServedModel) -> dict[str, str]:
    """Return what tells a model from others: name, version and hash."""
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def _row(name: str, answer: Answer) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "status": answer.status, "label": answer.label}
    if answer.labels is not None:
        row["labels"] = list(answer.labels)
    if answer.set is not None:
        row["set"] = list(answer.set)
    return {**row, "probabilities": answer.probabilities, "scores": answer.scores}
