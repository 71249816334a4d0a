"""Photos inside tar shards and Parquet files, with the labels beside them."""

from __future__ import annotations

import bz2
import gc
import gzip
import json
import lzma
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pawlens.errors import PhotosError, UnreadablePhoto
from pawlens.photos import Photos
from pawlens.photos.decoding._formats import HEAD_BYTES
from pawlens.photos.reading import _shards as module
from pawlens.photos.reading._shards import ShardStore

from .shards import jpeg, pictures, tar


def beside(label: str, ending: str) -> dict[str, bytes]:
    if ending == "json":
        return {"json": json.dumps({"class": label, "width": 96}).encode()}
    return {} if ending == "" else {ending: label.encode()}


def shard(path: Path, first: int, ending: str = "cls") -> Path:
    """Write two cats and two dogs, each with its label beside it."""
    members: dict[str, bytes] = {}
    for number in range(first, first + 4):
        label = ("cat", "dog")[number % 2]
        files = {"jpg": jpeg(label, number), **beside(label, ending)}
        members |= {f"{number:04d}.{kind}": data for kind, data in files.items()}
    return tar(path, members)


@pytest.mark.parametrize("ending", ["cls", "json", "txt"])
def test_a_folder_of_shards(tmp_path: Path, ending: str) -> None:
    for number in range(2):
        shard(tmp_path / f"shard-{number:06d}.tar", 4 * number, ending)
    photos = Photos.read(tmp_path)
    assert [photo.label for photo in photos] == ["cat", "dog"] * 4
    assert photos.paths[0] == "shard-000000.tar/0000.jpg"
    assert photos.paths[-1] == "shard-000001.tar/0007.jpg"
    assert photos.decode(5).shape == (80, 96, 3)
    assert photos.read_bytes(5) == jpeg("dog", 5)
    again = Photos.at(photos.location, list(photos))
    assert again.read_bytes(7) == jpeg("dog", 7)
    assert ("width" in photos.further) == (ending == "json")


def test_one_shard_several_and_a_pattern(tmp_path: Path) -> None:
    paths = [shard(tmp_path / f"s-{number:03d}.tar", 4 * number) for number in range(3)]
    one = Photos.read(paths[0])
    assert one.paths == [f"000{i}.jpg" for i in range(4)]
    assert Photos.at(one.location, list(one)).read_bytes(2) == jpeg("cat", 2)
    assert len(Photos.read(paths[:2])) == 8
    assert Photos.read(tmp_path / "s-{000..001}.tar").paths == Photos.read(paths[:2]).paths
    assert len(Photos.read(tmp_path / "s-*.tar")) == 12
    with pytest.raises(PhotosError, match=r"s-003\.tar: no such file"):
        Photos.read(tmp_path / "s-{001..003}.tar")


def test_splits_are_the_names_of_shards(tmp_path: Path) -> None:
    shard(tmp_path / "train-00000-of-00001.tar", 0)
    shard(tmp_path / "test" / "0.tar", 4)
    photos = Photos.read(tmp_path)
    assert {(p.path.partition("/")[0], p.split) for p in photos} == {
        ("train-00000-of-00001.tar", "train"),
        ("test", "test"),
    }


def test_a_tar_of_class_folders(tmp_path: Path) -> None:
    names = [f"pets/{label}/{n}.jpg" for label in ("cat", "dog") for n in range(2)]
    path = tar(tmp_path / "pets.tar", {name: jpeg("cat", 1) for name in names})
    assert Photos.read(path).classes == ["cat", "dog"]


@pytest.mark.parametrize("name", ["../evil.jpg", "/evil.jpg", "C:/evil.jpg", "a\\..\\..\\evil.jpg"])
def test_members_that_point_outside(tmp_path: Path, name: str) -> None:
    path = tar(tmp_path / "a.tar", {"good.jpg": b"", name: b""})
    with pytest.raises(PhotosError, match="points outside the archive; nothing was read"):
        Photos.read(path)


def test_links_and_hidden_members_are_no_photos(tmp_path: Path) -> None:
    path = shard(tmp_path / "a.tar", 0)
    with tarfile.open(path, "a") as archive:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("._0000.jpg"))
    assert len(Photos.read(path)) == 4


