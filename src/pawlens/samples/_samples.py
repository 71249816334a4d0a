"""A folder of drawn cats and dogs with planted flaws, for demonstrations and tests.

The folder looks like Kaggle's Dogs vs. Cats (``train/cat.0.jpg``, ``test/1.jpg``), and
``truth.json`` beside it says what is wrong with it, so that every finding can be checked.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from ..base import Progress, Watcher, in_use, tell, watched, write_atomic
from ..errors import PhotosError
from ._draw import Kind, draw_both, draw_neither, draw_photo

__all__ = ["FLAW_SHARES", "draw_samples"]

Labels: TypeAlias = dict[str, Kind]
Flaw: TypeAlias = dict[str, str]

# Shares of the training photos; every kind is planted at least once.
FLAW_SHARES: dict[str, float] = {
    "wrong_label": 0.03,
    "exact_duplicate": 0.01,
    "near_duplicate": 0.015,
    "leak": 0.01,
    "white_border": 0.015,
    "tiny": 0.005,
    "truncated": 0.0075,
    "gif_named_jpg": 0.005,
    "both": 0.01,
    "neither": 0.01,
    "zero_bytes": 0.0025,
    "exif_rotated": 0.0075,
    "cmyk": 0.005,
}
_SMALLEST_WITH_FLAWS = 32
_ORIENTATION_TAG = 0x0112


def draw_samples(
    folder: str | Path,
    *,
    count: int = 400,
    seed: int = 0,
    flaws: bool = True,
    progress: Watcher = None,
) -> Path:
    """Write drawn photos of cats and dogs, some of them flawed on purpose.

    Parameters
    ----------
    folder : path
        Made if absent; must be empty.
    count : int
        Training photos, half of them cats; an eighth as many test photos come on top.
    seed : int
        The same seed gives the same bytes with the same versions of numpy and Pillow.
    flaws : bool
        Whether to plant the flaws of `FLAW_SHARES`, which ``truth.json`` lists.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    Path
        `folder`, with ``train/cat.N.jpg``, ``train/dog.N.jpg``, ``test/N.jpg``, ``truth.json``.

    Raises
    ------
    PhotosError
        When the folder is not empty, `count` is too small, or `seed` is negative.

    Examples
    --------
    >>> folder = draw_samples("drawn", count=8, flaws=False)
    >>> sorted(path.name for path in folder.iterdir())
    ['test', 'train', 'truth.json']
    >>> len(list(folder.glob("train/cat.*.jpg"))), len(list(folder.glob("test/*.jpg")))
    (4, 1)
    """
    folder = Path(folder)
    fewest = _SMALLEST_WITH_FLAWS if flaws else 2
    if seed < 0:
        raise PhotosError(f"seed = {seed}: it must be 0 or more")
    if count < fewest:
        raise PhotosError(f"{count} sample photos are too few: ask for at least {fewest}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PhotosError(f"{folder} is not an empty folder: choose a new one for the samples")

    rng = np.random.default_rng([seed, 0])
    train: Labels = {f"train/cat.{i}.jpg": "cat" for i in range(count - count // 2)}
    train |= {f"train/dog.{i}.jpg": "dog" for i in range(count // 2)}
    test: Labels = {
        f"test/{i + 1}.jpg": "cat" if rng.random() < 0.5 else "dog"
        for i in range(max(count // 8, 1))
    }
    labels = train | test
    plan = _plan(train, test, rng) if flaws else {}

    with in_use(folder), watched(progress) as told:
        _draw(folder, labels, plan, seed, told)
        originals = [name for name in train if name not in plan]
        rng.shuffle(originals)
        planted: list[Flaw] = []
        for name, kind in plan.items():
            planted.append(
                {"kind": kind, "file": name, **_plant(folder, name, kind, labels, originals, rng)}
            )
        truth = {
            "seed": seed,
            "count": count,
            "test_labels": {Path(name).name: label for name, label in test.items()},
            "flaws": planted,
        }
        write_atomic(folder / "truth.json", (json.dumps(truth, indent=1) + "\n").encode())
    return folder


def _draw(
    folder: Path, labels: Labels, plan: dict[str, str], seed: int, progress: Progress | None
) -> None:
    for part in ("train", "test"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for done, (name, label) in enumerate(labels.items(), start=1):
        own = np.random.default_rng([seed, done])
        shown = _other(label) if plan.get(name) == "wrong_label" else label
        (folder / name).write_bytes(_jpeg(Image.fromarray(draw_photo(shown, own)), own))
        tell(progress, "drawing", done, len(labels))


def _plan(train: Labels, test: Labels, rng: np.random.Generator) -> dict[str, str]:
    """Choose which photo gets which flaw, at most one each: leaks in test, others in train."""
    free = {"train": list(train), "test": list(test)}
    for names in free.values():
        rng.shuffle(names)
    return {
        free["test" if kind == "leak" else "train"].pop(): kind
        for kind, share in FLAW_SHARES.items()
        for _ in range(max(1, round(share * len(train))))
    }


def _plant(
    folder: Path,
    name: str,
    kind: str,
    labels: Labels,
    originals: list[str],
    rng: np.random.Generator,
) -> Flaw:
    """Spoil one photo, and return the record of its flaw."""
    path = folder / name
    label = labels[name]
    if kind == "wrong_label":
        return {"truth": _other(label), "detail": f"a {_other(label)} named {label}"}
    if kind in ("both", "neither"):
        drawn = draw_both(rng) if kind == "both" else draw_neither(rng)
        path.write_bytes(_jpeg(Image.fromarray(drawn), rng))
        return {"truth": kind, "detail": "a cat and a dog" if kind == "both" else "no animal"}
    if kind in ("exact_duplicate", "near_duplicate", "leak"):
        source = next(other for other in originals if labels[other] == label)
        originals.remove(source)
        data = (folder / source).read_bytes()
        detail = "the same bytes"
        if kind == "near_duplicate" or (kind == "leak" and rng.random() < 0.5):
            data, detail = _copy(Image.open(io.BytesIO(data)), rng)
        path.write_bytes(data)
        return {"truth": label, "of": source, "detail": detail}
    data, detail = _SPOILERS[kind](path.read_bytes(), rng)
    path.write_bytes(data)
    return {"truth": label, "detail": detail}


def _other(label: Kind) -> Kind:
    return "dog" if label == "cat" else "cat"


def _jpeg(photo: Image.Image, rng: np.random.Generator, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    quality = int(rng.integers(50, 96))
    photo.save(out, "JPEG", quality=quality, exif=exif or Image.Exif())
    return out.getvalue()


def _resized(photo: Image.Image, width: int, height: int) -> Image.Image:
    return photo.resize((width, height), Image.Resampling.BICUBIC)


def _copy(photo: Image.Image, rng: np.random.Generator) -> tuple[bytes, str]:
    ratio = rng.uniform(0.6, 0.95)
    width, height = round(photo.width * ratio), round(photo.height * ratio)
    return _jpeg(_resized(photo, width, height), rng), f"encoded again at {width} x {height}"


def _white_border(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    photo = Image.open(io.BytesIO(data))
    left, top, right, bottom = (round(photo.width * share) for share in rng.uniform(0.3, 0.8, 4))
    framed = Image.new("RGB", (left + photo.width + right, top + photo.height + bottom), "white")
    framed.paste(photo, (left, top))
    box = f"{left}, {top}, {left + photo.width}, {top + photo.height}"
    return _jpeg(framed, rng), f"photo at {box} on white"


def _tiny(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    width, height = (int(side) for side in rng.integers(36, 60, 2))
    photo = _resized(Image.open(io.BytesIO(data)), width, height)
    return _jpeg(photo, rng), f"{width} x {height} pixels"


def _truncated(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    kept = int(len(data) * rng.uniform(0.3, 0.7))
    return data[:kept], f"cut after {kept} of {len(data)} bytes"


def _gif(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    out = io.BytesIO()
    Image.open(io.BytesIO(data)).quantize(128).save(out, "GIF")
    return out.getvalue(), "a GIF"


def _empty(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    return b"", "an empty file"


def _rotated(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    exif = Image.Exif()
    exif[_ORIENTATION_TAG] = 6
    stored = Image.open(io.BytesIO(data)).transpose(Image.Transpose.ROTATE_90)
    return _jpeg(stored, rng, exif), "orientation 6: to be turned clockwise"


def _cmyk(data: bytes, rng: np.random.Generator) -> tuple[bytes, str]:
    return _jpeg(Image.open(io.BytesIO(data)).convert("CMYK"), rng), "a CMYK JPEG"


_SPOILERS: dict[str, Callable[[bytes, np.random.Generator], tuple[bytes, str]]] = {
    "white_border": _white_border,
    "tiny": _tiny,
    "truncated": _truncated,
    "gif_named_jpg": _gif,
    "zero_bytes": _empty,
    "exif_rotated": _rotated,
    "cmyk": _cmyk,
}
