"""The Open Inference Protocol v2, as clients of KServe and Triton speak it."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import numpy as np
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.server import Server

from .conftest import CLASSES, Reply, ask, photo_bytes

INFER = "/v2/models/pets/infer"


def packed(*elements: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(one)) + one for one in elements)


def request(tensor: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"inputs": [{"name": "image", "datatype": "BYTES", **tensor}], **more}


def infer(server: Server, asked: object, tail: bytes = b"") -> Reply:
    head = json.dumps(asked).encode()
    headers = {"inference_header_content_length": str(len(head))} if tail else {}
    return ask(server.link, INFER, head + tail, content_type="application/octet-stream", **headers)


def test_bytes_in_and_out_say_the_same_as_predict(server: Server) -> None:
    photos = [photo_bytes(seed) for seed in (5, 6)]
    data = packed(*photos, b"no photo")
    tensor = {"shape": [3, 1], "parameters": {"binary_data_size": len(data)}}
    outputs = [{"name": "probabilities", "parameters": {"binary_data": True}}, {"name": "status"}]
    reply = infer(server, request(tensor, outputs=outputs, id="42"), data)
    length = int(reply.headers["inference-header-content-length"])
    head = json.loads(reply.body[:length])
    assert (head["model_name"], head["model_version"], head["id"]) == ("pets", "1", "42")
    values, status = head["outputs"]
    assert (values["datatype"], values["shape"]) == ("FP64", [3, 3])
    proba = np.frombuffer(reply.body[length:], "<f8").reshape(3, 3)
    for photo, row in zip(photos, proba, strict=False):
        plain = ask(server.link, "/predict", photo).json()["photos"][0]["probabilities"]
        np.testing.assert_allclose(row, [plain[name] for name in CLASSES], atol=1e-5)
    assert (proba[2] == 0).all()
    assert status["data"][:2] == ["ok", "ok"]
    assert status["data"][2].startswith("unreadable: ")


def test_base64_in_json_is_read_too(server: Server) -> None:
    text = base64.b64encode(photo_bytes(5)).decode()
    first = infer(server, request({"shape": [1], "data": [text]})).json()
    second = infer(server, request({"shape": [1], "data": [{"b64": text}]})).json()
    named = {output["name"]: output for output in first["outputs"]}
    assert set(named) == {"probabilities", "label", "status"}
    assert named["label"]["data"][0] in CLASSES
    assert sum(named["probabilities"]["data"]) == pytest.approx(1, abs=1e-6)
    assert second["outputs"] == first["outputs"]


def test_features_come_by_their_name_alone(server: Server) -> None:
    photo = photo_bytes(1)
    data = struct.pack("<I", len(photo)) + photo
    tensor = {"shape": [1], "parameters": {"binary_data_size": len(data)}}
    asked = [{"name": "embedding", "parameters": {"binary_data": True}}]
    reply = infer(server, request(tensor, outputs=asked), data)
    length = int(reply.headers["inference-header-content-length"])
    (output,) = json.loads(reply.body[:length])["outputs"]
    found = np.frombuffer(reply.body[length:], "<f4")
    assert (output["datatype"], output["shape"]) == ("FP32", [1, len(found)])
    plain = ask(server.link, "/predict?embedding=true", photo).json()["photos"][0]["embedding"]
    np.testing.assert_array_equal(found, np.array(plain, np.float32))
    facts = ask(server.link, "/v2/models/pets").json()["outputs"]
    assert facts[-1] == {"name": "embedding", "datatype": "FP32", "shape": [-1, len(found)]}


def test_all_outputs_are_bytes_where_the_request_asks_for_it(server: Server) -> None:
    data = packed(photo_bytes(5))
    tensor = {"shape": [1], "parameters": {"binary_data_size": len(data)}}
    reply = infer(server, request(tensor, parameters={"binary_data_output": True}), data)
    length = int(reply.headers["inference-header-content-length"])
    sizes = [
        o["parameters"]["binary_data_size"] for o in json.loads(reply.body[:length])["outputs"]
    ]
    assert sum(sizes) == len(reply.body) - length
    label = reply.body[length + sizes[0] :][: sizes[1]]
    assert label[4:].decode() in CLASSES


PHOTO = base64.b64encode(b"x").decode()


@pytest.mark.parametrize(
    ("asked", "tail", "words"),
    [
        ([], b"", "no object"),
        ({}, b"", "give one input"),
        ({"inputs": [{"name": "x", "datatype": "BYTES"}]}, b"", "the input is image"),
        ({"inputs": [{"name": "image", "datatype": "FP32"}]}, b"", "the input is image"),
        (request({"shape": [1]}), b"", "neither data nor"),
        (request({"shape": [2], "data": [PHOTO]}), b"", "2 elements, the data 1"),
        (request({"shape": [1, 2], "data": [PHOTO]}), b"", "[n] or [n, 1]"),
        (request({"shape": [True], "data": [PHOTO]}), b"", "[n] or [n, 1]"),
        (request({"shape": [10**9], "data": [PHOTO]}), b"", "at most 1000"),
        (request({"shape": [1], "data": [7]}), b"", "base64"),
        (request({"shape": [1], "data": [PHOTO]}, outputs=[{"name": "x"}]), b"", "no output 'x'"),
        (request({"shape": [1], "data": [PHOTO]}, outputs=3), b"", "no list of objects"),
        (request({"shape": [1], "parameters": {"binary_data_size": 3}}), b"abcd", "4 bytes follow"),
        (request({"shape": [1], "parameters": {"binary_data_size": 4}}), b"abcd", "is longer"),
        (request({"shape": [1], "parameters": {"binary_data_size": 2}}), b"ab", "no elements"),
    ],
)
def test_a_request_that_is_none_is_refused(
    server: Server, asked: object, tail: bytes, words: str
) -> None:
    reply = infer(server, asked, tail)
    assert reply.status == 400
    assert words in reply.json()["error"]


@pytest.mark.parametrize("length", ["-1", "x", "99999", "9" * 40])
def test_a_length_outside_the_body_is_refused(server: Server, length: str) -> None:
    reply = ask(server.link, INFER, b"{}", inference_header_content_length=length)
    assert (reply.status, "no length within" in reply.json()["error"]) == (400, True)


def test_health_and_metadata(server: Server) -> None:
    assert ask(server.link, "/v2/health/live").json() == {"live": True}
    assert ask(server.link, "/v2/health/ready").json() == {"ready": True}
    assert ask(server.link, "/v2/models/owls/ready").json()["ready"] is True
    assert ask(server.link, "/v2/models/cows/ready").status == 404
    facts = ask(server.link, "/v2/models/owls/versions/1").json()
    assert (facts["name"], facts["versions"]) == ("owls", ["1"])
    assert facts["inputs"] == [{"name": "image", "datatype": "BYTES", "shape": [-1]}]
    assert facts["parameters"]["classes"] == list(CLASSES)
    index = ask(server.link, "/v2/repository/index", b"").json()
    assert [(one["name"], one["state"]) for one in index] == [("pets", "READY"), ("owls", "READY")]


def test_loading_is_off_unless_it_was_allowed(server: Server) -> None:
    reply = ask(server.link, "/v2/repository/models/pets/load", b"")
    assert (reply.status, "--allow-load" in reply.json()["error"]) == (403, True)
