"""An audit folder made by hand, with drawn photos, for the tests of the page."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageOps

from pawlens import Photos

KINDS = (
    "unreadable",
    "tiny",
    "border",
    "blurred",
    "exact_duplicate",
    "leak",
    "label_error",
    "both",
    "neither",
)
CLASSES = ("cat", "dog")


class Audited(NamedTuple):
    """An audit folder and what is in it."""

    folder: Path
    photos: Path
    table: dict[str, list[Any]]


def draw_photos(folder: Path, count: int, *, side: int = 64, seed: int = 0) -> Path:
    """Small pictures that differ; number 3 is not readable, 4 has a border, 6 is 5 again."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        name = folder / CLASSES[i % 2] / f"{i:05}.jpg"
        name.parent.mkdir(parents=True, exist_ok=True)
        if i == 6:
            name.write_bytes((folder / CLASSES[1] / "00005.jpg").read_bytes())
            continue
        hues = rng.integers(0, 256, (4, 4, 3), np.uint8)
        image = Image.fromarray(hues).resize((side, side * 3 // 4), Image.Resampling.BICUBIC)
        if i == 4:
            image = ImageOps.expand(image, side // 4, "white")
        image.save(name, quality=80)
        if i == 3:
            name.write_bytes(name.read_bytes()[:200])
    return folder


def audit_by_hand(
    folder: Path, photos: Path, *, every: int = 1, classes: tuple[str, ...] = CLASSES
) -> Audited:
    """What an audit writes; every `every`-th photo is suspicious, the first one most."""
    table = Photos.read(photos)
    count = len(table)
    kinds = [[KINDS[6]] if i % every == 0 else [] for i in range(count)]
    places = {Path(p).stem: i for i, p in enumerate(table.paths)}
    for name, kind in {
        "00003": "unreadable",
        "00004": "border",
        "00005": "exact_duplicate",
    }.items():
        if name in places:
            kinds[places[name]] = [kind]
    spread = np.linspace(1, 0.05, count, dtype=np.float32)
    hashes = [hashlib.sha256(table.read_bytes(i)).hexdigest() for i in range(count)]
    sizes = [_size(found) for found in kinds]
    columns: dict[str, Any] = {
        "path": table.paths,
        "sha256": hashes,
        "labels": [list(photo.labels) for photo in table],
        "split": [None] * count,
        "role": ["train"] * count,
        "group": pa.array(range(count), pa.int64()),
        "width": pa.array([width for width, _ in sizes], pa.int32()),
        "height": pa.array([height for _, height in sizes], pa.int32()),
        "format": ["JPEG"] * count,
    }
    for kind in KINDS:
        hit = [kind in found for found in kinds]
        columns[f"{kind}_score"] = pa.array(
            [float(s) if h else 0.0 for s, h in zip(spread, hit, strict=True)], pa.float32()
        )
        columns[f"is_{kind}"] = hit
    columns["reasons"] = [
        [f"{kind}: the model sees something else: {i} of 6 neighbours" for kind in found]
        for i, found in enumerate(kinds)
    ]
    columns["suspicion"] = pa.array(
        [float(s) if found else 0.0 for s, found in zip(spread, kinds, strict=True)], pa.float32()
    )
    columns["suggestion"] = [_suggest(found, classes) for found in kinds]
    columns["border"] = pa.array(
        [[16, 16, 80, 64] if "border" in found else None for found in kinds], pa.list_(pa.int32())
    )
    columns["neighbours"] = pa.array(
        [[(i + k) % count for k in range(1, min(7, count))] for i in range(count)],
        pa.list_(pa.int32()),
    )
    for k, name in enumerate(classes):
        share = (1 - spread) if k == 0 else spread / max(len(classes) - 1, 1)
        values = [
            None if "unreadable" in f else float(p) for f, p in zip(kinds, share, strict=True)
        ]
        columns[f"p:{name}"] = pa.array(values, pa.float32())
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "audit.parquet")
    facts = {"version": 1, "photos": str(photos), "classes": list(classes), "backbones": ["paw"]}
    counts = {kind: sum(kind in found for found in kinds) for kind in KINDS}
    (folder / "audit.json").write_text(json.dumps(facts | {"counts": counts}))
    return Audited(folder, photos, pq.read_table(folder / "audit.parquet").to_pydict())


def _size(kinds: list[str]) -> tuple[int, int]:
    if "unreadable" in kinds:
        return 0, 0
    return (96, 80) if "border" in kinds else (64, 48)


def _suggest(kinds: list[str], classes: tuple[str, ...]) -> str:
    if "unreadable" in kinds or "exact_duplicate" in kinds:
        return "drop"
    if "border" in kinds:
        return "trim"
    return f"relabel:{classes[1]}" if "label_error" in kinds else ""


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    """Twelve photos, all suspicious."""
    return audit_by_hand(tmp_path / "audit", draw_photos(tmp_path / "photos", 12))


def start(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """The process of a server, and its link."""
    command = [sys.executable, "-m", "pawlens", "review", str(folder), "--no-open"]
    server = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )
    assert server.stdout is not None
    assert server.stderr is not None
    line = server.stdout.readline()
    assert line.startswith("review  http://127.0.0.1:"), line + server.stderr.read()
    return server, line.split()[1]
