"""``/predict``: what comes in, what goes out, and that it is what the model itself says."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")
from PIL import Image

from pawlens import load
from pawlens.server import Server

from .conftest import BOUNDARY, ask, form, photo_bytes


def test_answers_are_those_of_predict(
    server: Server, models: dict[str, Path], tmp_path: Path
) -> None:
    kinds = ("JPEG", "PNG", "WEBP")
    photos = [
        photo_bytes(seed, (40 + 37 * seed, 60 + 53 * seed), kinds[seed % 3]) for seed in range(12)
    ]
    paths = []
    for number, data in enumerate(photos):
        paths.append(tmp_path / f"{number}.jpg")
        paths[-1].write_bytes(data)
    expected = load(models["pets"]).answer(paths, precision="f32")
    body, kind = form(*(("photos", f"{i}.jpg", data) for i, data in enumerate(photos)))
    rows = ask(server.link, "/predict", body, content_type=kind).json()["photos"]
    assert [row["name"] for row in rows] == [path.name for path in paths]
    assert [row["label"] for row in rows] == expected.labels
    answered = [[row["probabilities"][name] for name in expected.classes] for row in rows]
    np.testing.assert_allclose(answered, expected.proba, atol=1e-5)
    assert np.ptp(expected.proba, axis=0).max() > 0.1  # they are not all alike


def test_a_raw_body_a_form_and_json_are_answered_alike(server: Server) -> None:
    photo = photo_bytes(3)
    body, kind = form(("a", "猫.jpg", photo))
    encoded = base64.b64encode(photo).decode()
    replies = [
        ask(server.link, "/predict", photo, content_type="image/jpeg"),
        ask(server.link, "/predict", photo, content_type="application/x-www-form-urlencoded"),
        ask(server.link, "/predict", body, content_type=kind),
        ask(
            server.link,
            "/predict",
            json.dumps({"photos": [{"name": "1", "data": encoded}]}).encode(),
            content_type="application/json",
        ),
        ask(
            server.link,
            "/predict",
            json.dumps({"photos": [encoded]}).encode(),
            content_type="application/json",
        ),
    ]
    rows = [reply.json()["photos"][0] for reply in replies]
    assert [row.pop("name") for row in rows] == ["photo", "photo", "猫.jpg", "1", "1"]
    assert all(row == rows[0] for row in rows)
    assert rows[0]["status"] == "ok"
    assert sum(rows[0]["probabilities"].values()) == pytest.approx(1, abs=1e-6)


def test_every_response_names_its_model(server: Server, models: dict[str, Path]) -> None:
    photo = photo_bytes(1)
    default = ask(server.link, "/predict", photo).json()
    named = ask(server.link, "/predict/owls?version=1", photo).json()
    assert default["model"] == {
        "name": "pets",
        "version": "1",
        "sha256": load(models["pets"]).sha256,
    }
    assert named["model"]["name"] == "owls"
    assert named["photos"][0]["probabilities"] != default["photos"][0]["probabilities"]
    listed = ask(server.link, "/models").json()["models"]
    assert [model["name"] for model in listed] == ["pets", "owls"]


def test_one_photo_that_cannot_be_read_fails_alone(server: Server) -> None:
    good = photo_bytes(2)
    body, kind = form(("a", "1.jpg", good), ("b", "2.jpg", good[:150]), ("c", "3.jpg", b"text"))
    reply = ask(server.link, "/predict", body, content_type=kind)
    rows = reply.json()["photos"]
    assert reply.status == 200
    assert rows[0]["status"] == "ok"
    assert [row["status"].split(":")[0] for row in rows[1:]] == ["unreadable"] * 2
    assert (rows[1]["label"], rows[1]["probabilities"]) == (None, {})
    alone = ask(server.link, "/predict", good[:150])
    assert alone.status == 422
    assert alone.json()["photos"][0]["status"].startswith("unreadable: ")


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "words"),
    [
        ("/predict", b"", "image/jpeg", 400, "no photo in the request"),
        ("/predict", b"x", "text/html", 415, "send image/*"),
        ("/predict", b"{", "application/json", 400, "not JSON"),
        ("/predict", b"[" * 9000, "application/json", 400, "not JSON"),
        ("/predict", b'{"photos": 3}', "application/json", 400, "no list photos"),
        ("/predict", b'{"photos": [{"data": 3}]}', "application/json", 400, "not a name and its"),
        ("/predict", b'{"photos": ["?"]}', "application/json", 400, "not base64"),
        ("/predict", b'{"photos": []}', "application/json", 400, "no photo in the request"),
        ("/predict", b"x", "multipart/form-data", 400, "not a form with files"),
        ("/predict", b"x", f"multipart/form-data; boundary={BOUNDARY}", 400, "not a form"),
        ("/predict/cows", b"x", "image/jpeg", 404, "no model 'cows'; there are pets@1, owls@1"),
        ("/predict/pets?version=9", b"x", "image/jpeg", 404, "no model 'pets@9'"),
        ("/predict?map=perhaps", b"x", "image/jpeg", 400, "map: Input should be a valid boolean"),
        ("/nothing", b"x", "image/jpeg", 404, "Not Found"),
    ],
)
def test_what_cannot_be_answered_gets_one_line(
    server: Server, path: str, body: bytes, kind: str, status: int, words: str
) -> None:
    reply = ask(server.link, path, body, content_type=kind)
    assert reply.status == status
    assert words in reply.json()["error"]
    assert "\n" not in reply.json()["error"]


def test_a_field_that_is_no_file_is_not_left_out(server: Server) -> None:
    body, kind = form(("photo", "1.jpg", photo_bytes()), ("model", None, b"owls"))
    reply = ask(server.link, "/predict", body, content_type=kind)
    assert (reply.status, reply.json()["error"]) == (
        400,
        "the field 'model' is no file; send files",
    )


def test_a_map_is_a_picture_of_the_photo(server: Server) -> None:
    rows = ask(server.link, "/predict?map=true", photo_bytes(4, (300, 900))).json()["photos"]
    drawn = Image.open(io.BytesIO(base64.b64decode(rows[0]["map"])))
    assert drawn.format == "PNG"
    assert max(drawn.size) <= 512
    assert drawn.width / drawn.height == pytest.approx(3, abs=0.05)


def test_the_page_asks_this_server_alone(server: Server) -> None:
    page = ask(server.link, "/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert ask(server.link, "/page/page.js").headers["content-type"].startswith("text/javascript")
    assert b"http" not in page.body.replace(b"http-equiv", b"")


def test_the_description_has_every_route_and_examples(server: Server) -> None:
    described = ask(server.link, "/openapi.json").json()
    assert {"/predict", "/metrics", "/v2/models/{model}/infer"} <= set(described["paths"])
    assert "example" in json.dumps(described["paths"]["/predict"]["post"])


def test_embeddings_are_those_of_embed_and_only_where_they_are_asked_for(
    server: Server, models: dict[str, Path], tmp_path: Path
) -> None:
    photos = [tmp_path / f"{seed}.jpg" for seed in range(3)]
    for seed, path in enumerate(photos):
        path.write_bytes(photo_bytes(seed))
    body, kind = form(*(("photos", path.name, path.read_bytes()) for path in photos))
    broken, _ = form(("photos", "1", photos[0].read_bytes()), ("photos", "2", b"no photo"))
    rows = ask(server.link, "/predict?embedding=true", body, content_type=kind).json()["photos"]
    expected = load(models["pets"]).embed(photos).values
    assert np.ptp(expected, axis=0).max() > 0.1
    # `embed` computes in the precision of this processor, the server of the tests in f32.
    np.testing.assert_allclose([row["embedding"] for row in rows], expected, atol=0.1)
    plain = ask(server.link, "/predict", body, content_type=kind).json()["photos"]
    assert not any("embedding" in row for row in plain)
    assert [row["probabilities"] for row in plain] == [row["probabilities"] for row in rows]
    two = ask(server.link, "/predict?embedding=true", broken, content_type=kind).json()["photos"]
    assert ["embedding" in row for row in two] == [True, False]


def test_the_short_way_answers_and_refuses_as_the_routes_do(server: Server) -> None:
    for body, kind in ((photo_bytes(1), "image/jpeg"), (b"x", ""), (b"", ""), (b"{", "text/x")):
        short, long = (
            ask(server.link, path, body, "POST", content_type=kind)
            for path in ("/predict", "/predict?map=false")
        )
        assert (short.status, short.body) == (long.status, long.body)
        for name in ("content-type", "x-content-type-options", "retry-after"):
            assert short.headers[name] == long.headers[name]
    assert ask(server.link, "/predict", method="GET").status == 405
    figures = ask(server.link, "/metrics").body.decode()
    assert 'pawlens_requests_total{path="/predict",status="415"}' in figures
