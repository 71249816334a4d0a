"""A server in this process with two small models, and photos to ask it about."""

from __future__ import annotations

import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.small_models import linear_head, picture, saved, small_model

from pawlens.backbones import Backbone
from pawlens.server import Server, ServerSettings

CLASSES = ("cat", "dog", "猫头鹰")


@dataclass
class Reply:
    """A response: status, headers and body."""

    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    link: str, path: str, body: bytes | None = None, method: str | None = None, **headers: str
) -> Reply:
    """Send one request; headers have underscores for hyphens."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(link + path, body, names, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return Reply(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


def photo_bytes(seed: int = 0, size: tuple[int, int] = (150, 200), kind: str = "JPEG") -> bytes:
    """Encode a drawn picture."""
    file = io.BytesIO()
    Image.fromarray(picture(seed, size)).save(file, kind)
    return file.getvalue()


def model_file(paw: Backbone, folder: Path, seed: int = 1, **facts: Any) -> Path:
    """Write a small model as ``model.onnx`` into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    head = linear_head(paw.spec.feature_dim, len(CLASSES), seed)
    return saved(small_model(paw, head, classes=CLASSES, **facts).to_onnx(), folder)


@pytest.fixture(scope="session")
def paw_of_session(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    from pawlens.backbones import find_backbone

    return find_backbone("paw", cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def models(paw_of_session: Backbone, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    return {
        name: model_file(paw_of_session, folder / name, seed)
        for name, seed in (("pets", 1), ("owls", 2))
    }


@pytest.fixture(scope="session")
def start(models: dict[str, Path]) -> Iterator[Callable[..., Server]]:
    """Start a server; it is stopped after the tests."""
    begun: list[Server] = []

    def make(*named: str, **settings: Any) -> Server:
        places = [f"{name}={models[name]}" for name in named or ("pets",)]
        options = {"port": 0, "quiet": True, "precision": "f32", **settings}
        begun.append(Server(places, ServerSettings(**options)))
        return begun[-1]

    yield make
    for server in begun:
        server.stop()


@pytest.fixture(scope="session")
def server(start: Callable[..., Server]) -> Server:
    """A server with two models and no token."""
    return start("pets", "owls")


BOUNDARY = "0123456789"


def form(*parts: tuple[str, str | None, bytes]) -> tuple[bytes, str]:
    """Encode (field, file name, content) as a form; returns its body and its content type."""
    body = b""
    for field, name, content in parts:
        file = "" if name is None else f'; filename="{name}"'
        body += f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{field}"{file}\r\n'.encode()
        body += b"\r\n" + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode(), f"multipart/form-data; boundary={BOUNDARY}"
