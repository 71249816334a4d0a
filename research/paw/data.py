"""The photos paw learns from, and the fifth it never sees.

Photos are read by rule from the shared folder, squashed to one small square and kept in one
memory-mapped array; nothing is copied into the repository. A photo is held out if and only if
``int(sha256(file bytes).hexdigest()[:8], 16) % 5 == 0``. The pictures of cat-12 are cats of pets
under other names, so training photos that look like a held-out one are dropped as well.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image

SIDE = 200  # most photos are stored at 192 to 200 pixels: a larger square would hold no more
NEAR = 6  # bits of 64: perceptual hashes this close are taken for the same photograph
CHECK = 40  # every 40th training photo is kept for the curves and not trained on


@dataclass(frozen=True)
class Photo:
    """One photo: where it came from, and what may be done with it."""

    source: str  # dogs-vs-cats, dogs-vs-cats-test, pets, cat-12, neither, original-size
    name: str
    animal: str  # cat, dog, or "" when not told
    breed: str  # pets' breed or cat-12's class, else ""
    sha256: str
    phash: str  # 64 bits in hex
    role: str  # "train", "held-out", or "dropped": too like a held-out photo


def held_out(sha256: str) -> bool:
    """Whether a file with this SHA-256 (hex) belongs to the fifth that paw never sees."""
    return int(sha256[:8], 16) % 5 == 0


def _zip(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".jpg")):
            yield name, archive.read(name)


def _folder(path: Path) -> Iterator[tuple[str, bytes]]:
    for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in {".jpg", ".png"}):
        yield str(file.relative_to(path)), file.read_bytes()


def _sources(shared: Path) -> Iterator[tuple[str, str, str, str, bytes]]:
    """Yield (source, name, animal, breed, file bytes) of every photo, in a fixed order."""
    data = shared / "data"
    for name, raw in _zip(data / "dogs-vs-cats" / "train.zip"):
        yield "dogs-vs-cats", name, Path(name).name[:3], "", raw
    for name, raw in _zip(data / "dogs-vs-cats" / "test.zip"):
        yield "dogs-vs-cats-test", name, "", "", raw
    for name, raw in _folder(data / "pets"):
        yield "pets", name, "cat" if name[0].isupper() else "dog", name.rsplit("_", 1)[0], raw
    lines = (data / "cat-12" / "train_list.txt").read_text(encoding="utf-8").split("\n")
    classes = dict(line.strip().split("\t") for line in lines if line.strip())
    for name, raw in _folder(data / "cat-12"):
        yield "cat-12", name, "cat", classes[name], raw
    for name, raw in _folder(data / "neither"):
        yield "neither", name, "", "", raw
    for name, raw in _folder(data / "original-size"):
        yield "original-size", name, re.sub(r"s/.*", "", name), "", raw


def _too_near(candidates: npt.NDArray[np.uint64], kept: npt.NDArray[np.uint64]) -> list[bool]:
    """Whether each candidate's hash is within `NEAR` bits of any of `kept`."""
    return [bool((np.bitwise_count(kept ^ h) <= NEAR).any()) for h in candidates]


def prepare(shared: Path, out: Path) -> None:
    """Write ``photos.jsonl`` and ``pixels.npy`` (uint8 [n, SIDE, SIDE, 3]) into `out`, once."""
    if (out / "photos.jsonl").exists():
        return
    out.mkdir(parents=True, exist_ok=True)
    photos: list[Photo] = []
    pixels: list[npt.NDArray[np.uint8]] = []
    for source, name, animal, breed, raw in _sources(shared):
        with Image.open(io.BytesIO(raw)) as image:
            rgb = image.convert("RGB")
        digest = hashlib.sha256(raw).hexdigest()
        role = "held-out" if held_out(digest) else "train"
        phash = str(imagehash.phash(rgb))
        photos.append(Photo(source, name, animal, breed, digest, phash, role))
        pixels.append(np.asarray(rgb.resize((SIDE, SIDE), Image.Resampling.BICUBIC)))
    hashes = np.array([int(p.phash, 16) for p in photos], np.uint64)
    out_set = np.array([p.role == "held-out" for p in photos])
    near = _too_near(hashes, hashes[out_set])
    for i, photo in enumerate(photos):
        if photo.role == "train" and near[i]:
            photos[i] = Photo(**{**asdict(photo), "role": "dropped"})
    np.save(out / "pixels.npy", np.stack(pixels))
    rows = "".join(json.dumps(asdict(photo)) + "\n" for photo in photos)
    (out / "photos.jsonl").write_text(rows, encoding="utf-8")


def load(out: Path) -> tuple[list[Photo], npt.NDArray[np.uint8]]:
    """Return the photos and their pixels, uint8 [n, SIDE, SIDE, 3], as `prepare` wrote them."""
    lines = (out / "photos.jsonl").read_text(encoding="utf-8").splitlines()
    return [Photo(**json.loads(line)) for line in lines], np.load(out / "pixels.npy", mmap_mode="r")


def counts(photos: list[Photo]) -> dict[str, dict[str, int]]:
    """Count the photos of every source by role."""
    table: dict[str, dict[str, int]] = {}
    for photo in photos:
        row = table.setdefault(photo.source, {"train": 0, "held-out": 0, "dropped": 0})
        row[photo.role] += 1
    return table
