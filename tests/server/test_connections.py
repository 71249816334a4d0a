"""Connections: headers that do not end, in whatever place, close them and take no memory."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import Server

from .conftest import ask, photo_bytes

HEAD = b"POST /predict HTTP/1.1\r\nhost: "


def send(server: Server, opening: bytes, more: bytes, most: int) -> tuple[bytes, int]:
    """Send a start, then more until the server hangs up: its answer, and how much was sent."""
    place = urlsplit(server.link)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), 10) as line:
        line.sendall(opening.replace(b"HOST", place.netloc.encode()))
        sent, answer = 0, b""
        try:
            while sent < most:
                line.sendall(more)
                sent += len(more)
            answer = line.recv(1000)
        except OSError:
            pass
        return answer, sent


@pytest.mark.parametrize(
    ("opening", "more"),
    [
        (b"POST /", b"a" * 65536),
        (HEAD + b"HOST\r\nx: ", b"a" * 65536),
        (HEAD + b"HOST\r\n", b"x: y\r\n" * 8192),
        (HEAD + b"HOST\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx: ", b"a" * 65536),
    ],
    ids=["address", "one header", "many headers", "trailer"],
)
def test_headers_without_end_close_the_connection(
    server: Server, opening: bytes, more: bytes
) -> None:
    answer, sent = send(server, opening, more, 50_000_000)
    assert sent < 50_000_000  # it was closed before; what the system buffers is a few MB
    assert answer in (b"",) or answer.startswith(b"HTTP/1.1 4")
    assert ask(server.link, "/predict", photo_bytes(1)).status == 200


def test_long_bodies_and_many_requests_on_one_connection_are_no_headers(server: Server) -> None:
    place = urlsplit(server.link)
    body = photo_bytes(2)
    head = f"POST /predict HTTP/1.1\r\nhost: {place.netloc}\r\nx-fill: {'a' * 2000}\r\n"
    whole = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body
    with socket.create_connection((str(place.hostname), int(place.port or 0)), 30) as line:
        file = line.makefile("rb")
        for _ in range(50):  # 100 kB of headers in all
            line.sendall(whole)
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            length = 0
            while (header := file.readline()) != b"\r\n":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            assert file.read(length)
    big = photo_bytes(3, (900, 1200), "PNG")
    assert len(big) > 300_000
    assert ask(server.link, "/predict", big).status == 200
