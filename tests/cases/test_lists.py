"""Lists beside photos as people really have them: read as meant, or refused in one line."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import Photos

from ..striped import striped

COUNT = 8
Rows = list[tuple[str, str]]
Case = Callable[[Path], None]


def flat(folder: Path, name: Callable[[int], str]) -> Rows:
    """Write photos whose names say nothing true of their labels, and return what is true."""
    rows = []
    for number in range(COUNT):
        label = ("cat", "dog")[number // 2 % 2]
        (folder / name(number)).parent.mkdir(parents=True, exist_ok=True)
        striped(label, number).save(folder / name(number))
        rows.append((name(number), label))
    return rows


def text(header: str, rows: Rows, delimiter: str = ",") -> str:
    return "\n".join([header, *(delimiter.join(row) for row in rows)]) + "\n"


def numbered(folder: Path) -> Rows:
    return flat(folder, "{:04d}.jpg".format)


def two_cameras(folder: Path) -> None:
    rows = flat(folder, lambda i: f"{'IMG' if i % 2 else 'DSC'}_{i:04d}.jpg")
    (folder / "labels.csv").write_text(text("filename,label", rows))


def ids_without_ending(folder: Path) -> None:
    rows = flat(folder, "{:05x}.jpg".format)
    (folder / "labels.csv").write_text(text("id,breed", [(n[:-4], x) for n, x in rows]))


def file_name(folder: Path) -> None:
    (folder / "metadata.csv").write_text(text("file_name,label", numbered(folder)))


def jsonl(folder: Path) -> None:
    lines = [json.dumps({"file_name": n, "label": x}) for n, x in numbered(folder)]
    (folder / "metadata.jsonl").write_text("\n".join(lines))


def semicolon(folder: Path) -> None:
    table = text("filename;label", numbered(folder), ";")
    (folder / "labels.csv").write_bytes(b"\xef\xbb\xbf" + table.replace("\n", "\r\n").encode())


def one_hot(folder: Path) -> None:
    rows = [f"{n[:-4]},{x == 'cat':d},{x == 'dog':d}" for n, x in numbered(folder)]
    (folder / "labels.csv").write_text("\n".join(["image_id,cat,dog", *rows]))


def subfolder(folder: Path) -> None:
    rows = flat(folder, "images/{:04d}.jpg".format)
    (folder / "labels.csv").write_text(text("path,label", [(n[7:], x) for n, x in rows]))


def windows_absolute(folder: Path) -> None:
    rows = [(f"C:\\data\\pets\\{n}", x) for n, x in numbered(folder)]
    (folder / "labels.csv").write_text(text("path,label", rows))


def label_studio(folder: Path) -> None:
    rows = [(f"/data/upload/1/{n}", x) for n, x in numbered(folder)]
    (folder / "project-1.csv").write_text(text("image,choice", rows))


def label_studio_json(folder: Path) -> None:
    tasks = [
        {"image": f"/data/upload/1/0a1b2c3d-{n}", "choice": x, "annotation_id": 1}
        for n, x in numbered(folder)
    ]
    (folder / "export.json").write_text(json.dumps(tasks))


def coco(folder: Path) -> None:
    rows = flat(folder, "images/{:04d}.jpg".format)
    content = {
        "images": [{"id": i, "file_name": n[7:]} for i, (n, _) in enumerate(rows)],
        "categories": [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}],
        "annotations": [
            {"image_id": i, "category_id": 1 + (x == "dog")} for i, (_, x) in enumerate(rows)
        ],
    }
    (folder / "_annotations.coco.json").write_text(json.dumps(content))


def parquet_bytes(folder: Path) -> None:
    rows = numbered(folder / "photos")
    image = [{"bytes": (folder / "photos" / n).read_bytes(), "path": n} for n, _ in rows]
    table = pa.table({"image": image, "label": [x for _, x in rows]})
    pq.write_table(table, folder / "train.parquet")
    for name, _ in rows:
        (folder / "photos" / name).unlink()


def tar_shards(folder: Path) -> None:
    rows = numbered(folder / "photos")
    for shard in range(2):
        with tarfile.open(folder / f"shard-{shard:06d}.tar", "w") as archive:
            for name, label in rows[shard::2]:
                data = (folder / "photos" / name).read_bytes()
                for member, content in ((name, data), (f"{name[:-4]}.cls", label.encode())):
                    info = tarfile.TarInfo(member)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
    for name, _ in rows:
        (folder / "photos" / name).unlink()


READ: list[Case] = [
    two_cameras, ids_without_ending, file_name, jsonl, semicolon, one_hot, subfolder,
    windows_absolute, label_studio, label_studio_json, coco, parquet_bytes, tar_shards,
]  # fmt: skip


@pytest.mark.parametrize("case", READ, ids=lambda case: case.__name__)
def test_read_as_meant(case: Case, tmp_path: Path) -> None:
    case(tmp_path)
    photos = Photos.read(tmp_path)
    shown = {photo.path: photo.label for photo in photos}
    assert len(shown) == COUNT
    for row, photo in enumerate(photos):
        pixels = photos.decode(row)
        across = pixels[:, 1:].astype(int) - pixels[:, :-1]
        down = pixels[1:].astype(int) - pixels[:-1]
        stripes = "cat" if (across**2).mean() > (down**2).mean() else "dog"
        assert photo.label == stripes, photo
    assert photos.notes


def test_an_unknown_column_is_asked_about(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(text("image,choice", numbered(tmp_path)))
    with pytest.raises(PhotosError) as caught:
        Photos.read(tmp_path)
    for word in ("'image'", "'choice'", "known are label", "--label-column", "--path-column"):
        assert word in str(caught.value)
    assert Photos.read(tmp_path, label_column="choice").classes == ["cat", "dog"]


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    rows = [(n, "Kätzchen" if x == "cat" else "dog") for n, x in numbered(tmp_path)]
    (tmp_path / "labels.csv").write_bytes(text("path,label", rows).encode("cp1252"))
    with pytest.raises(PhotosError, match=r"labels\.csv: not UTF-8 text .*; save it as UTF-8"):
        Photos.read(tmp_path)
    (tmp_path / "labels.csv").write_text(text("path,label", rows), encoding="utf-16")
    with pytest.raises(PhotosError, match=r"labels\.csv: not UTF-8 text"):
        Photos.read(tmp_path)


def test_a_workbook_is_named(tmp_path: Path) -> None:
    numbered(tmp_path)
    (tmp_path / "labels.xlsx").write_bytes(b"PK\x03\x04")
    told = {one.path: one.reason for one in Photos.read(tmp_path).skipped}
    assert told["labels.xlsx"] == "a workbook; if it has the labels, save it as CSV"
    with pytest.raises(PhotosError, match="a workbook is not read; save it as CSV"):
        Photos.read(tmp_path / "labels.xlsx")


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(["id", "image_id", "file_name", "path", "Image", "img"]),
    st.sampled_from(["label", "breed", "class_name", "Category", "species"]),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["{stem}", "{name}", "./{path}", "C:\\x\\{name}", "https://x.org/{name}?a=1"]),
    st.sampled_from(["", "images/", "train/images/"]),
    st.sampled_from(["csv", "jsonl", "json", "parquet"]),
    st.lists(st.sampled_from(["cat", "dog", "007", "NA", "Maine Coon", "1.0"]), min_size=2),
    st.sampled_from([(), ("age",), ("", "notes")]),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    path_name: str,
    label_name: str,
    delimiter: str,
    form: str,
    folder: str,
    kind: str,
    labels: list[str],
    further: tuple[str, ...],
) -> None:
    root = tmp_path_factory.mktemp("written")
    (root / folder).mkdir(parents=True, exist_ok=True)
    expected, rows = {}, []
    for number, label in enumerate(labels):
        path = f"{folder}{number:05d}.jpg"
        (root / path).write_bytes(b"")
        expected[path] = (label,)
        name = form.format(stem=f"{number:05d}", name=f"{number:05d}.jpg", path=path)
        rows.append({path_name: name, label_name: label, **dict.fromkeys(further, "3")})
    names = list(rows[0])
    where = root / f"labels.{kind}"
    if kind == "csv":
        table = [names, *([row[name] for name in names] for row in rows)]
        where.write_text("\r\n".join(delimiter.join(cells) for cells in table))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), where)
    else:
        lines = map(json.dumps, rows)
        where.write_text("\n".join(lines) if kind == "jsonl" else json.dumps(rows))
    for source in (root, where):
        photos = Photos.read(source)
        assert {photo.path: photo.labels for photo in photos} == expected
        assert set(photos.further) == set(further) - {""}
