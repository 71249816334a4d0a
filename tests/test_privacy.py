"""Nothing that a photo's metadata tell of people and places is in anything that is written."""

from __future__ import annotations

import base64
import io
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pawlens import Classifier, audit, embed, explain, explore, export, predict

from .conftest import paint
from .private_photos import SECRETS, secret_exif

PICTURE = re.compile(rb"data:image/(?:jpeg|png);base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the jobs write of photos with secrets, and the cache that they keep."""
    home = tmp_path_factory.mktemp("private")
    rng = np.random.default_rng(0)
    for label in ("cat", "dog"):
        (home / "photos" / label).mkdir(parents=True)
        for i in range(12):
            photo = paint(rng, label if i else "dog")  # one is wrong, so that pages show it
            exif, file = secret_exif(), home / "photos" / label / f"{i}.jpg"
            photo.save(file, quality=90, exif=exif, comment=b"Hidden Lane 5")
    out, cache = home / "out", home / "out" / "cache"
    run = Classifier(cache_dir=cache).fit(home / "photos", out / "run")
    audit(home / "photos", out / "audit", cache_dir=cache)
    explore(home / "photos", out / "explore.html", cache_dir=cache)
    predict(home / "photos", run).to_csv(out / "answers.csv")
    embed(home / "photos", run).save(out / "features.parquet")
    explain(home / "photos" / "cat", run, out=out / "explained")
    export(run, "onnx", out / "exported")
    return out


def texts(path: Path) -> Iterator[bytes]:
    """Yield what a file says, unpacked where it is packed, and what the pictures in it say."""
    data = path.read_bytes()
    yield data
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pydict()).encode()
    elif path.suffix == ".sqlite":
        with sqlite3.connect(path) as db:
            yield "\n".join(db.iterdump()).encode()
        db.close()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield packed.read(name)
    for found in PICTURE.findall(data):
        picture = base64.b64decode(found)
        yield picture
        assert not dict(Image.open(io.BytesIO(picture)).getexif()), path


def test_no_secret_is_in_anything_that_is_written(written: Path) -> None:
    files = [path for path in written.rglob("*") if path.is_file()]
    kinds = {path.suffix for path in files}
    assert {".html", ".parquet", ".json", ".md", ".onnx", ".csv", ".sqlite"} <= kinds
    times = ("07:08:09", "7:08:09")
    for path in files:
        allowed = ("2026:11:30 07:08:09",) if path.name == "headers.sqlite" else ()
        for text in texts(path):
            for secret in (*SECRETS, *(times if path.suffix in (".html", ".md", ".json") else ())):
                assert secret in allowed or secret.encode() not in text, (path, secret)


def test_the_search_would_find_them(written: Path, tmp_path: Path) -> None:
    photo = written.parent / "photos" / "cat" / "0.jpg"
    found = b"".join(texts(photo))
    assert all(secret.encode() in found for secret in SECRETS)
    page = tmp_path / "page.html"
    page.write_bytes(b"data:image/jpeg;base64," + base64.b64encode(photo.read_bytes()))
    with pytest.raises(AssertionError, match=r"page.html"):
        assert list(texts(page))
