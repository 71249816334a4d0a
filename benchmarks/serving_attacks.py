"""Attack a server, and take its parts away while it works.

``python benchmarks/serving_attacks.py RUN OTHER [--peer PYTHON] [--cases 2000]``

RUN and OTHER are two runs with the same classes. Workers are killed and models replaced under
sixteen clients, the disk of the record is full (a tmpfs, as root only), tokens, hosts and origins
are wrong, and requests are random changes of good ones. ``--peer`` is a Python in which
schemathesis and tritonclient are installed; its schemathesis makes about so many cases of the
server's description. One line is printed for each part; the exit code is 1 if one is not right.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from serving import photos, tree, wait_for
from serving_soak import answers

PORT = 8654
CLIENTS = 16
FAR = 1e-6  # largest difference of a probability
TRITON = """
import sys, json, numpy as np, tritonclient.http as triton
client = triton.InferenceServerClient(sys.argv[1])
assert client.is_server_live() and client.is_model_ready("pets")
bodies = [open(path, "rb").read() for path in sys.argv[2:]]
image = triton.InferInput("image", [len(bodies)], "BYTES")
image.set_data_from_numpy(np.array(bodies, object))
answer = client.infer("pets", [image])
print(json.dumps(answer.as_numpy("probabilities").tolist()))
"""


class Attacks:
    """The parts of the benchmark, and whether each went as it must."""

    def __init__(self, run: str, other: str, folder: Path) -> None:
        self.run, self.other, self.folder = run, other, folder
        self.bodies = photos("8 KB", 40)
        self.failed: list[str] = []

    def tell(self, part: str, held: bool, figures: object) -> None:
        print(f"{'held' if held else 'FAILED'}  {part}: {figures}", flush=True)
        if not held:
            self.failed.append(part)

    @contextmanager
    def server(self, *options: str, source: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """A server, which must still run at the end and leave in good order."""
        command = [sys.executable, "-m", "pawlens", "serve", f"pets={source or self.run}"]
        command += ["--port", str(PORT), "--quiet", "--precision", "f32", *options]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            wait_for(PORT, process)
            self.ask("/v2/health/ready")  # waits until a worker has opened its models
            yield process
            if process.poll() is not None:
                self.tell("alive", False, process.returncode)
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def ask(
        self, path: str = "/predict", body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Ask on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
        method = "GET" if body is None else "POST"
        connection.putrequest(method, path, skip_host="host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value.encode("utf-8"))
        if body is not None:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        found = response.status, response.read()
        connection.close()
        return found

    def under_load(self, seconds: float, meanwhile: Callable[[], None]) -> Counter[str]:
        """Count what clients see while something is done."""
        seen: Counter[str] = Counter()
        end = time.monotonic() + seconds

        def client() -> None:
            while time.monotonic() < end:
                try:
                    status, text = self.ask(body=random.choice(self.bodies))
                except (OSError, HTTPException):
                    seen["cut off"] += 1
                    continue
                seen[str(status)] += 1
                if status == 200:
                    seen[json.loads(text)["model"]["sha256"][:8]] += 1

        threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        meanwhile()
        for thread in threads:
            thread.join()
        return seen

    def killed_workers(self) -> None:
        with self.server("--workers", "2") as process:
            kills: list[int] = []

            def kill() -> None:
                for _ in range(5):
                    time.sleep(3)
                    workers = [pid for pid in tree(process.pid)[1:] if is_worker(pid)]
                    kills.append(random.choice(workers))
                    os.kill(kills[-1], signal.SIGKILL)

            seen = self.under_load(20, kill)
        # A worker takes with it what it was computing for its clients, and nothing else.
        held = seen["cut off"] <= CLIENTS * len(kills) and set(seen) <= {
            "200",
            "cut off",
            *[name for name in seen if len(name) == 8],
        }
        self.tell(f"{len(kills)} workers killed under {CLIENTS} clients", held, dict(seen))

    def replaced_models(self) -> None:
        file = self.folder / "model.onnx"
        shutil.copy(model_of(self.run), file)
        with self.server(source=str(file)) as process:

            def replace() -> None:
                for number in range(4):
                    time.sleep(2.5)
                    new = self.folder / "new.onnx"
                    shutil.copy(model_of(self.other if number % 2 == 0 else self.run), new)
                    new.replace(file)
                    process.send_signal(signal.SIGHUP)
                    if number == 2:
                        time.sleep(2)
                        file.write_bytes(b"no model")
                        process.send_signal(signal.SIGHUP)

            seen = self.under_load(16, replace)
        held = seen["cut off"] == 0 and len([n for n in seen if len(n) == 8]) == 2
        held = held and sum(n for name, n in seen.items() if len(name) == 3) == seen["200"]
        self.tell("4 models and a file that is none put in its place, SIGHUP", held, dict(seen))

    def full_disk(self) -> None:
        if os.geteuid() != 0:
            print("not run  full disk: mounting a tmpfs takes root")
            return
        disk = self.folder / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "none", disk], check=True)
        try:
            with self.server("--record", str(disk / "record"), "--keep-photos"):
                seen = self.under_load(10, lambda: None)
                text = self.ask("/metrics")[1].decode()
                lost = re.search(r"^pawlens_record_failures_total (\S+)", text, re.MULTILINE)
                subprocess.run(["mount", "-o", "remount,size=500m", disk], check=True)
            rows = recorded(disk / "record")
        finally:
            subprocess.run(["umount", disk], check=True)
        failures = float(lost.group(1)) if lost else 0
        held = failures > 0 and rows == seen["200"] and set(seen) - {"200"} <= {*seen}
        self.tell(
            "full disk under --record",
            held and seen["cut off"] == 0,
            f"{seen['200']} answered, {failures:.0f} parts failed, {rows} rows once there was room",
        )

    def tokens(self) -> None:
        token = self.folder / "token"
        token.write_text("a-secret-word")
        wrong = ["", "Bearer", "Bearer ", "Bearer a-secret-wor", "Bearer a-secret-word2", "Basic x"]
        wrong += ["a-secret-word", "Bearer A-SECRET-WORD", "Bearer ä", "Bearer a-secret-word, x"]
        with self.server("--token", str(token)) as process:
            body = self.bodies[0]
            statuses = Counter(self.ask(body=body, authorization=given)[0] for given in wrong)
            statuses[self.ask(body=body)[0]] += 1
            right = self.ask(body=body, authorization="Bearer a-secret-word")[0]
            command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        held = set(statuses) == {401} and right == 200 and b"a-secret-word" not in command
        self.tell("tokens that are wrong or missing", held, f"{dict(statuses)}; right: {right}")

    def hosts_and_origins(self) -> None:
        hosts = ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"localhost.evil:{PORT}"]
        hosts += [f"127.0.0.1:{PORT}@evil", "", f"[::2]:{PORT}", f"127.0.0.2:{PORT}"]
        origins = ["null", "http://evil.example", f"http://127.0.0.1:{PORT + 1}", "https://x", "a"]
        origins += [f"http://127.0.0.1:{PORT}.evil.example", f"http://localhost:{PORT}"]
        with self.server():
            body = self.bodies[0]
            seen = Counter(self.ask(body=body, host=host)[0] for host in hosts)
            asked = Counter(self.ask(body=body, origin=origin)[0] for origin in origins)
            own = self.ask(body=body, origin=f"http://127.0.0.1:{PORT}")[0]
        held = {*seen, *asked} <= {400, 403} and own == 200
        self.tell("foreign hosts and origins", held, f"{dict(seen)}, {dict(asked)}; own: {own}")

    def altered_requests(self, count: int) -> None:
        rng = random.Random(0)
        seen: Counter[str] = Counter()
        with self.server("--timeout", "5"):
            for number in range(count):
                seen[raw(altered(rng, self.bodies[number % len(self.bodies)]))] += 1
            after = self.ask(body=self.bodies[0])[0]
        held = after == 200 and not [status for status in seen if status.startswith("5")]
        self.tell(f"{count:,} altered request lines, headers and bodies", held, dict(seen))

    def described(self, peer: str, cases: int) -> None:
        program = str(Path(peer).parent / "schemathesis")
        with self.server():
            command = [program, "run", f"http://127.0.0.1:{PORT}/openapi.json", "--seed", "0"]
            command += ["--max-examples", str(max(1, cases // 9)), "--continue-on-failure"]
            command += ["--checks", "not_a_server_error", "--request-timeout", "30"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
            after = self.ask(body=self.bodies[0])[0]
        lines = [line.strip() for line in done.stdout.splitlines() if "generated" in line]
        self.tell("schemathesis", done.returncode == 0 and after == 200, "; ".join(lines))
        if done.returncode:
            print(done.stdout[-4000:])

    def clients(self, peer: str | None) -> None:
        paths = []
        for number, body in enumerate(self.bodies):
            paths.append(self.folder / f"{number}.jpg")
            paths[-1].write_bytes(body)
        expected = answers(self.run, self.bodies)
        classes = list(expected[0])
        with self.server():
            found = {"curl, raw": [curl("--data-binary", f"@{path}")[0] for path in paths]}
            forms = [part for path in paths for part in ("-F", f"photo=@{path}")]
            found["curl, form"] = curl(*forms)
            text = [{"data": base64.b64encode(body).decode()} for body in self.bodies]
            body = self.folder / "body.json"
            body.write_text(json.dumps({"photos": text}))
            found["curl, JSON"] = curl(
                "-H", "content-type: application/json", "--data-binary", f"@{body}"
            )
            if peer:
                command = [peer, "-c", TRITON, f"127.0.0.1:{PORT}", *map(str, paths)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                rows = json.loads(done.stdout)
                found["tritonclient"] = [dict(zip(classes, row, strict=True)) for row in rows]
        for client, given in found.items():
            gaps = [
                abs(answer[name] - p)
                for answer, right in zip(given, expected, strict=True)
                for name, p in right.items()
            ]
            self.tell(client, max(gaps) <= FAR, f"{len(given)} photos, largest gap {max(gaps):.1g}")


def altered(rng: random.Random, body: bytes) -> bytes:
    """A request with one thing in it that is not as it should be."""
    lines = [b"POST /predict HTTP/1.1", f"host: 127.0.0.1:{PORT}".encode(), b"connection: close"]
    lines += [b"content-type: image/jpeg", f"content-length: {len(body)}".encode()]
    line = rng.randrange(len(lines))
    what = rng.randrange(5)
    if what == 0:  # another path
        path = bytes(rng.choice(b"/.%?&=~;:@[]\\'\"{}aZ09\xff\x01") for _ in range(20))
        lines[0] = b"POST /" + path + b" HTTP/1.1"
    elif what == 1:  # changed bytes
        changed = bytearray(lines[line])
        changed[rng.randrange(len(changed))] = rng.randrange(256)
        lines[line] = bytes(changed)
    elif what == 2:  # twice, or not at all
        lines[line : line + rng.randrange(2)] = [lines[line]] * rng.randrange(3)
        lines.append(b"x-more: " + b"x" * rng.randrange(100_000))
    elif what == 3:  # a length that is none
        lengths = [b"-1", b"1e9", b"9" * 400, b"0x10", b"5, 5", b"", b"18446744073709551616"]
        lines[4] = b"content-length: " + rng.choice(lengths)
    else:
        lines[4] = b"transfer-encoding: chunked"
        body = rng.randbytes(20) + b"\r\n" + body[:50]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def raw(request: bytes) -> str:
    """Send bytes, and return the status; what has no end is left."""
    with socket.create_connection(("127.0.0.1", PORT), timeout=20) as line:
        try:
            line.sendall(request)
            answer = line.recv(12)
        except TimeoutError:
            return "no answer"
        except OSError:
            return "closed"
    return answer[9:12].decode("latin-1") or "closed"


def curl(*options: str) -> list[dict[str, float]]:
    command = ["curl", "-sS", "-H", "expect:", *options, f"http://127.0.0.1:{PORT}/predict"]
    done = subprocess.run(command, check=True, capture_output=True)
    return [photo["probabilities"] for photo in json.loads(done.stdout)["photos"]]


def is_worker(pid: int) -> bool:
    """Whether a process below the server answers requests, and is no helper of Python's."""
    return b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def model_of(run: str) -> Path:
    path = Path(run)
    return path / "model.onnx" if path.is_dir() else path


def recorded(folder: Path) -> int:
    """Rows of a record."""
    import pyarrow.parquet as parquet

    return sum(parquet.read_metadata(part).num_rows for part in folder.rglob("*.parquet"))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("other")
    parser.add_argument("--peer", help="a Python with schemathesis and tritonclient")
    parser.add_argument("--cases", type=int, default=2000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        attacks = Attacks(options.run, options.other, Path(folder))
        attacks.clients(options.peer)
        attacks.tokens()
        attacks.hosts_and_origins()
        attacks.altered_requests(options.cases)
        attacks.killed_workers()
        attacks.replaced_models()
        attacks.full_disk()
        if options.peer:
            attacks.described(options.peer, options.cases)
    return 1 if attacks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
