from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens.errors import PhotosError, UnreadablePhoto
from pawlens.photos import Photo, Photos, Skipped
from pawlens.photos.decoding._formats import why_unread
from pawlens.photos.stores._stores import FolderStore


def jpeg(value: int = 0) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (8, 6), (value, value, value)).save(sink, "JPEG")
    return sink.getvalue()


def put(folder: Path, *names: str, data: bytes | None = None) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(jpeg() if data is None else data)
    return folder


def test_folder_in_natural_order(tmp_path: Path) -> None:
    photos = Photos.read(put(tmp_path / "pets", "cat/10.jpg", "cat/9.jpg", "dog/1.JPG"))
    assert photos.paths == ["cat/9.jpg", "cat/10.jpg", "dog/1.JPG"]
    assert photos.classes == ["cat", "dog"]
    assert photos.name == "pets"
    assert photos.labels_from == "class folders"
    assert photos[0] == Photo("cat/9.jpg", ("cat",))
    assert photos[1:].paths == ["cat/10.jpg", "dog/1.JPG"]
    assert photos.decode(0).shape == (6, 8, 3)
    assert repr(photos) == f"Photos({str(tmp_path / 'pets')!r}, 3 photos, 2 classes)"


def test_zip_equals_folder(tmp_path: Path) -> None:
    folder = put(tmp_path / "pets", "猫/1.jpg", "狗/1.jpg", "狗/notes.txt")
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(tmp_path))
    one, other = Photos.read(folder), Photos.read(tmp_path / "pets.zip")
    assert [p.labels for p in one] == [p.labels for p in other] == [("狗",), ("猫",)]
    assert [Path(p).name for p in other.paths] == ["1.jpg", "1.jpg"]
    assert [s.reason for s in other.skipped] == ["not a photo"]
    assert np.array_equal(one.decode(0), other.decode(0))


def test_what_is_no_photo_is_named(tmp_path: Path) -> None:
    put(tmp_path, "cat/1.jpg", "dog/2", "dog/2.jpg_original")
    put(tmp_path, "notes.md", "film.mp4", "more.zip", data=b"PK\x03\x04 something")
    photos = Photos.read(tmp_path)
    assert photos.paths == ["cat/1.jpg", "dog/2", "dog/2.jpg_original"]
    assert photos.skipped == (
        Skipped("film.mp4", why_unread("a video")),
        Skipped("more.zip", "an archive inside; unpack it and name it by itself"),
        Skipped("notes.md", "not a photo"),
    )


def test_zip_in_a_zip_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", b"PK\x03\x04" + b"\0" * 10_000_000)
    with pytest.raises(
        PhotosError, match=r"a\.zip: no photos in it; it holds 'inner\.zip' \(an arch"
    ):
        Photos.read(tmp_path / "a.zip")


def test_names_of_255_bytes(tmp_path: Path) -> None:
    name = "猫" * 83 + "ab.jpg"
    assert len(name.encode()) == 255
    photos = Photos.read(put(tmp_path, f"cat/{name}", "dog/1.jpg"))
    assert photos.paths[0] == f"cat/{name}"
    assert photos.decode(0).shape == (6, 8, 3)


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    put(tmp_path, "cat/1.jpg", "dog/1.jpg")
    try:
        put(tmp_path, "cat/\udcc3\udca8\udcff.jpg")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    with pytest.raises(PhotosError, match=r"xff\.jpg' is not UTF-8; rename it"):
        Photos.read(tmp_path)


def test_without_labels_any_layout_will_do(tmp_path: Path) -> None:
    put(tmp_path, "cat/1.jpg", "stray.jpg", "train/x.jpg")
    photos = Photos.read(tmp_path, labels=False)
    assert photos.paths == ["cat/1.jpg", "stray.jpg", "train/x.jpg"]
    assert photos.classes == []


def test_list_file(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b/b.jpg")
    (tmp_path / "mine.csv").write_text("path,label\na.jpg,cat\nb/b.jpg,dog\nc.jpg,dog\n")
    photos = Photos.read(tmp_path / "mine.csv")
    assert photos.name == "mine"
    assert photos.classes == ["cat", "dog"]
    assert photos.decode(1).shape == (6, 8, 3)
    with pytest.raises(UnreadablePhoto, match="No such file"):
        photos.decode(2)


def test_folder_is_read_by_its_only_list(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    (tmp_path / "train_list.txt").write_text("a.jpg\tcat\n./b.jpg\tdog\n")
    photos = Photos.read(tmp_path)
    assert photos.classes == ["cat", "dog"]
    assert Skipped("c.jpg", "not in train_list.txt") in photos.skipped
    assert not any(one.path == "train_list.txt" for one in photos.skipped)
    (tmp_path / "more.csv").write_text("path\na.jpg\n")
    assert Skipped("more.csv", "a list without labels") in Photos.read(tmp_path).skipped
    (tmp_path / "more.csv").write_text("path,label\na.jpg,dog\n")
    with pytest.raises(PhotosError, match=r"2 lists of its photos \(more\.csv, train_list\.txt\)"):
        Photos.read(tmp_path)


def test_one_photo_and_several(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "b")
    assert Photos.read(tmp_path / "a.jpg").paths == [str(tmp_path / "a.jpg")]
    both = Photos.read([tmp_path / "a.jpg", tmp_path / "b"])
    assert both.decode(1).shape == (6, 8, 3)
    with pytest.raises(PhotosError, match="listed twice"):
        Photos.read([tmp_path / "a.jpg", tmp_path / "a.jpg"])
    with pytest.raises(PhotosError, match=r"c\.jpg: no such file"):
        Photos.read([tmp_path / "a.jpg", tmp_path / "c.jpg"])
    with pytest.raises(PhotosError, match="no photos were given"):
        Photos.read([])


def test_sources_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"something")
    (tmp_path / "empty").mkdir()
    for name, message in {
        "gone": "no such file or folder",
        "a.bin": "not a folder, zip, tar, list",
        "empty": "no photos in it",
    }.items():
        with pytest.raises(PhotosError, match=rf"{name}: {message}"):
            Photos.read(tmp_path / name)


def test_subset_keeps_order_and_paths_are_unique(tmp_path: Path) -> None:
    photos = Photos.read(put(tmp_path, *[f"{c}/{i}.jpg" for c in "ab" for i in range(3)]))
    assert photos.subset([4, 0]).paths == ["b/1.jpg", "a/0.jpg"]
    with pytest.raises(PhotosError, match="'x' is listed twice"):
        Photos([Photo("x"), Photo("x")], FolderStore(tmp_path), name="n")


def test_classes_that_differ_by_case_only_keep_one_order(tmp_path: Path) -> None:
    rows = [Photo(str(i), (label,)) for i, label in enumerate(["cat", "Cat", "1", "01", "10", "9"])]
    photos = Photos(rows, FolderStore(tmp_path), name="n")
    assert photos.classes == ["01", "1", "9", "10", "Cat", "cat"]


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("option", ["path_column", "label_column"])
def test_a_column_where_no_list_is_read_is_refused(
    tmp_path: Path, labels: bool, option: str
) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(b"")
    with pytest.raises(PhotosError, match=r"no list was read that could have a column 'x'"):
        Photos.read(tmp_path, labels=labels, **{option: "x"})
    assert len(Photos.read(tmp_path, labels=labels, label_column="none")) == 2


def test_an_empty_path_is_not_this_folder() -> None:
    with pytest.raises(PhotosError, match=r"the path of the photos is empty; write \. for this"):
        Photos.read("")
