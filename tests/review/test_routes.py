from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs pawlens[serve]")

from PIL import Image
from starlette.testclient import TestClient

from pawlens.audit import Journal
from pawlens.review import Review
from pawlens.review._routes import review_app

from .conftest import CLASSES, KINDS, Audited


@pytest.fixture
def client(audited: Audited) -> Iterator[TestClient]:
    review = Review(audited.folder)
    headers = {"x-pawlens-token": "t"}
    app = review_app(review, token="t", port=9)
    yield TestClient(app, base_url="http://127.0.0.1:9", headers=headers)
    review.close()


def row_of(audited: Audited, name: str) -> int:
    return next(i for i, path in enumerate(audited.table["path"]) if name in path)


def decision(audited: Audited, row: int, action: str, **more: Any) -> dict[str, Any]:
    return {"row": row, "content": audited.table["sha256"][row][:16], "action": action, **more}


def test_overview(client: TestClient, audited: Audited) -> None:
    found = client.get("/api/review").json()
    assert found["path"] == audited.table["path"]
    assert found["labels"] == audited.table["labels"]
    assert found["classes"] == list(CLASSES)
    assert [kind["name"] for kind in found["kinds"]] == list(KINDS)
    assert {k["name"]: k["count"] for k in found["kinds"]}["label_error"] == 9
    assert found["unreadable"] == [row_of(audited, "00003")]
    assert found["found"][row_of(audited, "00004")] == 1 << KINDS.index("border")
    assert found["command"] == f"pawlens train {audited.photos} --decisions {audited.folder}"
    assert found["decisions"] == []


def test_a_photo(client: TestClient, audited: Audited) -> None:
    row = row_of(audited, "00004")
    found = client.get(f"/api/photo/{row}").json()
    assert found["border"] == [16, 16, 80, 64]
    assert found["suggestion"] == "trim"
    assert found["neighbours"] == audited.table["neighbours"][row]
    assert found["probabilities"] == [audited.table[f"p:{name}"][row] for name in CLASSES]
    assert client.get(f"/api/photo/{row_of(audited, '00003')}").json()["probabilities"] is None


def test_a_copy_is_not_suggested_to_be_dropped(client: TestClient, audited: Audited) -> None:
    found = client.get(f"/api/photo/{row_of(audited, '00005')}").json()
    assert (found["copies"], found["suggestion"]) == (1, "")
    assert audited.table["suggestion"][row_of(audited, "00005")] == "drop"


def test_scores(client: TestClient, audited: Audited) -> None:
    found = client.get("/api/scores/label_error").json()
    assert found == pytest.approx(audited.table["label_error_score"], abs=1e-4)
    assert client.get("/api/scores/ugly").status_code == 409


@pytest.mark.parametrize(("size", "side"), [("thumb", 256), ("large", 1280)])
def test_pictures(client: TestClient, audited: Audited, size: str, side: int) -> None:
    Image.new("RGB", (1600, 400), "red").save(audited.photos / "cat" / "00000.jpg")
    row = row_of(audited, "00001")
    answer = client.get(f"/{size}/{row}/{audited.table['sha256'][row][:16]}.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(answer.content)).size == (64, 48)
    changed = row_of(audited, "00000")
    answer = client.get(f"/{size}/{changed}/{audited.table['sha256'][changed][:16]}.jpg")
    assert answer.status_code == 409
    assert "changed since the audit" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/thumb/99/0123456789abcdef.jpg",
        "/thumb/-1/0123456789abcdef.jpg",
        "/huge/0/0.jpg",
        "/api/photo/12",
        "/api/photo/-1",
        "/docs",
        "/openapi.json",
    ],
)
def test_no_such_thing(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_picture_of_another_content(client: TestClient) -> None:
    assert client.get("/thumb/0/0123456789abcdef.jpg").status_code == 409


def test_decisions_are_on_disk_before_the_answer(client: TestClient, audited: Audited) -> None:
    path = audited.folder / "decisions.jsonl"
    asked = [
        decision(audited, 0, "drop", reason="neither"),
        decision(audited, 1, "relabel", labels=["cat", "dog"]),
        decision(audited, 4, "keep"),
        decision(audited, row_of(audited, "00004"), "trim"),
    ]
    for done, body in enumerate(asked, start=1):
        answer = client.post("/api/decisions", json=body)
        assert answer.status_code == 200, answer.text
        lines = path.read_text().splitlines()
        assert len(lines) == done
        row = json.loads(lines[-1])
        assert row["sha256"] == audited.table["sha256"][body["row"]]
        assert row["path"] == audited.table["path"][body["row"]]
        assert (row["action"], row["by"]) == (body["action"], "person")
        assert answer.json()["rows"] == [body["row"]]
        assert answer.json()["decision"]["labels"] == body.get("labels", [])
    assert len(client.get("/api/review").json()["decisions"]) == 4


def test_copies_are_decided_together(client: TestClient, audited: Audited) -> None:
    row, copy = row_of(audited, "00005"), row_of(audited, "00006")
    answer = client.post("/api/decisions", json=decision(audited, row, "drop")).json()
    assert sorted(answer["rows"]) == sorted([row, copy])


def test_undo(client: TestClient, audited: Audited) -> None:
    client.post("/api/decisions", json=decision(audited, 0, "keep"))
    client.post("/api/decisions", json=decision(audited, 0, "drop"))
    first = client.post("/api/undo").json()
    assert (first["undone"]["action"], first["decision"]["action"]) == ("drop", "keep")
    second = client.post("/api/undo").json()
    assert (second["rows"], second["decision"]) == ([0], None)
    answer = client.post("/api/undo")
    assert (answer.status_code, answer.json()["detail"]) == (409, "nothing to undo")
    assert len(Journal(audited.folder / "decisions.jsonl")) == 4


@pytest.mark.parametrize(
    ("change", "status", "word"),
    [
        ({"row": 12}, 404, "row"),
        ({"content": "0123456789abcdef"}, 409, "reload"),
        ({"action": "undo"}, 422, "keep"),
        ({"action": "relabel", "labels": ["fox"]}, 409, "fox"),
        ({"action": "drop", "labels": ["cat"]}, 409, "labels"),
        ({"action": "trim"}, 409, "border"),
        ({"path": "/etc/passwd"}, 422, "path"),
        ({"reason": "x" * 1001}, 422, "reason"),
    ],
)
def test_a_wrong_decision_is_refused(
    client: TestClient, audited: Audited, change: dict[str, Any], status: int, word: str
) -> None:
    answer = client.post("/api/decisions", json=decision(audited, 0, "keep") | change)
    assert answer.status_code == status
    assert word in answer.text
    assert not (audited.folder / "decisions.jsonl").exists()


def test_a_disk_that_does_not_take_it(client: TestClient, audited: Audited) -> None:
    (audited.folder / "decisions.jsonl").mkdir()
    answer = client.post("/api/decisions", json=decision(audited, 0, "keep"))
    assert answer.status_code == 409
    assert "cannot be written" in answer.json()["detail"]
