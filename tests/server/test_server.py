"""Whole processes: workers that die, a hangup, an end in good order, and models that are none."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.backbones import Backbone

from .conftest import ask, model_file, photo_bytes

LIMIT = 90  # seconds for a process to start, or to end
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "pawlens", "serve", "--port", "0", "--precision", "f32", *options]


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run ``pawlens serve`` until the block ends, and give the process and its address."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command(*options), stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith("serving  "), (folder / "log").read_text()
        yield process, line.split()[1]
    finally:
        process.terminate()
        try:
            process.wait(LIMIT)
        finally:
            process.kill()
            process.stdout.close()


def children(process: subprocess.Popen[str]) -> list[int]:
    """Process ids of the workers."""
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    names = {int(pid): Path(f"/proc/{pid}/cmdline").read_text() for pid in text.split()}
    return [pid for pid, name in names.items() if "spawn_main" in name]


def broken(link: str) -> bytes:
    """What comes back for a request that is no HTTP."""
    with socket.create_connection(("127.0.0.1", int(link.rpartition(":")[2])), 30) as line:
        line.sendall(b"POST predict\r\n\r\n")
        return line.recv(100)


def until(condition: object, what: str) -> None:
    """Wait until a condition holds."""
    assert callable(condition)
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.1)


@pytest.mark.timeout(4 * LIMIT)
@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_a_worker_that_is_killed_is_replaced_and_a_hangup_reads_models_again(
    paw_of_session: Backbone, tmp_path: Path
) -> None:
    file = model_file(paw_of_session, tmp_path / "pets", 1)
    photo = photo_bytes(3)
    with serving(tmp_path, str(file.parent), "--workers", "2") as (process, link):
        first = ask(link, "/predict", photo).json()
        workers = children(process)
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        answers = [_status(link, photo) for _ in range(20)]
        assert answers.count(200) >= 19  # what it was computing when it was killed is lost
        until(lambda: len(set(children(process)) - set(workers)) == 1, "no worker took its place")
        model_file(paw_of_session, file.parent, 2)
        process.send_signal(signal.SIGHUP)

        def renewed() -> bool:
            return _answer(link, photo) not in (None, first["model"]["sha256"])

        until(lambda: all(renewed() for _ in range(10)), "the model was not read again")
        figures = ask(link, "/metrics").body.decode()
    assert process.returncode in (0, -signal.SIGTERM)
    assert "pawlens_requests_total" in figures


@pytest.mark.timeout(2 * LIMIT)
def test_it_ends_in_good_order_and_its_log_is_json(models: dict[str, Path], tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a-secret-word")
    name = f"pets={models['pets']}"
    with serving(tmp_path, name, "--token", str(token)) as (process, link):
        bearer = {"authorization": "Bearer a-secret-word"}
        assert ask(link, "/predict", photo_bytes(), **bearer).status == 200
        assert ask(link, "/predict", photo_bytes()).status == 401
        assert broken(link).startswith(b"HTTP/1.1 400")
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == 0
    text = (tmp_path / "log").read_text()
    lines = [json.loads(line) for line in text.splitlines() if not line.startswith("Ctrl-C")]
    noted = {(line.get("path"), line.get("status")) for line in lines}  # each at its end
    assert (noted, len(lines)) == ({("/predict", 200), ("other", 401), (None, None)}, 3)
    assert [line["event"] for line in lines if "event" in line] == ["warning"]
    assert "a-secret-word" not in text
    assert "Traceback" not in text


@pytest.mark.timeout(2 * LIMIT)
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_model_that_is_none_is_told_in_one_line(tmp_path: Path, workers: str) -> None:
    (tmp_path / "model.onnx").write_bytes(b"nothing")
    done = subprocess.run(
        command(f"pets={tmp_path}", "--workers", workers),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 2
    assert "model.onnx: " in done.stderr
    assert "Traceback" not in done.stderr


def _status(link: str, photo: bytes) -> int:
    try:
        return ask(link, "/predict", photo).status
    except (urllib.error.URLError, ConnectionError):
        return 0


def _answer(link: str, photo: bytes) -> str | None:
    try:
        return str(ask(link, "/predict", photo).json()["model"]["sha256"])
    except (urllib.error.URLError, ConnectionError):
        return None
