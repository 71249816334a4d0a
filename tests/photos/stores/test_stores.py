from __future__ import annotations

import os
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError, UnreadablePhoto
from pawlens.photos.stores import _stores as module
from pawlens.photos.stores._stores import FolderStore, ZipStore


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def patched(path: Path, old: bytes, new: bytes) -> Path:
    """Change bytes of an archive, as no honest writer would."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new))
    return path


def test_folder_lists_files_without_the_hidden_ones(tmp_path: Path) -> None:
    for name in ("b/2.jpg", "a.jpg", ".hidden.jpg", ".git/x.jpg", "b/.DS_Store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    store = FolderStore(tmp_path)
    assert store.names() == ["a.jpg", "b/2.jpg"]
    assert store.head("b/2.jpg") == store.read("b/2.jpg") == b"b/2.jpg"
    assert store.read(str(tmp_path / "a.jpg")) == b"a.jpg"


def test_linked_folders_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "1.jpg").write_bytes(b"1")
    (tmp_path / "photos" / "deep").mkdir(parents=True)
    (tmp_path / "photos" / "cat").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "photos" / "deep" / "loop").symlink_to(tmp_path / "photos")
    assert FolderStore(tmp_path / "photos").names() == ["cat/1.jpg"]


def test_a_folder_that_cannot_be_listed_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cat").mkdir()
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("cat"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PhotosError, match=r"cat: cannot be listed \(Permission denied\)"):
        FolderStore(tmp_path).names()


@pytest.mark.parametrize("name", ["gone.jpg", "x" * 300, "nul\0.jpg", "."])
def test_unreadable_files_say_why(tmp_path: Path, name: str) -> None:
    store = FolderStore(tmp_path)
    assert store.head(name) == b""
    with pytest.raises(UnreadablePhoto, match="cannot be read"):
        store.read(name)


def test_zip_is_read_in_place(tmp_path: Path) -> None:
    members = {
        "猫/一.jpg": b"1",
        "dog/2.jpg": b"2",
        "__MACOSX/._2.jpg": b"",
        "dog/.x": b"",
        "e/": b"",
    }
    store = ZipStore(make_zip(tmp_path / "a.zip", members))
    assert store.names() == ["dog/2.jpg", "猫/一.jpg"]
    assert store.read("猫/一.jpg") == b"1"
    assert store.head("dog/2.jpg") == b"2"
    with pytest.raises(UnreadablePhoto, match=r"not in a\.zip"):
        store.read("dog/.x")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.zip"]


@pytest.mark.parametrize("name", ["../evil.jpg", "a/../../evil.jpg", "/evil.jpg", "C:/evil.jpg"])
def test_members_outside_the_archive(tmp_path: Path, name: str) -> None:
    path = make_zip(tmp_path / "a.zip", {"good.jpg": b"", name: b""})
    with pytest.raises(PhotosError, match="points outside the archive; nothing was read"):
        ZipStore(path)


def test_backslashes_are_folders_and_cannot_climb(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"cat\\1.jpg": b"1", "./": b"", "./dog/2.jpg": b"2"})
    assert ZipStore(path).names() == ["./dog/2.jpg", "cat/1.jpg"]
    with pytest.raises(PhotosError, match="points outside"):
        ZipStore(make_zip(tmp_path / "b.zip", {"..\\..\\evil.jpg": b""}))


def test_encrypted_flag(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"1.jpg": b"1"})
    entry = b"PK\x01\x02" + path.read_bytes().split(b"PK\x01\x02")[1][:4]
    patched(path, entry + b"\0\0", entry + b"\x01\0")
    with pytest.raises(PhotosError, match=r"'1\.jpg' is encrypted"):
        ZipStore(path)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_chinese_names_without_the_utf8_flag(tmp_path: Path, encoding: str) -> None:
    raw = "猫咪/布偶猫.jpg".encode(encoding)
    path = make_zip(tmp_path / "a.zip", {"x" * len(raw): b"1"})
    patched(path, b"x" * len(raw), raw)
    store = ZipStore(path)
    assert store.names() == ["猫咪/布偶猫.jpg"]
    assert store.read("猫咪/布偶猫.jpg") == b"1"


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("gbk", ["猫/1.jpg", "狗/1.jpg"]),  # the first alone would be UTF-8 for another letter
        ("cp437", ["Kätzchen/1.jpg", "Hündchen/1.jpg"]),  # GBK makes one sign of "ät"
        ("cp437", ["été/1.jpg", "señor/1.jpg"]),
    ],
)
def test_all_names_of_an_archive_are_of_one_encoding(
    tmp_path: Path, encoding: str, names: list[str]
) -> None:
    raws = [name.encode(encoding) for name in names]
    marks = [f"{letter * len(raw)}" for letter, raw in zip("xy", raws, strict=True)]
    path = make_zip(tmp_path / "a.zip", dict.fromkeys(marks, b"1"))
    for mark, raw in zip(marks, raws, strict=True):
        patched(path, mark.encode(), raw)
    assert ZipStore(path).names() == sorted(names)


def test_names_that_no_code_page_explains_are_kept(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"xx.jpg": b"1"})
    patched(path, b"xx.jpg", b"\x81\xff.jpg")
    assert ZipStore(path).names() == [b"\x81\xff.jpg".decode("cp437")]


def test_the_same_name_twice(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"1.jpg": b"1", "2.jpg": b"2"})
    patched(path, b"2.jpg", b"1.jpg")
    with pytest.raises(PhotosError, match=r"two members are called '1\.jpg'"):
        ZipStore(path)


def test_a_bomb_is_inflated_up_to_the_limit_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    store = ZipStore(make_zip(tmp_path / "a.zip", {"bomb.jpg": b"\0" * 10_000_000}))
    assert len(store.read("bomb.jpg")) == 1001


def test_a_lie_about_the_size_is_damage(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"bomb.jpg": b"\0" * 100_000})
    patched(path, struct.pack("<I", 100_000), struct.pack("<I", 10))
    with pytest.raises(UnreadablePhoto, match="damaged in the archive"):
        ZipStore(path).read("bomb.jpg")


def test_an_archive_of_a_version_to_come(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"1.jpg": b"1"})
    data = bytearray(path.read_bytes())
    data[data.rfind(b"PK\x01\x02") + 6] = 99
    path.write_bytes(data)
    with pytest.raises(PhotosError, match=r"not a readable zip archive \(zip file version 9\.9\)"):
        ZipStore(path)


def test_an_unknown_way_of_compression(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"1.jpg": b"1"})
    data = bytearray(path.read_bytes())
    data[8] = data[data.rfind(b"PK\x01\x02") + 10] = 96
    path.write_bytes(data)
    with pytest.raises(UnreadablePhoto, match=r"cannot be unpacked: .*compression method"):
        ZipStore(path).read("1.jpg")


def test_damaged_member(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.jpg", b"the bytes of a photo")
    store = ZipStore(patched(path, b"bytes of", b"BYTES OF"))
    with pytest.raises(UnreadablePhoto, match="damaged in the archive: Bad CRC"):
        store.read("1.jpg")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 and nothing more", b"not a zip"])
def test_not_a_zip(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(PhotosError, match=r"a\.zip: not a readable zip archive"):
        ZipStore(tmp_path / "a.zip")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), junk=st.binary(min_size=1, max_size=6))
def test_any_damage_is_told_in_our_words(tmp_path: Path, at: float, junk: bytes) -> None:
    path = make_zip(tmp_path / "a.zip", {"猫/1.jpg": b"one" * 9, "dog/2.jpg": b"two" * 9})
    data = path.read_bytes()
    spot = int(at * len(data))
    path.write_bytes(data[:spot] + junk + data[spot + len(junk) :])
    try:
        store = ZipStore(path)
        for name in store.names():
            store.read(name)
    except (PhotosError, UnreadablePhoto) as error:
        reason = str(error)
        assert reason.splitlines() == [reason]


def test_short_memory_is_no_fault_of_a_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1.jpg", b"whole")
    store = ZipStore(tmp_path / "a.zip")

    def short(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(zipfile.ZipFile, "open", short)
    with pytest.raises(MemoryError):
        store.read("1.jpg")


@pytest.mark.parametrize("folders_told", [True, False])
def test_a_zip_tells_of_its_folders_what_the_folder_does(
    tmp_path: Path, folders_told: bool
) -> None:
    names = (
        "cat/1.jpg",
        "a/b/2.jpg",
        "a/.b/3.jpg",
        ".x/4.jpg",
        "@eaDir/5.jpg",
        "6.jpg",
        "a/.7.jpg",
    )
    for name in names:
        (tmp_path / "a" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "a" / name).write_bytes(b"")
    members = dict.fromkeys(names, b"")
    if folders_told:
        (tmp_path / "a" / "empty" / "deep").mkdir(parents=True)
        members |= {"empty/": b"", "empty/deep/": b"", "cat/": b""}
    folder, archive = FolderStore(tmp_path / "a"), ZipStore(make_zip(tmp_path / "a.zip", members))
    assert archive.names() == folder.names() == ["6.jpg", "a/b/2.jpg", "cat/1.jpg"]
    empty = ["empty", "empty/deep"] if folders_told else []
    assert archive.folders() == folder.folders() == ["a", "a/b", "cat", *empty]
    assert archive.hidden() == folder.hidden()
    assert {one.path for one in archive.hidden()} == {".x/", "@eaDir/", "a/.7.jpg", "a/.b/"}
