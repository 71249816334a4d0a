from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import Photo
from pawlens.photos.lists._lists import read_list


def listed(path: Path, text: str | bytes, *files: str) -> list[Photo]:
    """Read a list beside these files."""
    for name in files or ("a.jpg", "b/b.jpg", "c.jpg"):
        (path.parent / name).parent.mkdir(exist_ok=True)
        (path.parent / name).write_bytes(b"")
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_list(path).photos


CAT_DOG = [Photo("a.jpg", ("cat",)), Photo("b/b.jpg", ("dog",))]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", "path,label\na.jpg,cat\nb/b.jpg,dog\n"),
        ("x.csv", "\ufeffpath,label\r\na.jpg,cat\r\n\r\nb/b.jpg,dog"),
        ("x.CSV", "Label , IMAGE\ncat,a.jpg\n dog , b\\b.jpg \n"),
        ("x.csv", "a.jpg,cat\nb/b.jpg,dog\n"),
        ("x.tsv", "path\tlabel\na.jpg\tcat\nb/b.jpg\tdog\n"),
        ("x.txt", "a.jpg\tcat\nb/b.jpg\tdog\n"),
    ],
)
def test_same_list_in_many_clothes(tmp_path: Path, name: str, text: str) -> None:
    assert listed(tmp_path / name, text) == CAT_DOG


def test_plain_list_keeps_commas(tmp_path: Path) -> None:
    found = listed(tmp_path / "x.txt", "a, b.jpg\r\n\r\nc.jpg\n", "a, b.jpg", "c.jpg")
    assert [p.path for p in found] == ["a, b.jpg", "c.jpg"]
    assert not any(p.labels for p in found)


def test_quoted_names_may_hold_anything(tmp_path: Path) -> None:
    text = 'path,label\n"a,""b"".jpg",cat\n"two\nlines.jpg",猫\n'
    found = listed(tmp_path / "x.csv", text, 'a,"b".jpg', "two\nlines.jpg")
    assert found == [Photo('a,"b".jpg', ("cat",)), Photo("two\nlines.jpg", ("猫",))]


def test_several_labels(tmp_path: Path) -> None:
    text = "path,label\na.jpg,cat;dog\nc.jpg,dog\nc.jpg,cat\nc.jpg,dog\n"
    found = listed(tmp_path / "x.csv", text)
    assert found == [Photo("a.jpg", ("cat", "dog")), Photo("c.jpg", ("dog", "cat"))]
    assert [p.label for p in found] == [None, None]


def test_split_column(tmp_path: Path) -> None:
    rows = [f"{s}-{c}.jpg,{c},{s}" for s in ("train", "Val", "TEST") for c in ("cat", "dog")]
    files = [row.partition(",")[0] for row in rows]
    text = "\n".join(["path,label,split", *rows, "new.jpg,,"])
    found = listed(tmp_path / "x.csv", text, *files, "new.jpg")
    assert [p.split for p in found] == ["train"] * 2 + ["valid"] * 2 + ["test"] * 2 + [None]


def test_split_without_a_class(tmp_path: Path) -> None:
    text = "path,label,split\na,cat,train\nb,dog,train\nc,cat,test\n"
    with pytest.raises(PhotosError, match="test has no photo of class 'dog'"):
        listed(tmp_path / "x.csv", text, "a", "b", "c")
    assert len(read_list(tmp_path / "x.csv", labels=False).photos) == 3


@pytest.mark.parametrize("suffix", [".parquet", ".PARQUET"])
def test_parquet(tmp_path: Path, suffix: str) -> None:
    listed(tmp_path / "x.csv", "path\na.jpg\n")
    columns = {"path": ["a.jpg", "b/b.jpg", "c.jpg"], "label": [["cat"], ["dog"], ["cat", "dog"]]}
    pq.write_table(pa.table(columns), tmp_path / f"x{suffix}")
    assert read_list(tmp_path / f"x{suffix}").photos == [*CAT_DOG, Photo("c.jpg", ("cat", "dog"))]


