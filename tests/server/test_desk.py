"""The queue: what does not fit is refused at once, clients that leave make room."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import Server

from .conftest import ask, form, photo_bytes


def figure(server: Server, name: str) -> float:
    text = ask(server.link, "/metrics").body.decode()
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_a_full_queue_refuses_and_says_when_to_come_again(start: Callable[..., Server]) -> None:
    short = start(queue=3)
    body, kind = form(*(("a", f"{i}.jpg", photo_bytes(i, (900, 900))) for i in range(3)))
    with ThreadPoolExecutor(12) as pool:
        asked = [
            pool.submit(ask, short.link, "/predict", body, content_type=kind) for _ in range(12)
        ]
        replies = [future.result() for future in asked]
    busy = [reply for reply in replies if reply.status == 503]
    assert {reply.status for reply in replies} == {200, 503}
    assert all(reply.headers["retry-after"] == "1" for reply in busy)
    assert figure(short, 'pawlens_refusals_total{reason="busy"}') == len(busy)
    assert figure(short, "pawlens_queue_photos") == 0
    four, kind = form(*(("a", f"{i}.jpg", photo_bytes(i)) for i in range(4)))
    reply = ask(short.link, "/predict", four, content_type=kind)
    assert (reply.status, reply.json()["error"]) == (413, "4 photos, and the queue takes 3")


def test_clients_that_leave_are_not_computed_for(start: Callable[..., Server]) -> None:
    server = start()
    body, kind = form(*(("a", f"{i}.jpg", photo_bytes(i, (700, 700))) for i in range(200)))
    host = urlsplit(server.link)
    with socket.create_connection((host.hostname, host.port)) as line:
        head = f"POST /predict HTTP/1.1\r\nhost: {host.netloc}\r\ncontent-type: {kind}\r\n"
        line.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        time.sleep(0.1)
    end = time.monotonic() + 20
    while figure(server, 'pawlens_refusals_total{reason="left"}') < 1 and time.monotonic() < end:
        time.sleep(0.05)
    while figure(server, "pawlens_queue_photos") > 0 and time.monotonic() < end:
        time.sleep(0.05)
    assert figure(server, "pawlens_queue_photos") == 0
    computed = figure(server, "pawlens_batch_photos_sum")
    assert computed < 200
    assert ask(server.link, "/predict", photo_bytes()).status == 200
