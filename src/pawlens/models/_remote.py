"""Answers of a server: photos are sent to it, and what it says of them is kept."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import numpy as np

from ..base import RowCache, Watcher, ordered_map, tell, user_cache, watched
from ..errors import RunError, UnreadablePhoto, UsageError
from ..photos import Photos, PhotosLike, as_photos
from ._predictions import Predictions

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["RemotePredictions", "ask_server", "is_address"]

_TOGETHER = 8  # photos that are asked about at the same time
_TRIES = 8
_PATIENCE = 60  # seconds for one answer
_LONGEST_WAIT = 10.0  # seconds between two tries
_MOST_BYTES = 64 * 1024 * 1024  # of one answer
_VERSION = 1  # of the rows that are kept


class RemotePredictions(Predictions):
    """Predictions that a server made; labels and scores are as it says them."""

    def __init__(
        self, paths: list[str], classes: list[str], answers: Sequence[Mapping[str, Any]]
    ) -> None:
        proba = np.array(
            [[a["probabilities"].get(name, np.nan) for name in classes] for a in answers],
            np.float64,
        ).reshape(len(answers), len(classes))
        super().__init__(paths, classes, proba, [str(a["status"]) for a in answers])
        self._answers = answers

    @property
    def labels(self) -> list[str | None]:
        """The label of each photo as the server says it; None where it could not be read."""
        return [a.get("label") for a in self._answers]

    @property
    def sets(self) -> list[tuple[str, ...] | None] | None:
        """The set of labels of each photo as the server says it; None where it gives none."""
        if all(a.get("set") is None for a in self._answers):
            return None
        return [None if a.get("set") is None else tuple(a["set"]) for a in self._answers]

    @property
    def scores(self) -> dict[str, npt.NDArray[np.float64]]:
        """Scores float64 (n,) of answers that are not classes."""
        names = dict.fromkeys(name for a in self._answers for name in a["scores"])
        return {
            name: np.array([a["scores"].get(name, np.nan) for a in self._answers]) for name in names
        }


def is_address(model: object) -> bool:
    """Whether a model is named by the address of a server."""
    return isinstance(model, str) and model.startswith(("http://", "https://"))


def ask_server(link: str, photos: PhotosLike, *, progress: Watcher = None) -> RemotePredictions:
    """Have a server of ``pawlens serve`` answer photos, several at a time, in order.

    Answers are kept in the cache by the photo's content and the model's: after an interruption the
    same call asks only about the rest. A server that is busy or away for a moment is asked again.

    Parameters
    ----------
    link : str
        Address of the server, or of one of its models, as ``http://host:8000/predict/pets``. The
        token is taken from ``$PAWLENS_TOKEN``.
    photos : Photos, path, or sequence of paths
    progress : callable, False or None

    Returns
    -------
    RemotePredictions

    Raises
    ------
    RunError
        The server does not answer, or its answers are none of pawlens.
    UsageError
        It refuses the request; the message is its own.
    """
    photos = as_photos(photos, labels=False)
    with watched(progress) as told, _Server(link) as server:
        answers = []
        asked = ordered_map(partial(server.answer, photos), range(len(photos)), workers=_TOGETHER)
        for sha256, answer in asked:
            server.keep(sha256, answer)
            answers.append(answer)
            tell(told, "asking the server", len(answers), len(photos))
    classes = next((list(a["probabilities"]) for a in answers if a["probabilities"]), [])
    return RemotePredictions(photos.paths, classes, answers)


@dataclass(frozen=True)
class Answered:
    """An answer that is kept."""

    sha256: str
    answer: str


class _Server:
    """Connections to a server, one a thread, and the answers that are kept of its model."""

    def __init__(self, link: str) -> None:
        try:
            parts = urlsplit(link)
            known = parts.hostname and parts.port != 0
        except ValueError:  # as in http://[::1, and ports that are no numbers
            known = None
        if not known:
            raise UsageError(f"{link}: no address of a server, as http://127.0.0.1:8000")
        self._link, self._parts = link, parts
        path = parts.path.rstrip("/")
        self._path = path if "/predict" in path else f"{path}/predict"
        self._mine = threading.local()
        self._opened: list[http.client.HTTPConnection] = []
        self._headers = {"content-type": "application/octet-stream"}
        if token := os.environ.get("PAWLENS_TOKEN", "").strip():
            self._headers["authorization"] = f"Bearer {token}"

    def __enter__(self) -> _Server:
        folder = user_cache() / "answers" / self._model()
        self._kept = RowCache(folder, Answered, version=_VERSION)
        return self

    def __exit__(self, *error: object) -> None:
        for connection in self._opened:
            connection.close()
        self._kept.close()

    def answer(self, photos: Photos, row: int) -> tuple[str, dict[str, Any]]:
        """Return the hash of a photo and the answer to it: one that is kept, or a new one."""
        try:
            data = photos.read_bytes(row)
        except UnreadablePhoto as error:
            return "", {"status": f"unreadable: {error}", "probabilities": {}, "scores": {}}
        sha256 = hashlib.sha256(data).hexdigest()
        kept = self._kept.get(sha256)
        if kept is not None:
            return sha256, _checked(json.loads(kept.answer), self._link)
        return sha256, _checked(self._ask("POST", self._path, data)["photos"][0], self._link)

    def keep(self, sha256: str, answer: dict[str, Any]) -> None:
        """Keep the answer to a photo; for the thread that opened this alone."""
        if sha256:
            self._kept.add(Answered(sha256, json.dumps(answer)))

    def _model(self) -> str:
        """The hash of the model that answers, which is asked with a body that is no photo."""
        found = self._ask("POST", self._path, b"?").get("model")
        sha256 = found.get("sha256") if isinstance(found, dict) else None
        if not isinstance(sha256, str) or not sha256.isalnum() or len(sha256) > 64:
            raise RunError(f"{self._link}: its answer is none of pawlens serve")
        return sha256

    def _ask(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        """Send a request, again where the server is busy or away, and return its JSON."""
        wait = 0.2
        for last in (*[False] * (_TRIES - 1), True):
            try:
                status, headers, text = self._send(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                self._close()
                if last:
                    raise RunError(
                        f"{self._link}: the server does not answer ({error or 'no reply'}); the "
                        "same command goes on where this one stopped"
                    ) from error
            else:
                if status != http.HTTPStatus.SERVICE_UNAVAILABLE or last:
                    return self._read(status, text)
                told = headers.get("retry-after", "")
                wait = float(told) if told.isdecimal() else wait
            time.sleep(min(wait, _LONGEST_WAIT))
            wait *= 2
        raise AssertionError("the last try returns or raises")

    def _send(self, method: str, path: str, body: bytes) -> tuple[int, Any, bytes]:
        connection = getattr(self._mine, "connection", None)
        if connection is None:
            secure = self._parts.scheme == "https"
            kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
            connection = kind(self._parts.hostname or "", self._parts.port, timeout=_PATIENCE)
            self._mine.connection = connection
            self._opened.append(connection)
        connection.request(method, path, body, self._headers)
        response = connection.getresponse()
        text = response.read(_MOST_BYTES)
        if response.getheader("connection") == "close":
            self._close()
        return response.status, response.headers, text

    def _read(self, status: int, text: bytes) -> dict[str, Any]:
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise RunError(f"{self._link}: its answer is none of pawlens serve") from error
        if isinstance(content, dict) and isinstance(content.get("photos"), list):
            return content
        line = content.get("error") if isinstance(content, dict) else None
        raise UsageError(f"{self._link}: refused with {status}: {str(line)[:500]}")

    def _close(self) -> None:
        connection = getattr(self._mine, "connection", None)
        if connection is not None:
            connection.close()
            self._mine.connection = None


def _checked(answer: Any, link: str) -> dict[str, Any]:
    """An answer that has what is read of it; RunError where it has not."""
    fields = answer if isinstance(answer, dict) else {}
    figures, together = (fields.get("probabilities"), fields.get("scores")), fields.get("set") or []
    known = isinstance(fields.get("status"), str) and isinstance(fields.get("label"), str | None)
    for table in figures:
        known = known and isinstance(table, dict) and all(map(_is_number, table.values()))
    known = known and isinstance(together, list) and all(isinstance(n, str) for n in together)
    if not known:
        raise RunError(f"{link}: its answer is none of pawlens serve")
    return fields


def _is_number(value: object) -> bool:
    return isinstance(value, float | int)
