"""JSON lists: records, JSON Lines, COCO, and what Label Studio exports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos.lists._json import json_rows
from pawlens.photos.lists._lists import read_list

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
NAMES = {1: ["cat"], 2: ["dog"], 3: ["cat", "dog"]}
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


FORMS |= {
    "custom-vision.json": [
        {
            "id": "x",
            "originalImageUri": f"https://x.org/{number}.jpg",
            "tags": [{"tagId": "y", "tagName": name} for name in names],
        }
        for number, names in NAMES.items()
    ],
    "objects.json": [
        {"image": f"{number}.jpg", "labels": [{"id": 7, "name": name} for name in names]}
        for number, names in NAMES.items()
    ],
    "questions.json": [
        {"image": f"{number}.jpg", "tags": [{"name": "kind", "value": name} for name in names]}
        for number, names in NAMES.items()
    ],
    "createml.json": [
        {
            "image": f"{number}.jpg",
            "annotations": [{"label": name, "coordinates": {"x": 1}} for name in names],
        }
        for number, names in NAMES.items()
    ],
    "photo-object.json": [
        {"image": {"path": f"{number}.jpg", "bytes": None}, "label": names}
        for number, names in NAMES.items()
    ],
    "labelbox.json": [
        {
            "ID": "x",
            "Labeled Data": "https://x.org/1",
            "External ID": f"{number}.jpg",
            "Label": {
                "objects": [],
                "classifications": [
                    {"title": "kind", "answers": [{"title": name} for name in names]}
                ],
            },
        }
        for number, names in NAMES.items()
    ],
    "labelbox-rows.json": [
        {
            "data_row": {"id": "x", "external_id": f"{number}.jpg", "row_data": "https://x.org"},
            "projects": {
                "p": {
                    "labels": [
                        {
                            "annotations": {
                                "classifications": [
                                    {"name": "kind", "radio_answer": {"name": name}}
                                    for name in names
                                ]
                            }
                        }
                    ]
                }
            },
        }
        for number, names in NAMES.items()
    ],
    "vertex.json": [
        {
            "imageGcsUri": f"gs://bucket/{number}.jpg",
            "classificationAnnotations": [{"displayName": name} for name in names],
            "dataItemResourceLabels": {"aiplatform.googleapis.com/ml_use": "training"},
        }
        for number, names in NAMES.items()
    ],
    "pairs.json": [[f"{number}.jpg", names] for number, names in NAMES.items()],
    "beneath.json": {
        "version": 1,
        "labels": {f"{number}.jpg": names for number, names in NAMES.items()},
    },
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_of_json(tmp_path: Path, name: str) -> None:
    for number in (1, 2, 3):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
    (tmp_path / name).write_text(json.dumps(FORMS[name]))
    read = [(photo.path, photo.labels) for photo in read_list(tmp_path / name).photos]
    assert read == [("1.jpg", ("cat",)), ("2.jpg", ("dog",)), ("3.jpg", ("cat", "dog"))]


def labels(folder: Path, content: Any) -> dict[str, tuple[str, ...]]:
    for number in (1, 2, 3):
        (folder / f"{number}.jpg").write_bytes(b"")
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "x.json").write_text(text, encoding="utf-8")
    return {photo.path: photo.labels for photo in read_list(folder / "x.json").photos}


@pytest.mark.parametrize(
    "label",
    [
        {"id": 0, "name": "cat"},
        {"label": 0, "name": "cat"},
        {"className": "cat", "confidence": 0.9},
        [{"label": "cat", "score": 0.9}],
        {"value": "cat"},
        {"choices": ["cat"]},
        {"species": "cat"},
        {"species": {"cat": True, "dog": False}},
        {"name": "species", "answer": {"title": "cat"}},
        "{'id': 0, 'name': 'cat'}",
        '{"id": 0, "name": "cat"}',
        "['cat']",
    ],
)
def test_an_object_is_the_label_that_it_names(tmp_path: Path, label: Any) -> None:
    assert labels(tmp_path, [{"path": "1.jpg", "label": label}]) == {"1.jpg": ("cat",)}


@pytest.mark.parametrize(
    ("label", "why"),
    [
        ({"id": 0, "code": 4}, "is an object that tells no name of a label"),
        ({"x": "cat", "y": "dog"}, "is an object that tells no name of a label"),
        ([{"a": 1, "b": 2}, {"a": 3, "b": 4}], "is an object that tells no name of a label"),
        ([{"name": "cat", "score": 0.9}, {"name": "dog", "score": 0.1}], "labels with scores"),
        ([{"name": "cat", "value": 1}, {"name": "dog", "value": 0}], "labels with scores"),
    ],
)
def test_an_object_that_names_no_label_is_refused(tmp_path: Path, label: Any, why: str) -> None:
    with pytest.raises(PhotosError, match=rf"x\.json: the label of '1\.jpg', .*{why}") as caught:
        labels(tmp_path, [{"path": "1.jpg", "label": label}])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        '{"1.jpg": "cat", "2.jpg": "dog", "1.jpg": "dog"}',
        '[{"path": "1.jpg", "label": "cat", "label": "dog"}]',
        '{"path": "1.jpg", "label": "cat"}\n{"path": "2.jpg", "label": "cat", "label": "dog"}',
        '{"cat": ["1.jpg"], "dog": ["2.jpg"], "cat": ["3.jpg"]}',
    ],
)
def test_two_values_under_one_name_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PhotosError, match="stands twice in an object, with other values"):
        labels(tmp_path, text)


def test_one_value_told_twice_is_one(tmp_path: Path) -> None:
    assert labels(tmp_path, '{"1.jpg": "cat", "1.jpg": "cat"}') == {"1.jpg": ("cat",)}


def test_pairs_of_generators_and_vectors(tmp_path: Path) -> None:
    pairs = [["1.jpg", 6], ["2.jpg", [0, 1, 0]], ["3.jpg", "cat"]]
    given = {"1.jpg": ("6",), "2.jpg": ("1",), "3.jpg": ("cat",)}
    assert labels(tmp_path, {"labels": pairs}) == given
    with pytest.raises(PhotosError, match="not a list of photos"):
        labels(tmp_path, {"labels": [["1.jpg", [0.2, 0.8]]]})


def test_places_of_names(tmp_path: Path) -> None:
    content = {"classes": ["cat", "dog"], "labels": {"1": 0, "2": 1}}
    assert labels(tmp_path, content) == {"1.jpg": ("cat",), "2.jpg": ("dog",)}
    content["labels"] = {"1": 7}
    with pytest.raises(PhotosError, match="not a list of photos"):
        labels(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        {"train": {"1.jpg": "cat"}, "test": {"2.jpg": "cat"}},
        {"train": [["1.jpg", "cat"]], "test": [["2.jpg", "cat"]]},
        {"train": [{"path": "1.jpg"}], "test": [{"path": "2.jpg"}]},
        {"train": ["1.jpg"], "test": ["2.jpg"]},
    ],
)
def test_names_of_splits_are_no_labels(tmp_path: Path, content: Any) -> None:
    given = labels(tmp_path, content)
    assert set(given.values()) in ({("cat",)}, {()})
    photos = read_list(tmp_path / "x.json").photos
    assert [(photo.path, photo.split) for photo in photos] == [
        ("1.jpg", "train"),
        ("2.jpg", "test"),
    ]


@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: {x: True}])
def test_a_table_of_an_annotation_tool(tmp_path: Path, wrap: Callable[[str], Any]) -> None:
    of_photos, of_regions = [], []
    for number, name in ((1, "cat"), (2, "dog"), (3, "cat")):
        (tmp_path / f"{number}.jpg").write_bytes(b"")
        cell = json.dumps({"kind": wrap(name)}).replace('"', '""')
        of_photos.append(f'{number}.jpg,300,"{cell}",0,0,"{{}}"')
        of_regions.append(f'{number}.jpg,300,"{{}}",1,0,"{cell}"')
    header = "filename,file_size,file_attributes,region_count,region_id,region_attributes"
    for rows in (of_photos, of_regions):
        (tmp_path / "x.csv").write_text("\n".join([header, *rows, '4.jpg,300,"{}",0,0,"{}"']))
        given = [photo.label for photo in read_list(tmp_path / "x.csv").photos]
        assert given == ["cat", "dog", "cat", None]
    project = {
        f"{n}.jpg300": {"filename": f"{n}.jpg", "file_attributes": {"kind": wrap(name)}}
        for n, name in ((1, "cat"), (2, "dog"))
    }
    given_labels = labels(tmp_path, {"_via_settings": {}, "_via_img_metadata": project})
    assert given_labels == {"1.jpg": ("cat",), "2.jpg": ("dog",)}


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