def test_a_second_name_of_a_photo_is_a_photo_and_other_links_are_named(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", {f"cat/{i}.jpg": jpeg("cat", i) for i in range(2)})
    with tarfile.open(path, "a") as archive:
        for name, kind, target in (
            ("dog/0.jpg", tarfile.LNKTYPE, "./cat/1.jpg"),
            ("dog/1.jpg", tarfile.LNKTYPE, "none.jpg"),
            ("dog/2.jpg", tarfile.SYMTYPE, "/etc/passwd"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
    photos = Photos.read(path)
    assert [(photo.path, photo.label) for photo in photos] == [
        ("cat/0.jpg", "cat"),
        ("cat/1.jpg", "cat"),
        ("dog/0.jpg", "dog"),
    ]
    assert photos.read_bytes(2) == jpeg("cat", 1)
    assert {one.path: one.reason for one in photos.skipped} == dict.fromkeys(
        ("a.tar/dog/1.jpg", "a.tar/dog/2.jpg"), "a link in the archive, which is not followed"
    )


def test_damaged_and_compressed_tars_are_refused(tmp_path: Path) -> None:
    path = shard(tmp_path / "a.tar", 0)
    whole = path.read_bytes()
    path.write_bytes(b"\0" * 100 + whole[100:])
    with pytest.raises(PhotosError, match=r"a\.tar: not a readable tar archive"):
        Photos.read(path)
    path.write_bytes(whole[: whole.index(b"0003.jpg") + 700])
    with pytest.raises((PhotosError, UnreadablePhoto), match=r"not a readable tar|cut off"):
        Photos.read(path).read_bytes(3)
    for written in (gzip.compress(whole), bz2.compress(whole), lzma.compress(whole)):
        path.write_bytes(written)
        with pytest.raises(PhotosError, match=r"not a readable tar .*; it is compressed: unpack"):
            Photos.read(path)
        (tmp_path / "a.tgz").write_bytes(written)
        with pytest.raises(PhotosError, match=r"a\.tgz: not a folder.*; it is compressed: unpack"):
            Photos.read(tmp_path / "a.tgz")
    two = tar(tmp_path / "b.tar", {"1.jpg": b"1"})
    with tarfile.open(two, "a") as archive:
        archive.addfile(tarfile.TarInfo("1.jpg"))
    with pytest.raises(PhotosError, match=r"two members are called '1\.jpg'"):
        Photos.read(two)


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 100_000])
def test_labels_that_cannot_be_read(tmp_path: Path, data: bytes) -> None:
    path = tar(tmp_path / "a.tar", {"1.jpg": jpeg("cat", 1), "1.json": data})
    with pytest.raises(PhotosError, match=r"a\.tar: '1\.json' holds no label"):
        Photos.read(path)


def parquet(path: Path, first: int, names: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = [("cat", "dog")[n % 2] for n in range(first, first + 4)]
    image = [
        {"bytes": jpeg(label, n), "path": f"{n}.jpg" if names else None}
        for n, label in enumerate(labels, start=first)
    ]
    pq.write_table(pa.table({"image": image, "label": labels, "age": [3] * 4}), path)
    return path


def test_parquet_with_pictures(tmp_path: Path) -> None:
    for number, name in enumerate(("train-00000-of-00001", "test-00000-of-00001")):
        parquet(tmp_path / "data" / f"{name}.parquet", 4 * number)
    photos = Photos.read(tmp_path)
    assert {photo.split for photo in photos} == {"train", "test"}
    row = photos.paths.index("data/train-00000-of-00001.parquet/3.jpg")
    assert (photos[row].label, photos.read_bytes(row)) == ("dog", jpeg("dog", 3))
    assert set(photos.further["age"].values()) == {"3"}
    again = Photos.at(photos.location, list(photos))
    assert [again.read_bytes(i) for i in range(8)] == [photos.read_bytes(i) for i in range(8)]


def test_pictures_without_names_are_called_after_their_rows(tmp_path: Path) -> None:
    photos = Photos.read(parquet(tmp_path / "x.parquet", 0, names=False))
    assert photos.paths == [f"row-{i}" for i in range(4)]
    assert [photo.label for photo in photos] == ["cat", "dog", "cat", "dog"]
    assert photos.decode(3).shape == (80, 96, 3)


def test_names_inside_parquet_lead_nowhere(tmp_path: Path) -> None:
    image = [{"bytes": b"1", "path": p} for p in ("../../x.jpg", "/etc/x.jpg", "a\\b.jpg")]
    pq.write_table(pa.table({"image": image}), tmp_path / "x.parquet")
    store = ShardStore(tmp_path / "x.parquet", [tmp_path / "x.parquet"])
    assert store.shards[0].names == ["row-0-x.jpg", "row-1-x.jpg", "a/b.jpg"]
    with pytest.raises(UnreadablePhoto, match=r"not in x\.parquet"):
        store.read("/etc/passwd")


def test_no_more_is_read_than_a_photo_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tar(tmp_path / "a.tar", {"1.jpg": b"x" * 5000, "2.jpg": b"y"})
    store = ShardStore(path, [path])
    assert store.head("1.jpg") == b"x" * HEAD_BYTES
    assert store.read("2.jpg") == b"y"
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert store.read("1.jpg") == b"x" * 1001


def test_unpacked_pictures_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "cache"))
    photos = Photos.read(parquet(tmp_path / "x.parquet", 0))
    assert photos.read_bytes(0) == jpeg("cat", 0)
    del photos
    gc.collect()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_label_beside_a_picture_that_is_called_as_the_column_of_pictures(tmp_path: Path) -> None:
    members: dict[str, bytes] = {}
    for number, label in enumerate(("cat", "dog")):
        told = {"label": label, "photo": f"{number + 1}.jpg", "path": "elsewhere.jpg"}
        members |= {
            f"{number}.jpg": jpeg(label, number),
            f"{number}.json": json.dumps(told).encode(),
        }
    photos = Photos.read(tar(tmp_path / "a.tar", members))
    assert [(photo.path, photo.label) for photo in photos] == [("0.jpg", "cat"), ("1.jpg", "dog")]
    assert photos.further["photo"] == {"0.jpg": "1.jpg", "1.jpg": "2.jpg"}


