"""Answers of a server: in order, kept over an interruption, and from servers that fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pawlens import predict
from pawlens.errors import RunError, UsageError
from pawlens.models import _remote


class Fake:
    """A server that answers by the photo's bytes; `troubles` come first, one a request."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.troubles: list[tuple[int, bytes]] = []
        self.tokens: set[str | None] = set()

    def answer(self, body: bytes) -> tuple[int, bytes]:
        if body != b"?":
            self.bodies.append(body)
            if self.troubles:
                return self.troubles.pop(0)
        share = len(body) % 97 / 97
        photo: dict[str, Any] = {"name": "photo", "status": "ok", "label": "cat", "scores": {}}
        photo["probabilities"] = {"cat": share, "dog": 1 - share}
        model = {"name": "m", "version": "1", "sha256": "ab12"}
        return 200, json.dumps({"model": model, "photos": [photo]}).encode()


@contextmanager
def running(fake: Fake) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            fake.tokens.add(self.headers["authorization"])
            body = self.rfile.read(int(self.headers["content-length"]))
            status, text = fake.answer(body)
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.send_header("retry-after", "0")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def photos(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "cache"))  # nothing is kept yet
    return photo_folder(cat=15, dog=15)


def test_answers_come_in_order_and_are_kept(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAWLENS_TOKEN", "word")
    fake = Fake()
    with running(fake) as link:
        answers = predict(photos, link)
        sizes = [(photos / path).stat().st_size % 97 / 97 for path in answers.paths]
        assert answers.proba[:, 0].tolist() == pytest.approx(sizes)
        assert answers.labels == ["cat"] * 30
        assert len(fake.bodies) == 30
        again = predict(photos, link)
    assert again.proba.tolist() == answers.proba.tolist()
    assert len(fake.bodies) == 30
    assert fake.tokens == {"Bearer word"}


def test_after_an_interruption_only_the_rest_is_asked_about(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_remote, "_TOGETHER", 1)
    fake = Fake()
    fake.troubles = [fake.answer(b"?")] * 10 + [(400, b'{"error": "enough"}')]
    with running(fake) as link:
        with pytest.raises(UsageError, match="refused with 400: enough"):
            predict(photos, link)
        before = len(fake.bodies)
        predict(photos, link)
    assert before >= 11
    assert len(fake.bodies) <= 31 + 16  # what was under way when it stopped may come twice


def test_a_busy_server_and_a_lost_connection_are_tried_again(photos: Path) -> None:
    fake = Fake()
    fake.troubles = [(503, b"{}"), (0, b""), (503, b"{}"), (0, b"")]
    with running(fake) as link:
        answers = predict(photos, link)
    assert answers.status == ["ok"] * 30
    assert len(fake.bodies) >= 32


@pytest.mark.parametrize(
    "text",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"photos": [{}]}',
        b'{"photos": [{"status": "ok", "probabilities": {"a": "b"}, "scores": {}}]}',
        b'{"photos": [{"status": "ok", "probabilities": 3, "scores": {}}]}',
    ],
)
def test_what_is_no_answer_of_pawlens_is_refused(photos: Path, text: bytes) -> None:
    fake = Fake()
    fake.troubles = [(200, text)] * 40
    with (
        running(fake) as link,
        pytest.raises((RunError, UsageError), match=r"none of pawlens|refused"),
    ):
        predict(photos, link)


def test_nothing_there_and_options_of_other_models(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_remote, "_TRIES", 2)
    with pytest.raises(RunError, match="the server does not answer"):
        predict(photos, "http://127.0.0.1:1")
    with pytest.raises(UsageError, match="one look at each photo"):
        predict(photos, "http://127.0.0.1:1", views=["flip"])
    for odd in ("http://", "http://[::1", "http://a:b", "http://a:99999"):
        with pytest.raises(UsageError, match="no address of a server"):
            predict(photos, odd)
