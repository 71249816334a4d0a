"""JSON lists: records, JSON Lines, COCO, and what Label Studio exports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos._list_json import json_rows
from pawlens.photos._lists import read_list

STUDIO = [
    {
        "id": number,
        "data": {"image": f"/data/upload/1/0a1b2c3d-{number}.jpg"},
        "annotations": [
            {"was_cancelled": True, "result": [{"value": {"choices": ["wrong"]}}]},
            {"result": [{"type": "choices", "value": {"choices": choices}}]},
        ],
    }
    for number, choices in ((1, ["cat"]), (2, ["dog"]), (3, ["cat", "dog"]))
]
FORMS: dict[str, Any] = {
    "records.json": [
        {"path": "1.jpg", "label": "cat"},
        {"path": "2.jpg", "label": "dog"},
        {"path": "3.jpg", "label": ["cat", "dog"]},
    ],
    "map.json": {"1.jpg": "cat", "2.jpg": ["dog"], "3.jpg": ["cat", "dog"]},
    "inside.json": {
        "version": 2,
        "data": [
            {"file_name": "1.jpg", "class": "cat"},
            {"file_name": "2.jpg", "class": "dog"},
            {"file_name": "3.jpg", "class": "cat;dog"},
        ],
    },
    "coco.json": {
        "info": {},
        "images": [{"id": n, "file_name": f"images/{n}.jpg", "width": 8} for n in (1, 2, 3)],
        "categories": [{"id": 7, "name": "cat"}, {"id": 8, "name": "dog"}],
        "annotations": [
            {"image_id": 1, "category_id": 7, "bbox": [1, 2, 3, 4]},
            {"image_id": 1, "category_id": 7},
            {"image_id": 2, "category_id": 8},
            {"image_id": 3, "category_id": 7},
            {"image_id": 3, "category_id": 8},
        ],
    },
    "studio.json": STUDIO,
    "studio-min.json": [
        {"image": "/data/upload/1/0a1b2c3d-1.jpg", "id": 1, "choice": "cat", "annotator": 1},
        {"image": "/data/upload/1/0a1b2c3d-2.jpg", "id": 2, "choice": "dog", "annotator": 1},
        {"image": "/data/upload/1/0a1b2c3d-3.jpg", "id": 3, "choice": {"choices": ["cat", "dog"]}},
    ],
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_json(tmp_path: Path, name: str) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    (tmp_path / name).write_text(json.dumps(FORMS[name]))
    read = [(photo.path, photo.labels) for photo in read_list(tmp_path / name).photos]
    assert read == [("1.jpg", ("cat",)), ("2.jpg", ("dog",)), ("3.jpg", ("cat", "dog"))]


@pytest.mark.parametrize("ending", ["jsonl", "ndjson"])
def test_an_object_a_line(tmp_path: Path, ending: str) -> None:
    (tmp_path / "007.jpg").write_bytes(b"")
    path = tmp_path / f"metadata.{ending}"
    path.write_text('{"file_name": "007.jpg", "label": 1.0, "age": null}\r\n\r\n', "utf-8-sig")
    read = read_list(path)
    assert [(photo.path, photo.labels) for photo in read.photos] == [("007.jpg", ("1.0",))]
    assert read.further == {"age": {}}


def test_values_are_the_text_that_they_are_written_as() -> None:
    text = b'[{"a": 1e5, "b": 1.0, "c": true, "d": null, "e": "NA", "f": [1, "x"], "g": {"k": 1}}]'
    rows = json_rows(text, Path("x.json"))
    assert rows == [list("abcdefg"), ["1e5", "1.0", "true", "", "NA", "1;x", '{"k": "1"}']]


def test_keys_that_not_every_object_has() -> None:
    assert json_rows(b'{"a": 1}\n{"b": 2}', Path("x.jsonl")) == [["a", "b"], ["1", ""], ["", "2"]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[1, 2]", "not a list of photos; it must hold an object for each photo"),
        (b"3", "not a list of photos"),
        (b'{"a": null}', "not a list of photos"),
        (b'{"a": [{"b": 1}], "c": [{"b": 1}]}', "not a list of photos"),
        (b'{"images": [{"id": 1}], "annotations": [{}]}', "not a list of photos"),
        (b'{"images": 3, "annotations": []}', "not a list of photos"),
        (b'[{"data": {}, "annotations": 3}]', "not a list of photos"),
        (b"{", "not readable JSON"),
        (b"[" * 100_000, "not readable JSON"),
        ("[{'a': 'ä'}]".encode("latin-1"), "not UTF-8 text"),
    ],
)
def test_other_json_is_refused_in_one_line(text: bytes, message: str) -> None:
    with pytest.raises(PhotosError, match=rf"x\.json: {message}") as caught:
        json_rows(text, Path("x.json"))
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=True) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["path", "data", "images", "annotations", "result", "id", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_gives_rows_or_a_reason(content: Any) -> None:
    try:
        header, *rows = json_rows(json.dumps(content).encode(), Path("x.json"))
    except PhotosError as error:
        reason = str(error)
        assert "x.json: " in reason
    else:
        assert all(len(row) == len(header) for row in rows)
        assert all(isinstance(cell, str) for row in rows for cell in row)
