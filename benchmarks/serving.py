"""Measure the server under load, beside its engine alone and beside LitServe with the same engine.

``python benchmarks/serving.py RUN [--clients 1,8,64,500,1000] [--seconds 8] [--peer PYTHON]``

All in one run on one machine: the clients are a process of their own, with one connection each that
asks again as soon as it is answered (a refused one waits as long as Retry-After says). Processor
time is that of the server's processes, so another job on the machine changes it little; that of the
thread that speaks HTTP is shown apart (of LitServe's first process, which is not all). The times
to an answer and the photos a second are only worth something on an idle machine. ``--peer`` is a
Python in which litserve and pawlens are installed.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
SIZES = {"8 KB": (200, 60), "40 KB": (500, 80)}  # pixels of the shorter side, JPEG quality
PEER = """
import sys
import litserve as ls
from pawlens.server._served import ServedModel
from pawlens.server._metrics import Metrics

class Api(ls.LitAPI):
    def setup(self, device):
        self.model = ServedModel("m", "1", sys.argv[1], precision=sys.argv[3],
            max_pixels=10**8, metrics=Metrics())
        self.single, self.joined = self.model._open(self.model.model.embedding_graph(), sys.argv[3])
    def decode_request(self, request):
        return self.model._squares(request["request"].file.read())
    def batch(self, inputs):
        return inputs
    def predict(self, photos):
        import numpy as np
        one = len(photos) == 1
        engine = self.single if one else self.joined
        return [row for row in engine.answer([np.stack(s) for s in zip(*photos)])]
    def unbatch(self, outputs):
        return outputs
    def encode_response(self, row):
        return {"probabilities": row.tolist()}

if __name__ == "__main__":
    api = Api(max_batch_size=4, batch_timeout=0.0)
    ls.LitServer(api, accelerator="cpu", workers_per_device=1).run(
        port=int(sys.argv[2]), host="127.0.0.1", generate_client_file=False, log_level="error")
"""


@dataclass
class Load:
    """What clients saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


