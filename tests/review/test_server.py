"""The command line's server as a user has it: another process, on a real port."""

from __future__ import annotations

import signal
import socket
import urllib.error
import urllib.request
from contextlib import suppress

import pytest

pytest.importorskip("fastapi", reason="needs pawlens[serve]")

from pawlens.errors import UsageError
from pawlens.review import serve_review

from .conftest import Audited, start


def test_it_serves_here_only_and_ends_quietly(audited: Audited) -> None:
    server, link = start(audited.folder)
    with urllib.request.urlopen(link, timeout=60) as answer:
        assert answer.status == 200
        assert "server" not in answer.headers
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link.partition("?")[0], timeout=60)
    refused.value.close()
    assert refused.value.code == 403
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=120)
    assert server.returncode == 0
    assert out == f"decided 0 photos: {audited.folder / 'decisions.jsonl'}\n"
    assert err == "decisions are kept as they are made; Ctrl-C ends the page\n"


@pytest.mark.parametrize("port", [None, 70_000, -1])
def test_a_port_that_cannot_be_had(audited: Audited, port: int | None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wanted = taken.getsockname()[1] if port is None else port
        with pytest.raises(UsageError, match=f"port {wanted} .*choose"):
            serve_review(audited.folder, port=wanted)


def test_those_who_only_connect_keep_nobody_out(audited: Audited) -> None:
    server, link = start(audited.folder)
    port = int(link.rpartition(":")[2].partition("/")[0])
    idle = []
    try:
        for number in range(500):
            one = socket.create_connection(("127.0.0.1", port), timeout=60)
            if number % 2:
                one.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
            idle.append(one)
        with urllib.request.urlopen(link, timeout=10) as answer:
            assert answer.status == 200
        for one in idle:  # all of them are closed after a few seconds
            one.settimeout(60)
            with suppress(ConnectionResetError):
                assert one.recv(1) == b""
    finally:
        for one in idle:
            one.close()
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=120)
    assert server.returncode == 0
