"""Load a server with everything that clients do wrong, for minutes, and see that it stays right.

``python benchmarks/serving_soak.py RUN [--minutes 10]``

At the same time: good photos, whose answers are compared with `predict`; truncated and random
files; bodies over the limit; other types of content; bodies that come a byte at a time; clients
that leave in the middle; 1,000 connections that send nothing. Prints what came back, the memory of
the server by ten seconds, and exits with 1 if it crashed, grew after the first minute, or answered
wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
from serving import cost, photos, wait_for

PORT = 8653
MOST_BYTES = 1_000_000
GROWTH = 1.10  # of memory after the first minute
FAR = 1e-4  # largest difference of a probability


class Soak:
    """Clients of all kinds, and what they saw."""

    def __init__(self, expected: list[dict[str, float]], bodies: list[bytes], until: float) -> None:
        self.expected, self.bodies, self.until = expected, bodies, until
        self.seen: dict[str, Counter[str]] = {}
        self.wrong = 0

    def note(self, kind: str, what: str) -> None:
        self.seen.setdefault(kind, Counter())[what] += 1

    async def ask(self, kind: str, body: bytes, content: str = "image/jpeg") -> bytes:
        """Send one request on a connection of its own, and note its status."""
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        try:
            writer.write(head(len(body), content) + body)
            answer = await asyncio.wait_for(reader.read(-1), 60)
        except (OSError, TimeoutError) as error:
            self.note(kind, type(error).__name__)
            return b""
        finally:
            writer.close()
        self.note(kind, answer[9:12].decode() or "closed")
        return answer

    async def good(self) -> None:
        number = random.randrange(len(self.bodies))
        answer = await self.ask("good", self.bodies[number])
        if answer[9:12] != b"200":
            return
        found = json.loads(answer.partition(b"\r\n\r\n")[2])["photos"][0]["probabilities"]
        gap = max(abs(found[name] - p) for name, p in self.expected[number].items())
        self.wrong += gap > FAR

    async def broken(self) -> None:
        body = random.choice(self.bodies)
        cut = random.randrange(1, len(body))
        await self.ask("truncated", body[:cut])
        flipped = bytearray(body)
        for _ in range(20):
            flipped[random.randrange(len(flipped))] = random.randrange(256)
        await self.ask("flipped bytes", bytes(flipped))
        await self.ask("random bytes", random.randbytes(5000))

    async def large(self) -> None:
        await self.ask("too large", bytes(MOST_BYTES + 1))
        await self.ask("other type", b"<html>", "text/html")
        await self.ask("JSON that is none", b'{"photos": [' + b"[" * 500, "application/json")

    async def leaves(self) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", PORT)
        body = random.choice(self.bodies)
        writer.write(head(len(body)) + body[: random.randrange(len(body) + 1)])
        await asyncio.sleep(random.random() * 0.05)
        writer.transport.abort()
        self.note("left", "left")

    async def slow(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        try:
            writer.write(head(1000))
            for _ in range(100):
                if writer.is_closing():  # the server waits no longer
                    break
                writer.write(b"x")
                await asyncio.sleep(0.2)
            answer = await asyncio.wait_for(reader.read(-1), 60)
            self.note("slow body", answer[9:12].decode() or "closed")
        except (OSError, TimeoutError) as error:
            self.note("slow body", type(error).__name__)
        finally:
            writer.close()

    async def idle(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        await reader.read(-1)
        writer.close()
        self.note("idle", "closed")

    async def repeat(self, client: str) -> None:
        while time.monotonic() < self.until:
            try:
                await getattr(self, client)()
            except OSError as error:
                self.note(client, type(error).__name__)
                await asyncio.sleep(0.1)

    async def run(self) -> None:
        clients = ["good"] * 8 + ["broken"] * 4 + ["large"] * 2 + ["leaves"] * 4 + ["slow"] * 20
        await asyncio.gather(*(self.repeat(name) for name in [*clients, *["idle"] * 1000]))


def head(length: int, content: str = "image/jpeg") -> bytes:
    lines = f"POST /predict HTTP/1.1\r\nhost: 127.0.0.1:{PORT}\r\nconnection: close\r\n"
    return f"{lines}content-type: {content}\r\ncontent-length: {length}\r\n\r\n".encode()


def answers(run: str, bodies: list[bytes]) -> list[dict[str, float]]:
    """What `predict` says of the photos."""
    from pawlens import predict

    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(len(bodies))]
        for path, body in zip(paths, bodies, strict=True):
            path.write_bytes(body)
        found = predict(paths, run, precision="f32")
    return [dict(zip(found.classes, row, strict=True)) for row in found.proba.tolist()]


async def watch(pid: int, until: float) -> list[float]:
    """Memory in MB every ten seconds."""
    memory = []
    while time.monotonic() < until:
        await asyncio.sleep(10)
        memory.append(round(cost(pid)[1], 1))
    return memory


async def soak(run: str, minutes: float, pid: int) -> tuple[Soak, list[float]]:
    bodies = [*photos("8 KB", 20), *photos("40 KB", 20)]
    clients = Soak(answers(run, bodies), bodies, time.monotonic() + 60 * minutes)
    _, memory = await asyncio.gather(clients.run(), watch(pid, clients.until))
    return clients, memory


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    command = [
        sys.executable,
        "-m",
        "pawlens",
        "serve",
        options.run,
        "--port",
        str(PORT),
        "--quiet",
    ]
    command += ["--precision", "f32", "--max-bytes", str(MOST_BYTES), "--timeout", "15"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_for(PORT, server)
        clients, memory = asyncio.run(soak(options.run, options.minutes, server.pid))
        alive = server.poll() is None
        server.terminate()
    for kind, counts in clients.seen.items():
        print(f"{kind}: {dict(counts)}")
    after = memory[6:] or memory
    grown = float(np.median(after[-3:])) / float(np.median(after[:3]))
    print(f"memory by ten seconds, MB: {memory}; at the end {grown:.3f} times that of minute one")
    print(f"alive: {alive}; answers unlike predict's: {clients.wrong}")
    return 0 if alive and not clients.wrong and grown < GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
