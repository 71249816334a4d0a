"""Photos at an address: as those of a folder, with patience, and without a secret in sight."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pawlens import Classifier, Photos, Recipe, audit, embed
from pawlens.errors import MissingExtra, PhotosError, UnreachablePhoto, UnreadablePhoto, UsageError
from pawlens.photos import address_of, place_of, scan_photos, without_secrets
from pawlens.photos.stores import _remote as module

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def folder(photo_folder: Callable[..., Path]) -> Path:
    return photo_folder(cat=3, dog=2)


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    files = fsspec.filesystem("memory")
    files.put(str(folder), "/bucket/photos", recursive=True)
    yield "memory://bucket/photos"
    files.rm("/bucket", recursive=True)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.001)


def test_it_is_read_as_a_folder_is(address: str, folder: Path) -> None:
    here, there = Photos.read(folder), Photos.read(address)
    assert list(there) == list(here)
    assert there.name == "photos"
    assert (there.remote, here.remote) == (True, False)
    assert [there.read_bytes(i) for i in range(5)] == [here.read_bytes(i) for i in range(5)]
    assert scan_photos(there) == scan_photos(here)
    assert embed(there).values.tobytes() == embed(here).values.tobytes()


def test_what_is_wrong_with_files_is_told_as_in_a_folder(address: str, folder: Path) -> None:
    files = fsspec.filesystem("memory")
    bad = {
        "cat/empty.jpg": b"",
        "cat/text.jpg": b"no photo",
        "cat/cut.jpg": (folder / "cat" / "0.jpg").read_bytes()[:300],
        "cat/.hidden.jpg": b"x",
        "dog/notes.txt": b"words",
        "dog/old.jp2": b"x",
        "__MACOSX/cat/0.jpg": b"x",
        "dog/noname": (folder / "dog" / "0.jpg").read_bytes(),
    }
    for name, data in bad.items():
        files.pipe(f"/bucket/photos/{name}", data)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    here, there = Photos.read(folder), Photos.read(address)
    assert list(there) == list(here)
    assert there.skipped == here.skipped
    assert [s.problem for s in scan_photos(there)] == [s.problem for s in scan_photos(here)]


def test_a_list_among_the_photos_tells_labels(address: str) -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/bucket/listed/a.jpg", files.cat("/bucket/photos/cat/0.jpg"))
    files.pipe("/bucket/listed/b.jpg", files.cat("/bucket/photos/dog/0.jpg"))
    files.pipe("/bucket/listed/labels.csv", b"path,label\na.jpg,tabby\nb.jpg,poodle\n")
    assert [photo.label for photo in Photos.read("memory://bucket/listed")] == ["tabby", "poodle"]
    one = Photos.read("memory://bucket/photos/cat/0.jpg", labels=False)
    assert one.paths == ["0.jpg"]
    assert one.decode(0).ndim == 3
    with pytest.raises(PhotosError, match="name the folder that it lies in"):
        Photos.read("memory://bucket/listed/labels.csv")


def failing(store: Any, monkeypatch: pytest.MonkeyPatch, errors: list[Exception]) -> list[str]:
    """Let the next requests fail; returns the list of what is asked for."""
    asked: list[str] = []
    real = store._files.cat_file

    def cat_file(path: str, **options: Any) -> bytes:
        asked.append(path)
        if errors:
            raise errors.pop(0)
        data: bytes = real(path, **options)
        return data

    monkeypatch.setattr(store._files, "cat_file", cat_file)
    return asked


def test_a_request_that_fails_is_tried_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = module.RemoteStore(address)
    whole = store.read("cat/0.jpg")
    asked = failing(store, monkeypatch, [OSError("SlowDown"), TimeoutError(), ValueError("cut")])
    assert store.read("cat/0.jpg") == whole
    assert len(asked) == 4


def test_what_cannot_be_fetched_is_unreachable(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = module.RemoteStore(address)
    secret = "https://example.org/a?X-Amz-Signature=0123abcd"
    asked = failing(store, monkeypatch, [OSError(secret)] * 5)
    with pytest.raises(UnreachablePhoto, match=r"^unreachable: OSError$"):
        store.read("cat/0.jpg")
    assert len(asked) == 5
    failing(store, monkeypatch, [TimeoutError()] * 5)
    with pytest.raises(UnreachablePhoto, match="no answer in time"):
        store.read("cat/0.jpg")
    asked = failing(store, monkeypatch, [PermissionError("ExpiredToken AKIA0123")])
    with pytest.raises(UnreachablePhoto, match="are the credentials still valid") as caught:
        store.read("cat/0.jpg")
    assert len(asked) == 1  # the same answer would come again
    assert "AKIA" not in str(caught.value)
    with pytest.raises(UnreadablePhoto, match="no longer there"):
        store.read("cat/99.jpg")


def test_an_unreachable_photo_is_no_unreadable_one(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TRIES", 1)
    photos = Photos.read(address)
    failing(photos._store, monkeypatch, [])
    real = photos._store._files.cat_file  # type: ignore[attr-defined]

    def cat_file(path: str, **options: Any) -> bytes:
        if path.endswith("cat/1.jpg"):
            raise OSError("down")
        data: bytes = real(path, **options)
        return data

    monkeypatch.setattr(photos._store._files, "cat_file", cat_file)  # type: ignore[attr-defined]
    status = embed(photos).status
    assert status == ["ok", "unreachable: OSError", "ok", "ok", "ok"]


def test_no_more_requests_at_once_than_allowed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAWLENS_REQUESTS", "3")
    photos = Photos.read(address, labels=False)
    assert photos.workers >= 3
    now, most = 0, 0
    real = photos._store._files.cat_file  # type: ignore[attr-defined]

    def cat_file(path: str, **options: Any) -> bytes:
        nonlocal now, most
        now += 1
        most = max(most, now)
        time.sleep(0.02)
        data: bytes = real(path, **options)
        now -= 1
        return data

    monkeypatch.setattr(photos._store._files, "cat_file", cat_file)  # type: ignore[attr-defined]
    scan_photos(photos.with_rows([*photos]))
    assert 1 < most <= 3
    for wrong in ("0", "many", "1001"):
        monkeypatch.setenv("PAWLENS_REQUESTS", wrong)
        with pytest.raises(UsageError, match="set it to a number"):
            module.RemoteStore(address)


def test_addresses_are_told_from_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address_of("s3://bucket/a b/c") == "s3://bucket/a b/c"
    assert address_of(Path("s3://bucket/a")) == "s3://bucket/a"
    assert address_of(Path.cwd() / "s3://bucket/a") == "s3://bucket/a"
    for local in ("photos", "C:/photos", "c:/photos", "file:///tmp", "/a/b", "a:b/c"):
        assert address_of(local) is None
    assert place_of("s3://bucket/a") == "s3://bucket/a"
    assert place_of(tmp_path / "x" / "..") == str(tmp_path)
    odd = tmp_path / "gs:" / "x"
    odd.mkdir(parents=True)
    assert address_of(odd) is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://key:secret@bucket/a", "s3://bucket/a"),
        ("https://me:p%40ss@example.org/a?sig=1#x", "https://example.org/a"),
        ("s3://bucket/a@b/c", "s3://bucket/a@b/c"),
        ("https://example.org?token=1/2", "https://example.org"),
    ],
)
def test_secrets_are_taken_out(address: str, shown: str) -> None:
    assert without_secrets(address) == shown


def test_nothing_that_is_written_holds_a_secret(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fsspec.core.url_to_fs
    monkeypatch.setattr(fsspec.core, "url_to_fs", lambda text: known(without_secrets(text)))
    audit("memory://me:s3cret@bucket/photos?sig=t0ken", tmp_path / "audit")
    for path in (tmp_path / "audit").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"s3cret" not in data
            assert b"t0ken" not in data


def test_wrong_addresses_are_told_in_a_line() -> None:
    with pytest.raises(PhotosError, match="nothing is there"):
        Photos.read("memory://bucket/nowhere")
    with pytest.raises(PhotosError, match="is no address that is known"):
        Photos.read("nosuch://me:secret@bucket/a")
    with pytest.raises(PhotosError, match="name the folder above them"):
        Photos.read(["memory://a/1.jpg", "memory://a/2.jpg"])


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(address: str) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec.core, "url_to_fs", missing)
    with pytest.raises(MissingExtra, match=r"s3://bucket/a: Install s3fs .*pawlens\[remote\]"):
        Photos.read("s3://key:secret@bucket/a")


def test_members_that_lead_outside_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    store = module.RemoteStore("memory://bucket/photos")
    monkeypatch.setattr(store._files, "find", lambda root: ["/bucket/photos/../../x.jpg"])
    monkeypatch.setattr(store._files, "_strip_protocol", lambda path: path)
    with pytest.raises(PhotosError, match="leads outside"):
        store.names()


def test_a_training_asks_for_each_photo_once_until_it_has_its_features(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scan, header and features are made of one answer."""
    asked, until_then = Counter[str](), Counter[str]()
    read = module.RemoteStore.read

    def counted(store: module.RemoteStore, name: str) -> bytes:
        asked[name] += 1
        return read(store, name)

    def fit_head(*_: object) -> None:
        until_then.update(asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(module.RemoteStore, "read", counted)
    monkeypatch.setattr("pawlens.workflows.train._frozen.fit_head", fit_head)
    photos = Photos.read(address)
    with pytest.raises(KeyboardInterrupt):
        Classifier(recipe=Recipe(folds=2), cache_dir=tmp_path).fit(photos, tmp_path / "run")
    assert until_then == Counter(dict.fromkeys(photos.paths, 1))