def test_parquet_numbers_and_nothing(tmp_path: Path) -> None:
    listed(tmp_path / "x.csv", "path\na\n", "a", "b")
    pq.write_table(pa.table({"path": ["a", "b"], "label": [3, None]}), tmp_path / "x.parquet")
    assert read_list(tmp_path / "x.parquet").photos == [Photo("a", ("3",)), Photo("b")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.csv", "", "the list is empty"),
        ("x.csv", "path,label\n", "the list is empty but for its header"),
        ("x.csv", " \n\n", "the list is empty"),
        ("x.csv", "path,label\na.jpg,cat\nb.jpg\n", "row 2 has 1 fields and not 2"),
        ("x.csv", "a.jpg,cat\nb.jpg\n", "row 2 has 1 fields and not 2"),
        ("x.csv", "path,label\n,cat\n", "row 1 has no path"),
        ("x.csv", "path,label,split\na,cat,spare\n", "row 1 has split 'spare'"),
        ("x.csv", "path,label,split\na,cat,train\na,cat,test\n", "is in two splits"),
        ("x.csv", "1,2,3,4\n", "4 columns and no header"),
        ("x.csv", "路径,标签\n".encode("gbk"), "not UTF-8 text"),
        ("x.csv", "path,label\n" + "x" * 200_000 + ",cat\n", "not a readable table"),
        ("x.parquet", "no parquet", "not a readable Parquet file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, text: str | bytes, message: str) -> None:
    with pytest.raises(PhotosError, match=rf"{name}: .*{message}") as caught:
        listed(tmp_path / name, text)
    assert "\n" not in str(caught.value)


def test_empty_parquet(tmp_path: Path) -> None:
    for table in (pa.table({}), pa.table({"path": pa.array([], pa.string())})):
        pq.write_table(table, tmp_path / "x.parquet")
        with pytest.raises(PhotosError, match="the list is empty"):
            read_list(tmp_path / "x.parquet")


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet='ab,;\t"\n\r\0 猫\u2028path', max_size=60) | st.binary(max_size=40))
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt"])
def test_any_text_gives_photos_or_a_reason(tmp_path: Path, suffix: str, text: str | bytes) -> None:
    try:
        photos = listed(tmp_path / f"x{suffix}", text)
    except PhotosError as error:
        reason = str(error)
        assert f"x{suffix}: " in reason
    else:
        assert photos
        assert all(p.path for p in photos)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("l.json", '[{"path": "a.jpg", "label": "\\ud800"}]', r"'\\ud800' holds half of a char"),
        ("l.csv", f"path,label\na.jpg,{'word ' * 200}\n", "has a label of 999 characters, 'word"),
    ],
)
def test_labels_that_are_none(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises(PhotosError, match=words):
        listed(tmp_path / name, text, "a.jpg")


@pytest.mark.parametrize("ids", [["0", "1"], ["0.0", "1.0"], ["photo 0", "photo 1"]])
def test_ids_that_are_written_in_another_way_are_shown_beside_a_file(
    tmp_path: Path, ids: list[str]
) -> None:
    text = "\n".join(["id,label", *(f"{name},cat" for name in ids)])
    with pytest.raises(PhotosError) as caught:
        listed(tmp_path / "x.csv", text, "00000.jpg", "00001.jpg")
    told = str(caught.value)
    assert f"none of its 2 photos is there; for {ids[0]!r}" in told
    assert "one of which is '00000.jpg'; write names as the files have them" in told
    assert "\n" not in told


def test_objects_in_a_parquet_table(tmp_path: Path) -> None:
    listed(tmp_path / "x.csv", "path\na\n", "a", "b", "c")
    labels = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}, None]
    boxes = [{"x": 1, "y": 2}] * 3
    for column in (labels, [[label] if label else [] for label in labels]):
        table = pa.table({"path": ["a", "b", "c"], "label": column, "box": boxes})
        pq.write_table(table, tmp_path / "x.parquet")
        found = read_list(tmp_path / "x.parquet").photos
        assert found == [Photo("a", ("cat",)), Photo("b", ("dog",)), Photo("c")]
