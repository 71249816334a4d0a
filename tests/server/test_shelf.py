"""Models by name and version, and a model that takes another's place."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.server import Server, ServerSettings, parse_places

from .conftest import ask, model_file, photo_bytes


def test_names_and_versions_are_read_or_made() -> None:
    texts = ["runs/pets", "runs/other/pets", "a@9=runs/pets/model.onnx", "runs/pets/model.onnx"]
    places = parse_places(texts)
    assert [(p.name, p.version, p.source) for p in places] == [
        ("pets", "1", "runs/pets"),
        ("pets", "2", "runs/other/pets"),
        ("a", "9", "runs/pets/model.onnx"),
        ("pets", "3", "runs/pets/model.onnx"),
    ]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["a b=runs/x"], "'a b' cannot stand in an address"),
        (["a@1=x", "a@1=y"], "a model a@1 already"),
        (["..=x"], "cannot stand"),
    ],
)
def test_names_that_cannot_be_are_refused(texts: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_places(texts)


def test_a_new_model_takes_over_without_losing_a_request(
    paw_of_session: Backbone, tmp_path: Path
) -> None:
    file = model_file(paw_of_session, tmp_path / "pets", 1)
    settings = ServerSettings(port=0, quiet=True, precision="f32", allow_load=True)
    photo = photo_bytes(7)
    with Server([str(file.parent)], settings) as server:
        load = server.link.removesuffix("/") + "/v2/repository/models/pets/load"
        assert ask(load, "", b"").json()["models"] == {"pets@1": "unchanged"}
        before = ask(server.link, "/predict", photo).json()
        outcomes: list[tuple[int, str]] = []
        ended = threading.Event()

        def keep_asking() -> None:
            while not ended.is_set():
                reply = ask(server.link, "/predict", photo)
                outcomes.append((reply.status, reply.json()["model"]["sha256"]))

        asking = threading.Thread(target=keep_asking)
        asking.start()
        model_file(paw_of_session, file.parent, 2)
        assert ask(load, "", b"").json()["models"] == {"pets@1": "loaded"}
        after = ask(server.link, "/predict", photo).json()
        file.write_bytes(file.read_bytes()[:5000])
        broken = ask(load, "", b"")
        ended.set()
        asking.join()
        assert (broken.status, "the old model stays" in broken.json()["error"]) == (400, True)
        assert ask(server.link, "/predict", photo).json() == after
    assert after["model"]["sha256"] != before["model"]["sha256"]
    assert after["photos"] != before["photos"]
    assert {status for status, _ in outcomes} == {200}
    hashes = [sha256 for _, sha256 in outcomes]
    assert set(hashes) == {before["model"]["sha256"], after["model"]["sha256"]}
    assert hashes == sorted(hashes, key=[before["model"]["sha256"], hashes[-1]].index)
