"""Photos on object storage that is slow, fails, throttles, and whose credentials expire."""

from __future__ import annotations

import hashlib
import http.client
import random
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pawlens import embed, merge, write_part
from pawlens.photos import Photos
from pawlens.photos.stores import _remote as module

s3fs = pytest.importorskip("s3fs")
moto = pytest.importorskip("moto.server")

SECRET = "a-key-that-nobody-may-see"


class Weather:
    """What the storage is like just now."""

    latency, errors, at_once = 0.0, 0.0, 1000
    expired = False

    def __init__(self) -> None:
        self.draw, self.busy, self.refused = random.Random(0), 0, 0
        self.lock = threading.Lock()


@pytest.fixture
def weather(monkeypatch: pytest.MonkeyPatch) -> Iterator[Weather]:
    """A proxy before a storage of moto's."""
    state = Weather()
    storage = moto.ThreadedMotoServer("127.0.0.1", port=0)
    storage.start()
    host, port = storage.get_host_and_port()

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with state.lock:
                state.busy += 1
                throttled, failed = state.busy > state.at_once, state.draw.random() < state.errors
            try:
                time.sleep(state.latency)
                if state.expired:
                    self.refuse(403, "ExpiredToken")
                elif throttled:
                    self.refuse(503, "SlowDown")
                elif failed:
                    self.refuse(500, "InternalError")
                else:
                    self.forward()
            finally:
                with state.lock:
                    state.busy -= 1

        do_HEAD = do_PUT = do_GET

        def refuse(self, status: int, code: str) -> None:
            state.refused += 1
            text = f"<Error><Code>{code}</Code><Message>{SECRET}</Message></Error>".encode()
            self.answer(status, {"Content-Type": "application/xml"}, text)

        def forward(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            connection = http.client.HTTPConnection(host, port, timeout=30)
            connection.request(self.command, self.path, self.rfile.read(length), dict(self.headers))
            response = connection.getresponse()
            self.answer(response.status, dict(response.getheaders()), response.read())
            connection.close()

        def answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            length = headers.get("Content-Length") if self.command == "HEAD" else None
            self.send_header("Content-Length", length or str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.server_address[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.02)
    yield state
    proxy.shutdown()
    proxy.server_close()
    storage.stop()


@pytest.fixture
def bucket(weather: Weather, photo_folder: Callable[..., Path], tmp_path: Path) -> tuple[str, Path]:
    name = hashlib.sha256(str(tmp_path).encode()).hexdigest()[
        :20
    ]  # moto's storage outlives its server
    s3fs.S3FileSystem.clear_instance_cache()
    folder = photo_folder(cat=12, dog=12)
    (folder / "cat" / "3.jpg").write_bytes(b"no photo")
    files = s3fs.S3FileSystem()
    files.mkdir(name)
    files.put(str(folder), f"{name}/all", recursive=True)
    return f"s3://{name}/all", folder


def test_storage_that_is_slow_fails_and_throttles(
    weather: Weather, bucket: tuple[str, Path]
) -> None:
    address, folder = bucket
    weather.latency, weather.errors, weather.at_once = 0.05, 0.1, 6
    there, here = embed(Photos.read(address)), embed(folder)
    assert weather.refused > 0
    assert there.paths == here.paths
    assert there.status == here.status
    assert there.values.tobytes() == here.values.tobytes()


def test_a_credential_that_expires_in_the_middle(
    weather: Weather, bucket: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be fetched is tried again, and no secret is written."""
    address, folder = bucket
    real = Photos.read_bytes

    def read_bytes(photos: Photos, row: int) -> bytes:
        weather.expired = photos[row].path > "dog/4"
        return real(photos, row)

    monkeypatch.setenv("PAWLENS_REQUESTS", "1")
    monkeypatch.setattr("pawlens.base._parallel.os.sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(Photos, "read_bytes", read_bytes)
    monkeypatch.setattr(module, "_TRIES", 2)
    done = write_part("audit", Photos.read(address), "1/1", tmp_path)
    assert done.unreadable == 1
    assert done.unreachable > 0
    monkeypatch.setattr(Photos, "read_bytes", real)
    weather.expired = False
    again = write_part("audit", Photos.read(address), "1/1", tmp_path)
    assert (again.computed, again.unreachable) == (done.unreachable, 0)
    table = pq.read_table(merge(tmp_path).path)
    assert table["path"].to_pylist() == Photos.read(folder).paths
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()
