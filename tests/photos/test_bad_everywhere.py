"""Every kind of bad photo, from every place: told as in a folder, and no place stops for one."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pawlens import embed
from pawlens.photos import Photos, scan_photos
from pawlens.photos.stores import _remote as module

from ..striped import striped
from .unread_formats import BY_CONTENT, BY_ENDING


def saved(kind: str) -> bytes:
    sink = io.BytesIO()
    striped("cat", 0).save(sink, kind)
    return sink.getvalue()


def huge_png() -> bytes:
    """A header of 60,000 x 60,000 pixels, and nothing behind it."""
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    whole = struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + whole


def floats() -> bytes:
    sink = io.BytesIO()
    Image.new("F", (24, 24)).save(sink, "TIFF")
    return sink.getvalue()


def cmyk() -> bytes:
    sink = io.BytesIO()
    striped("dog", 0).convert("CMYK").save(sink, "JPEG")
    return sink.getvalue()


JPEG, PNG = saved("JPEG"), saved("PNG")
BAD: dict[str, bytes] = {
    "empty.jpg": b"",
    "text.jpg": b"no photo at all",
    "page.jpg": b"<!DOCTYPE html><html><title>404</title></html>",
    "zip.jpg": b"PK\x03\x04" + b"\0" * 60,
    "zeros.jpg": b"\0" * 4096,
    "head.jpg": JPEG[:2],
    "cut-early.jpg": JPEG[:300],
    "cut-late.jpg": JPEG[: len(JPEG) * 2 // 3],
    "cut.png": PNG[: len(PNG) // 2],
    "cut.gif": saved("GIF")[:200],
    "cut.webp": saved("WEBP")[:200],
    "flipped.png": PNG[:60] + bytes([PNG[60] ^ 255]) + PNG[61:],
    "huge.png": huge_png(),
    "float.tif": floats(),
    **{f"content-{number}.jpg": data for number, data in enumerate(BY_CONTENT.values())},
    **{f"ending-{path}": data for path, data in BY_ENDING.values()},
}
GOOD = {"good-1.jpg": JPEG, "misnamed.jpg": PNG, "cmyk.jpg": cmyk(), "good-2.png": PNG}
FILES = BAD | GOOD


def in_folder(place: Path) -> str:
    for name, data in FILES.items():
        (place / name).write_bytes(data)
    return str(place)


def in_zip(place: Path) -> str:
    with zipfile.ZipFile(place / "photos.zip", "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return str(place / "photos.zip")


def in_tar(place: Path) -> str:
    with tarfile.open(place / "photos.tar", "w") as archive:
        for name, data in FILES.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return str(place / "photos.tar")


def in_parquet(place: Path) -> str:
    """As the data sets of Hugging Face have them."""
    rows = [{"bytes": data, "path": name} for name, data in FILES.items()]
    pq.write_table(pa.table({"image": rows}), place / "photos.parquet")
    return str(place / "photos.parquet")


def at_address(place: Path) -> str:
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    address = f"/{place.parent.name}-{place.name}"
    for name, data in FILES.items():
        files.pipe(f"{address}/{name}", data)
    return f"memory:/{address}"


def at_s3(place: Path) -> str:
    s3fs = pytest.importorskip("s3fs")
    files = s3fs.S3FileSystem()
    bucket = f"{place.parent.name}-{place.name}".replace("_", "-")
    files.mkdir(bucket)
    for name, data in FILES.items():
        files.pipe(f"{bucket}/bad/{name}", data)
    return f"s3://{bucket}/bad"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A storage on this machine."""
    s3fs = pytest.importorskip("s3fs")
    storage = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", port=0)
    storage.start()
    host, port = storage.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.02)
    s3fs.S3FileSystem.clear_instance_cache()
    yield
    storage.stop()


def told(source: str) -> dict[str, str]:
    """What is said of each file, by its name."""
    photos = Photos.read(source, labels=False)
    scans = scan_photos(photos)
    said = {
        path.rpartition("/")[2]: scan.problem
        for path, scan in zip(photos.paths, scans, strict=True)
    }
    found = embed(photos)  # another way to the same bytes
    for path, status in zip(found.paths, found.status, strict=True):
        problem = said[path.rpartition("/")[2]]
        assert status == (f"unreadable: {problem}" if problem else "ok")
    return said | {one.path.rpartition("/")[2]: one.reason for one in photos.skipped}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return told(in_folder(tmp_path_factory.mktemp("folder")))


def test_all_that_is_bad_has_a_reason_and_nothing_else(expected: dict[str, str]) -> None:
    assert set(expected) == set(FILES)
    assert {name for name, problem in expected.items() if not problem} == set(GOOD)


@pytest.mark.parametrize(
    "put", [in_zip, in_tar, in_parquet, at_address], ids=lambda put: put.__name__
)
def test_it_is_told_as_in_a_folder(
    put: Callable[[Path], str], expected: dict[str, str], tmp_path: Path
) -> None:
    assert told(put(tmp_path)) == expected


@pytest.mark.usefixtures("s3")
def test_and_from_object_storage(expected: dict[str, str], tmp_path: Path) -> None:
    assert told(at_s3(tmp_path)) == expected