def photos(kind: str, count: int = 40) -> list[bytes]:
    """Draw JPEGs of about that many bytes."""
    side, quality = SIZES[kind]
    rng = np.random.default_rng(0)
    made = []
    for _ in range(count):
        coarse = rng.integers(0, 256, (24, 32, 3), np.uint8)
        soft = Image.fromarray(coarse).resize((side * 4 // 3, side), Image.Resampling.BICUBIC)
        noise = rng.normal(0, 6, (side, side * 4 // 3, 1))
        picture = np.clip(np.asarray(soft) + noise, 0, 255).astype(np.uint8)
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "JPEG", quality=quality)
        made.append(file.getvalue())
    return made


async def ask(port: int, bodies: list[bytes], until: float, load: Load, first: int) -> None:
    """One client: asks on one connection until the time is over."""
    number, streams = first, None
    while time.monotonic() < until:
        body = bodies[number % len(bodies)]
        number += 1
        begun = time.monotonic()
        try:
            if streams is None:
                streams = await asyncio.open_connection("127.0.0.1", port)
            reader, writer = streams
            writer.write(body)
            status, closes = await read(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            load.statuses[type(error).__name__] += 1
            streams = None
            continue
        load.statuses[str(status)] += 1
        if status == 200:
            load.seconds.append(time.monotonic() - begun)
        if closes:
            writer.close()
            streams = None
        if status == 503:
            await asyncio.sleep(1)


async def read(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Read one response: its status, and whether the connection ends with it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.split("content-length:")[1].split("\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1]), "connection: close" in head


def requests(kind: str, port: int, peer: bool) -> list[bytes]:
    """Whole requests, as bytes."""
    made = []
    for photo in photos(kind):
        body, content = photo, "application/octet-stream"
        if peer:  # LitServe takes forms
            head = b'--b\r\ncontent-disposition: form-data; name="request"; filename="a"\r\n\r\n'
            body, content = head + photo + b"\r\n--b--\r\n", "multipart/form-data; boundary=b"
        lines = f"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: {content}\r\n"
        made.append(f"{lines}content-length: {len(body)}\r\n\r\n".encode() + body)
    return made


async def run_clients(port: int, kind: str, clients: int, seconds: float, peer: bool) -> Load:
    load, bodies = Load(), requests(kind, port, peer)
    until = time.monotonic() + seconds
    await asyncio.gather(*(ask(port, bodies, until, load, i) for i in range(clients)))
    return load


def tree(pid: int) -> list[int]:
    """A process and its descendants."""
    try:
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(p for child in below for p in tree(int(child)))]


def cost(pid: int) -> tuple[float, float]:
    """Processor seconds so far, and resident memory in MB, of a process and its descendants."""
    ticks = pages = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
        pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return ticks / TICKS, pages * PAGE / 1e6


def answering(pid: int) -> float:
    """Processor seconds so far of the thread that speaks HTTP, which is a process's first."""
    fields = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def engine_alone(
    run: str, kind: str, precision: str, count: int = 400
) -> tuple[float, float, float]:
    """Milliseconds for one photo, without a server.

    Processor time of decoding and of the engine on batches of four, each alone, and the median of
    the seconds that pass for both where one photo comes after the other, as from a lone client.
    """
    from pawlens.server._metrics import Metrics
    from pawlens.server._served import ServedModel

    model = ServedModel(
        "m",
        "1",
        run,
        precision=precision,
        max_pixels=10**8,
        metrics=Metrics(),
    )
    single, joined = model._open(model.model.embedding_graph(), precision)
    made = photos(kind)
    begun = time.process_time()
    squares = [model._squares(made[i % len(made)]) for i in range(count)]
    decoded = time.process_time()
    for i in range(0, count, 4):
        joined.answer([np.stack(seen) for seen in zip(*squares[i : i + 4], strict=True)])
    done = time.process_time()
    waited = []
    for i in range(count):
        asked = time.perf_counter()
        single.answer([seen[None] for seen in model._squares(made[i % len(made)])])
        waited.append(time.perf_counter() - asked)
    lone = float(np.median(waited))
    return (decoded - begun) / count * 1e3, (done - decoded) / count * 1e3, lone * 1e3


def busy_together(count: int, run: str, kind: str, precision: str) -> tuple[float, float, float]:
    """The same in as many processes at once, on average: caches and memory are shared then.

    A loaded server is measured with all cores busy, so that is what it is compared with.
    """
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
        tasks = [pool.submit(engine_alone, run, kind, precision, 1200) for _ in range(count)]
        costs = np.array([task.result() for task in tasks])
    decode, engine, lone = costs.mean(axis=0).tolist()
    return decode, engine, lone


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            sys.exit(f"the server ended with {process.returncode}")
        time.sleep(0.1)
    sys.exit("the server did not start")


def measure(name: str, command: list[str], port: int, options: argparse.Namespace) -> list[dict]:
    """Start a server, and load it with each number of clients."""
    rows = []
    with socket.socket() as line:
        if line.connect_ex(("127.0.0.1", port)) == 0:
            sys.exit(f"port {port} is taken: another server would be measured")
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that its workers end with it
    )
    try:
        wait_for(port, process)
        for kind in SIZES:
            for clients in options.clients:
                client = [
                    sys.executable,
                    __file__,
                    "--client",
                    json.dumps([port, kind, clients, options.seconds, name == "LitServe"]),
                ]
                subprocess.run(
                    [*client[:-1], json.dumps([port, kind, 8, 1, name == "LitServe"])],
                    check=True,
                    capture_output=True,
                )
                before, spoken = cost(process.pid)[0], answering(process.pid)
                begun = time.monotonic()
                done = subprocess.run(client, check=True, capture_output=True, text=True)
                wall = time.monotonic() - begun
                after, memory = cost(process.pid)
                spoken = answering(process.pid) - spoken
                seen = json.loads(done.stdout)
                answered = seen["statuses"].get("200", 0)
                rows.append(
                    {
                        "server": name,
                        "photo": kind,
                        "clients": clients,
                        "photos/s": round(answered / options.seconds, 1),
                        "p50 ms": round(seen["p50"] * 1e3, 1),
                        "p99 ms": round(seen["p99"] * 1e3, 1),
                        "CPU ms/photo": round((after - before) / max(answered, 1) * 1e3, 2),
                        "of it HTTP": round(spoken / max(answered, 1) * 1e3, 2),
                        "MB": round(memory),
                        "answers": seen["statuses"],
                        "wall": round(wall, 1),
                    }
                )
                print(rows[-1], flush=True)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", nargs="?")
    parser.add_argument("--clients", default="1,8,64,500,1000")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--peer", help="a Python with litserve and pawlens")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        load = asyncio.run(run_clients(*json.loads(options.client)))
        times = load.seconds or [float("nan")]
        print(
            json.dumps(
                {
                    "statuses": load.statuses,
                    "p50": float(np.percentile(times, 50)),
                    "p99": float(np.percentile(times, 99)),
                }
            )
        )
        return 0
    options.clients = [int(text) for text in options.clients.split(",")]
    for kind in SIZES:
        size = np.mean([len(photo) for photo in photos(kind)])
        for busy in (1, os.cpu_count() or 1):
            decode, engine, lone = busy_together(busy, options.run, kind, options.precision)
            print(
                f"{kind} ({size:,.0f} bytes), {busy} of {os.cpu_count()} cores busy: decoding "
                f"alone {decode:.2f}, engine alone {engine:.2f} ms of processor time a photo, "
                f"together {decode + engine:.2f}; {lone:.2f} ms pass for a photo by itself",
                flush=True,
            )
    ours = [
        sys.executable,
        "-m",
        "pawlens",
        "serve",
        options.run,
        "--port",
        "8651",
        "--quiet",
        "--precision",
        options.precision,
    ]
    measure("pawlens", ours, 8651, options)
    if options.peer:
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder) / "peer.py"
            script.write_text(PEER)
            peer = [options.peer, str(script), options.run, "8652", options.precision]
            measure("LitServe", peer, 8652, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
