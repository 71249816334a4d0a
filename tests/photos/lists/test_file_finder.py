"""Files found by what lists call them."""

from __future__ import annotations

import unicodedata
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos.lists._file_finder import FileFinder
from pawlens.photos.stores._stores import FolderStore, ZipStore

Form = Literal["NFC", "NFD"]


def finder(folder: Path, *files: str, base: str = "", split: str | None = None) -> FileFinder:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"")
    return FileFinder(FolderStore(folder), base=base, split=split)


@pytest.mark.parametrize(
    "name",
    [
        "images/0001.jpg",
        "./images/0001.jpg",
        "images\\0001.jpg",
        "0001.jpg",
        "0001",
        "images/0001",
        "/data/upload/1/0001.jpg",
        "/data/upload/1/1a2b3c4d-0001.jpg",
        "/data/local-files/?d=pets/images/0001.jpg",
        "C:\\data\\pets\\0001.jpg",
        "\\\\nas\\photos\\images\\0001.JPG",
        "https://example.org/pets/0001.jpg?size=large",
        "s3://bucket/pets/images/0001.jpg",
        "file:///volumes/pets/images/0001.jpg",
        "gs://bucket/images%2F0001.jpg",
        "../other/place/0001.jpg",
    ],
)
def test_one_photo_under_many_names(tmp_path: Path, name: str) -> None:
    found = finder(tmp_path, "images/0001.jpg", "images/00011.jpg", "labels/0001.txt", "0001.json")
    assert found.find(name) == "images/0001.jpg"
    assert found.finds(name)


@pytest.mark.parametrize(
    "name", ["1", "001.jpg", "0001.png", "", ".", "x\0", "images", "a" * 5000, "http://[1"]
)
def test_names_of_no_photo(tmp_path: Path, name: str) -> None:
    found = finder(tmp_path, "images/0001.jpg")
    assert found.find(name) is None
    assert not found.finds(name)


def test_folders_tell_photos_of_one_name_apart(tmp_path: Path) -> None:
    found = finder(tmp_path, "a/x/1.jpg", "b/x/1.jpg", "b/y/1.jpg")
    assert found.find("/elsewhere/b/x/1.jpg") == "b/x/1.jpg"
    assert found.find("D:/a/X/1.jpg") == "a/x/1.jpg"
    with pytest.raises(PhotosError, match=r"'z/1.jpg' may be 'a/x/1.jpg' or 'b/x/1.jpg'; write"):
        found.find("z/1.jpg")
    assert found.finds("1.jpg")


def test_splits_tell_photos_of_one_name_apart(tmp_path: Path) -> None:
    files = ("train/1.jpg", "Testing/1.jpg")
    assert finder(tmp_path, *files, split="train").find("1") == "train/1.jpg"
    assert finder(tmp_path, *files).find("1.jpg", "test") == "Testing/1.jpg"
    with pytest.raises(PhotosError, match="may be"):
        finder(tmp_path, *files).find("1.jpg")


def test_a_list_in_a_folder_of_its_own(tmp_path: Path) -> None:
    files = ("labels/1.jpg", "images/1.jpg", "images/2.jpg")
    found = finder(tmp_path, *files, base="labels")
    assert found.find("1.jpg") == "labels/1.jpg"
    assert found.find("images/1.jpg") == "images/1.jpg"
    assert found.find("../images/2.jpg") == "images/2.jpg"
    assert found.find("2.jpg") == "images/2.jpg"
    assert found.as_written("3.jpg") == "labels/3.jpg"
    assert str(tmp_path / "labels/3.jpg") in found.tried("3.jpg")


def test_spellings_of_one_name(tmp_path: Path) -> None:
    found = finder(tmp_path, unicodedata.normalize("NFD", "Kätzchen.JPG"), "IMG_1.jpg")
    assert found.find(unicodedata.normalize("NFC", "kätzchen.jpg")) is not None
    assert found.find("img_1.JPG") == "IMG_1.jpg"
    found = finder(tmp_path / "both", "a/x.jpg", "b/X.jpg")
    assert found.find("X.jpg") == "b/X.jpg"


def test_an_id_with_dots_and_two_endings(tmp_path: Path) -> None:
    found = finder(tmp_path, "p/a.b.jpg", "p/2.jpg", "p/2.png")
    assert found.find("a.b") == "p/a.b.jpg"
    with pytest.raises(PhotosError, match=r"'2' may be 'p/2\.jpg' or 'p/2\.png'"):
        found.find("2")


def test_members_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("pets/images/1.jpg", b"")
    found = FileFinder(ZipStore(tmp_path / "a.zip"), base="pets")
    assert found.find("images/1.jpg") == found.find("1") == "pets/images/1.jpg"
    assert found.find("../../etc/passwd") is None


NAMES = (
    st.text("ab.1_- é猫", min_size=1, max_size=6)
    .map(str.strip)
    .filter(lambda t: t[:1] not in ("", "."))
)


@settings(max_examples=80)
@given(st.lists(NAMES, min_size=1, max_size=6, unique_by=str.casefold), st.data())
def test_every_file_is_found_by_its_whole_name_and_never_another(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("found")
    files = [f"{data.draw(st.sampled_from(['', 'in/', 'in/deep/']))}{name}.jpg" for name in names]
    found = finder(folder, *files)
    for name, file in zip(names, files, strict=True):
        assert found.find(file) == file
        assert found.find(f"{name}.jpg") == file
        assert found.find(f"C:\\x\\{name}.jpg") == file


def test_files_below_the_list_are_nearest(tmp_path: Path) -> None:
    files = ("a/images/1.jpg", "b/images/1.jpg", "ab/1.jpg")
    assert finder(tmp_path, *files, base="b").find("1.jpg") == "b/images/1.jpg"
    assert finder(tmp_path, *files, base="a").find("1") == "a/images/1.jpg"
    with pytest.raises(PhotosError, match="may be"):
        finder(tmp_path, *files, base="lists").find("1.jpg")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("3", "b/00003.jpg"),
        ("3.0", "b/00003.jpg"),
        ("IMG_3.jpg", "b/00003.jpg"),
        ("003.png", "b/00003.jpg"),
        ("4711", "a/cat.jpg"),
        ("rex", "a/cat.jpg"),
    ],
)
def test_what_a_file_there_is_called_is_told(tmp_path: Path, name: str, file: str) -> None:
    found = finder(tmp_path, "a/cat.jpg", "b/00003.jpg", "b/30.jpg", "3.txt")
    assert found.tried(name).endswith(f"every name below {tmp_path}, one of which is {file!r}")
    assert finder(tmp_path / "none", "x.txt").tried(name).endswith(f"below {tmp_path / 'none'}")


@pytest.mark.parametrize("forms", [("NFC", "NFD"), ("NFD", "NFC")])
def test_paths_in_another_unicode_form(tmp_path: Path, forms: tuple[Form, Form]) -> None:
    names = ["Kätzchen/ü1.jpg", "Hündin/ü1.jpg", "Kätzchen/é.jpg"]
    listed, files = ([unicodedata.normalize(form, name) for name in names] for form in forms)
    found = finder(tmp_path, *files)
    assert [found.find(name) for name in listed] == files
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for file in files:
            archive.writestr(file, b"")
    members = FileFinder(ZipStore(tmp_path / "x.zip"))
    assert [members.find(name) for name in listed] == files
