from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("fastapi", reason="needs pawlens[serve]")

from starlette.testclient import TestClient

from pawlens.review import Review
from pawlens.review._access import MAX_BODY, TOKEN_HEADER
from pawlens.review._routes import review_app

from .conftest import Audited

HOME = "http://127.0.0.1:8123"
TOKEN = "a-secret"
WITH_TOKEN = {TOKEN_HEADER: TOKEN}
PATHS = ("/", "/page/review.js", "/api/review", "/api/photo/0", "/api/scores/leak", "/nothing")


@pytest.fixture
def client(audited: Audited) -> Iterator[TestClient]:
    review = Review(audited.folder)
    yield TestClient(review_app(review, token=TOKEN, port=8123), base_url=HOME)
    review.close()


@pytest.mark.parametrize("path", PATHS)
def test_nothing_without_the_token(client: TestClient, path: str) -> None:
    for wrong in ({}, {TOKEN_HEADER: "guess"}, {TOKEN_HEADER: ""}, {"cookie": "pawlens-8123=x"}):
        answer = client.get(path, headers=wrong)
        assert answer.status_code == 403
        assert "no valid token" in answer.text
    assert client.get(f"{path}?token=guess").status_code == 403


def test_a_token_in_the_query_opens_only_the_page(client: TestClient) -> None:
    assert client.get(f"/api/review?token={TOKEN}").status_code == 403
    assert client.post(f"/?token={TOKEN}").status_code == 403


def test_the_link_gives_a_strict_cookie_that_reads(client: TestClient) -> None:
    answer = client.get(f"/?token={TOKEN}")
    assert answer.status_code == 200
    assert f'content="{TOKEN}"' in answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"pawlens-8123={TOKEN};")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert client.get("/api/review").status_code == 200  # the client keeps the cookie
    assert "set-cookie" not in client.get("/").headers


def test_a_cookie_alone_changes_nothing(client: TestClient, audited: Audited) -> None:
    client.get(f"/?token={TOKEN}")
    body = {"row": 0, "content": audited.table["sha256"][0][:16], "action": "drop"}
    for path in ("/api/decisions", "/api/undo"):
        assert client.post(path, json=body).status_code == 403
    assert not (audited.folder / "decisions.jsonl").exists()
    assert client.post("/api/decisions", json=body, headers=WITH_TOKEN).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8123", "127.0.0.1", "127.0.0.1:80", "[::1]:8123", ""]
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/", headers=WITH_TOKEN | {"host": host})
    assert answer.status_code == 403
    assert "its own address" in answer.text


def test_localhost_is_this_machine(client: TestClient) -> None:
    answer = client.get("/", headers=WITH_TOKEN | {"host": "localhost:8123"})
    assert answer.status_code == 200


def test_a_body_is_limited(client: TestClient) -> None:
    for body in (b"x" * (MAX_BODY + 1), iter([b"x" * MAX_BODY, b"x" * MAX_BODY])):
        answer = client.post("/api/decisions", content=body, headers=WITH_TOKEN)
        assert answer.status_code == 413
    assert client.post("/api/decisions", content=b"{}", headers=WITH_TOKEN).status_code == 422


@pytest.mark.parametrize("path", [*PATHS, "/?token=guess"])
@pytest.mark.parametrize("headers", [{}, WITH_TOKEN])
def test_every_answer_is_strict(client: TestClient, path: str, headers: dict[str, str]) -> None:
    found = client.get(path, headers=headers).headers
    policy = found["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert found["x-content-type-options"] == "nosniff"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["referrer-policy"] == "no-referrer"


def test_the_page_has_no_inline_code_and_asks_nobody_else(client: TestClient) -> None:
    index = client.get("/", headers=WITH_TOKEN).text
    assert "<script>" not in index
    assert "style=" not in index
    for name in ("review.html", "../_routes.py", "%2e%2e/_routes.py", "/etc/passwd"):
        assert client.get(f"/page/{name}", headers=WITH_TOKEN).status_code == 404
    for address in index.split('"')[1::2]:
        assert "//" not in address
        if address.startswith("/page/"):
            text = client.get(address, headers=WITH_TOKEN).text
            assert "https://" not in text
            assert "innerHTML" not in text


@pytest.mark.parametrize(
    "body",
    [
        b'{"row": NaN, "content": "0", "action": "keep"}',
        b'{"row": Infinity}',
        b'{"row": -Infinity}',
        rb'{"row": 0, "content": "\ud800", "action": "keep"}',
        rb'{"\udfff": 0}',
        b"[" * 9000 + b"]" * 7000,
        b"[" * 8000 + b"]" * 8000,
        b'{"row": ' + b"9" * 9000 + b"}",
        b"\xff\xfe{",
        b"{",
        b"\x00",
    ],
)
def test_what_is_no_json_is_told(client: TestClient, body: bytes) -> None:
    headers = WITH_TOKEN | {"content-type": "application/json"}
    for path in ("/api/decisions", "/api/undo"):
        answer = client.post(path, content=body, headers=headers)
        assert answer.status_code == 400
        assert answer.text.startswith("no JSON: ")


@pytest.mark.parametrize("value", ["9" * 4000, "1e999", "-1e999", "1e400", "true", "null", "[]"])
def test_a_row_that_is_none_is_refused(client: TestClient, value: str) -> None:
    body = f'{{"row": {value}, "content": "0", "action": "keep"}}'
    headers = WITH_TOKEN | {"content-type": "application/json"}
    answer = client.post("/api/decisions", content=body, headers=headers)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("row", ["9" * 4000, "9" * 5000, "-1", "NaN", "%ED%A0%80", "%00"])
def test_an_address_that_is_none(client: TestClient, row: str) -> None:
    assert 400 <= client.get(f"/api/photo/{row}", headers=WITH_TOKEN).status_code < 500
