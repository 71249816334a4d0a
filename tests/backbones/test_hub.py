"""Weights from a hub that is faked here: by HTTP on this machine, and as the hub's own cache."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

pytest.importorskip("torch")
timm = pytest.importorskip("timm")
pytest.importorskip("huggingface_hub")
safetensors = pytest.importorskip("safetensors.torch")

pytestmark = pytest.mark.torch

TINY = "test_resnet.r160_in1k"  # timm's own for tests
GATED = "vit_small_patch16_dinov3.lvd1689m"
MISSING = "test_vit.r160_in1k"
EMPTY = "test_vit2.r160_in1k"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ASK = """
import json, sys
from pathlib import Path
from pawlens.backbones._timm import download_weights
from pawlens.errors import BackboneError
told = {}
for name in sys.argv[2:]:
    file = Path(sys.argv[1]) / f"{name}.safetensors"
    try:
        download_weights(name, file)
        told[name] = "here"
    except BackboneError as error:
        told[name] = str(error)
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def weights() -> bytes:
    network = timm.create_model(TINY.partition(".")[0])
    state = {key: value.contiguous() for key, value in network.state_dict().items()}
    data: bytes = safetensors.save(state)
    return data


def ask(folder: Path, *names: str, **environment: str) -> dict[str, str]:
    """Download in a new process: the hub's library reads its settings once, when it is imported."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(folder), *names],
        env=os.environ | {"HF_HOME": str(folder / "home"), "no_proxy": "127.0.0.1"} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


@pytest.fixture
def hub(weights: bytes) -> Iterator[str]:
    """A hub on this machine: one network to be had, one gated, one without files, one unknown."""

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            code, told, data = 404, "RepoNotFound", b""
            if GATED in self.path:
                code, told = (200, "") if "/api/" in self.path else (403, "GatedRepo")
            elif EMPTY in self.path:
                code, told = (200, "") if "/api/" in self.path else (404, "EntryNotFound")
            elif TINY in self.path:
                code, told = 200, ""
            if code == 200:
                data = b'{"id": "timm/any"}' if "/api/" in self.path else weights
            self.send_response(code)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", hashlib.sha256(data).hexdigest())
            if told:
                self.send_header("X-Error-Code", told)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_hub_gives_refuses_and_lacks_weights(hub: str, tmp_path: Path, weights: bytes) -> None:
    told = ask(tmp_path, TINY, GATED, MISSING, EMPTY, HF_ENDPOINT=hub)
    assert told[TINY] == "here"
    kept = safetensors.load_file(tmp_path / f"{TINY}.safetensors")
    given = safetensors.load(weights)
    assert kept.keys() == given.keys()
    assert all(kept[key].equal(given[key]) for key in given)
    assert told[GATED].startswith(f"the weights of {GATED} are gated (dinov3-license): accept")
    assert "`hf auth login`" in told[GATED]
    for name in (MISSING, EMPTY):
        assert told[name].startswith(f"the hub has no weights of {name} (timm/{name})")
        assert "--weights-dir" in told[name]
    assert sorted(file.name for file in tmp_path.glob("*.safetensors*")) == [
        f"{TINY}.safetensors",
        f"{TINY}.safetensors.sha256",
    ]


def test_without_a_network_the_hub_s_own_cache_is_enough(tmp_path: Path, weights: bytes) -> None:
    repository = tmp_path / "home" / "hub" / f"models--timm--{TINY}"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (snapshot / "model.safetensors").write_bytes(weights)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    told = ask(tmp_path, TINY, MISSING, HF_HUB_OFFLINE="1")
    assert told[TINY] == "here"
    assert told[MISSING].startswith(f"the weights of {MISSING} are not in the hub's cache, and HF_")
    assert (tmp_path / f"{TINY}.safetensors").is_file()