def test_more_pictures_of_one_name_are_told(tmp_path: Path) -> None:
    members: dict[str, bytes] = {}
    for number, label in enumerate(("cat", "dog")):
        members |= {
            f"{number}.{kind}": jpeg(label, number) for kind in ("jpg", "depth.png", "mask.png")
        }
        members[f"{number}.cls"] = label.encode()
    photos = Photos.read(tar(tmp_path / "a.tar", members))
    assert photos.paths == ["0.jpg", "1.jpg"]
    assert (
        "a.tar: 4 more pictures lie beside photos and are not read, as '0.depth.png'"
        in photos.notes
    )


@pytest.mark.parametrize("inside", ["", "cat/"])
def test_folders_of_the_system_are_passed_over_as_everywhere(tmp_path: Path, inside: str) -> None:
    whole = pictures("cat/{}.jpg", "dog/{}.jpg")
    strange = pictures(*(f"{inside}{name}/{{}}.jpg" for name in ("@eaDir", "__MACOSX")))
    strange |= pictures("cat/thumbs/{}.jpg")
    path = tar(tmp_path / "a.tar", whole | strange)
    for labels in (True, False):
        photos = Photos.read(path, labels=labels)
        assert photos.paths == sorted(whole)
        assert {one.path: one.reason for one in photos.skipped} == {
            f"a.tar/{inside}@eaDir/": "of the system",
            f"a.tar/{inside}__MACOSX/": "of the system",
            "a.tar/cat/thumbs/": "thumbnails, by its name",
        }


def test_paths_in_parquet_lead_into_no_folder_of_the_system(tmp_path: Path) -> None:
    paths = ["cat/1.jpg", "@eaDir/1.jpg", "cat/.hidden.jpg"]
    image = [{"bytes": jpeg("cat", n), "path": path} for n, path in enumerate(paths)]
    pq.write_table(pa.table({"image": image, "label": ["a", "b", "c"]}), tmp_path / "x.parquet")
    photos = Photos.read(tmp_path / "x.parquet")
    assert [(photo.path, photo.label) for photo in photos] == [("cat/1.jpg", "a")]
    assert photos.read_bytes(0) == jpeg("cat", 0)
    assert [one.path for one in photos.skipped] == [
        "x.parquet/@eaDir/",
        "x.parquet/cat/.hidden.jpg",
    ]


def test_empty_folders_of_a_tar_are_told(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", pictures("cat/{}.jpg", "dog/{}.jpg"))
    with tarfile.open(path, "a") as archive:
        folder = tarfile.TarInfo("bird")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    assert "folders without a photo: bird" in Photos.read(path).notes
