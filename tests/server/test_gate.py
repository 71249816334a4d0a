"""The gate: hosts, origins, tokens, sizes, deadlines, and clients that leave."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.errors import UsageError
from pawlens.server import Server, ServerSettings, _gate, read_token

from .conftest import ask, photo_bytes


def talk(link: str, data: bytes, wait: float = 5.0) -> bytes:
    """Send bytes as they are, and read until the server closes or says no more."""
    parts = urlsplit(link)
    with socket.create_connection((parts.hostname, parts.port), timeout=wait) as line:
        line.sendall(data)
        answer = b""
        try:
            while part := line.recv(65536):
                answer += part
        except TimeoutError:
            pass
        return answer


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", ""])
def test_another_host_is_refused(server: Server, host: str) -> None:
    reply = ask(server.link, "/predict", photo_bytes(), host=host)
    assert (reply.status, "own address" in reply.json()["error"]) == (403, True)


def test_a_page_of_another_origin_is_refused_unless_it_was_named(
    server: Server, start: Callable[..., Server]
) -> None:
    foreign = ask(server.link, "/predict", photo_bytes(), origin="https://evil.example")
    assert foreign.status == 403
    assert "access-control-allow-origin" not in foreign.headers
    for odd in ("http://[::1", "null", "", "http://"):
        assert ask(server.link, "/predict", photo_bytes(), origin=odd).status == 403
    own = ask(server.link, "/predict", photo_bytes(), origin=server.link)
    assert own.status == 200
    named = start(cors=("https://shelter.example",))
    allowed = ask(named.link, "/predict", photo_bytes(), origin="https://shelter.example")
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == "https://shelter.example"
    question = ask(
        named.link,
        "/predict",
        method="OPTIONS",
        origin="https://shelter.example",
        access_control_request_method="POST",
    )
    assert question.status == 204
    assert "authorization" in question.headers["access-control-allow-headers"]
    assert ask(named.link, "/predict", photo_bytes(), origin="https://evil.example").status == 403


def test_a_token_is_asked_for(start: Callable[..., Server]) -> None:
    guarded = start(token="secret")
    assert ask(guarded.link, "/predict", photo_bytes()).status == 401
    for wrong in ("Bearer secre", "Basic secret", "secret", "Bearer "):
        reply = ask(guarded.link, "/predict", photo_bytes(), authorization=wrong)
        assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    right = ask(guarded.link, "/predict", photo_bytes(), authorization="Bearer secret")
    assert right.status == 200
    for path in ("/v2/health/live", "/v2/health/ready", "/"):
        assert ask(guarded.link, path).status == 200
    for path in ("/metrics", "/models", "/openapi.json", "/v2/models/pets"):
        assert ask(guarded.link, path).status == 401


def test_a_body_over_the_limit_is_refused(start: Callable[..., Server]) -> None:
    small = start(max_bytes=2000)
    assert ask(small.link, "/predict", b"x" * 2000, content_type="image/png").status == 422
    reply = ask(small.link, "/predict", b"x" * 2001, content_type="image/png")
    assert (reply.status, "2,000 bytes" in reply.json()["error"]) == (413, True)
    host = urlsplit(small.link).netloc
    chunked = f"POST /predict HTTP/1.1\r\nhost: {host}\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = talk(small.link, chunked.encode() + b"800\r\n" + b"x" * 2048 + b"\r\n")
    assert b" 413 " in answer.split(b"\r\n")[0]


def test_who_sends_much_that_is_refused_sees_why(start: Callable[..., Server]) -> None:
    """A connection that is closed while its client sends is reset, and the answer is lost."""
    guarded = start(max_bytes=2000, token="secret")
    body = b"x" * 8_000_000
    right = "Bearer secret"
    for _ in range(5):
        assert ask(guarded.link, "/predict", body, authorization=right).status == 413
        assert ask(guarded.link, "/predict", body, authorization="Bearer no").status == 401
        reply = ask(guarded.link, "/predict", body, authorization=right, origin="http://a.example")
        assert reply.status == 403


def test_who_says_much_and_sends_nothing_is_let_go(start: Callable[..., Server]) -> None:
    small = start(max_bytes=2000)
    host = urlsplit(small.link).netloc
    told = f"POST /predict HTTP/1.1\r\nhost: {host}\r\ncontent-length: 9000\r\n"
    for more, most in (("expect: 100-continue\r\n", 1.0), ("", 4.0)):
        begun = time.monotonic()
        answer = talk(small.link, f"{told}{more}\r\n".encode())
        assert answer.count(b"HTTP/1.1") == 1
        assert b" 413 " in answer.split(b"\r\n")[0]
        assert time.monotonic() - begun < most


def test_no_more_than_a_bound_is_heard_of_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_gate, "_HEARD_BYTES", 1000)
    parts = 0

    async def receive() -> dict[str, Any]:
        nonlocal parts
        parts += 1
        return {"type": "http.request", "body": b"x" * 100, "more_body": True}

    asyncio.run(_gate._hear_out(receive))
    assert parts == 10


def test_a_photo_with_too_many_pixels_is_not_decoded(start: Callable[..., Server]) -> None:
    small = start(max_pixels=10_000)
    reply = ask(small.link, "/predict", photo_bytes(0, (100, 101)))
    assert reply.status == 422
    assert "101 x 100 pixels, and this server takes 10,000" in reply.json()["photos"][0]["status"]
    assert ask(small.link, "/predict", photo_bytes(0, (100, 100))).status == 200


def test_a_slow_body_is_given_up(start: Callable[..., Server]) -> None:
    hasty = start(timeout=0.5)
    host = urlsplit(hasty.link).netloc
    begun = time.monotonic()
    slow = f"POST /predict HTTP/1.1\r\nhost: {host}\r\ncontent-length: 100\r\n\r\nabc"
    answer = talk(hasty.link, slow.encode())
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - begun < 2  # it is not heard out: it was late already


def test_a_request_keeps_its_name_and_others_get_one(server: Server) -> None:
    assert ask(server.link, "/models", x_request_id="my-1").headers["x-request-id"] == "my-1"
    odd = ask(server.link, "/models", x_request_id="a b").headers["x-request-id"]
    assert odd != "a b"
    assert len(odd) == 32


def test_a_token_is_read_from_a_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("abc\n")
    assert read_token(file) == "abc"
    monkeypatch.delenv("PAWLENS_TOKEN", raising=False)
    assert read_token(None) is None
    monkeypatch.setenv("PAWLENS_TOKEN", "xyz")
    assert read_token(None) == "xyz"
    for bad in ("", "é", "a\nb", "x" * 2000):
        file.write_text(bad)
        with pytest.raises(UsageError, match="printable ASCII"):
            read_token(file)
    with pytest.raises(UsageError, match="no such file"):
        read_token(file.with_name("missing"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"port": 70_000}, "--port 70000"),
        ({"workers": 0}, "--workers 0"),
        ({"queue": 0}, "--queue 0"),
        ({"timeout": float("nan")}, "--timeout nan"),
        ({"cors": ("example.org",)}, "--cors example.org"),
        ({"root_path": "x"}, "--root-path x"),
        ({"keep_photos": True}, "--keep-photos belongs to --record"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ServerSettings(**settings)  # type: ignore[arg-type]


def test_probes_need_no_token_behind_a_root_path_either(start: Callable[..., Server]) -> None:
    server = start(token="secret", root_path="/shelter")
    link = server.link.removesuffix("/shelter")
    assert ask(link, "/v2/health/ready").status == 200
    assert ask(link, "/models").status == 401
    assert ask(link, "/predict", photo_bytes(1)).status == 401
    assert ask(link, "/predict", photo_bytes(1), authorization="Bearer secret").status == 200
