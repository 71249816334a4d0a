"""Photos that are far away: requests and seconds until scans, headers and features are there.

The photos lie in memory behind fsspec, and every request takes 50 ms. One pass makes all three of
the same bytes, as `pawlens train` does at an address; two passes scan first and extract then.

    python benchmarks/far_photos.py PHOTOS [--count 1000] [--latency 0.05]
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

ADDRESS = "memory://far/photos"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--latency", type=float, default=0.05)
    options = parser.parse_args()
    asked = put(options)
    for passes in (2, 1, 2, 1):
        asked.clear()
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            found = prepare(Path(folder), passes)
        seconds = time.perf_counter() - start
        print(f"{passes} passes: {len(asked):,} requests for {found:,} photos, {seconds:.1f} s")


def put(options: argparse.Namespace) -> list[str]:
    """Put photos there; what is returned grows by a name with every request."""
    import fsspec
    from fsspec.implementations.memory import MemoryFileSystem

    from pawlens import Photos

    photos, files = Photos.read(options.photos), fsspec.filesystem("memory")
    for row in range(min(options.count, len(photos))):
        files.pipe(f"/far/photos/{row:06}.jpg", photos.read_bytes(row))
    asked: list[str] = []
    lock, real = threading.Lock(), MemoryFileSystem.cat_file

    def cat_file(self: MemoryFileSystem, path: str, **span: int) -> bytes:
        time.sleep(options.latency)
        with lock:
            asked.append(path)
        data: bytes = real(self, path, **span)
        return data

    MemoryFileSystem.cat_file = cat_file
    return asked


def prepare(cache: Path, passes: int) -> int:
    """Make what a training needs of the photos; how many have features."""
    from pawlens import Photos
    from pawlens.backbones import find_backbone, open_engine
    from pawlens.features import FirstFeatures, WholePhotos, extract_features
    from pawlens.photos import read_headers, scan_photos

    photos = Photos.read(ADDRESS, labels=False)
    backbone = find_backbone("paw", cache_dir=cache)
    engine = open_engine(backbone)
    look = None
    if passes == 1:
        look = FirstFeatures(backbone, engine, cache_dir=cache, trimmed=lambda _: False)
    scans = scan_photos(photos, cache_dir=cache, look=look)
    read_headers(photos, scans, cache_dir=cache)
    pictures = WholePhotos(photos, [scan.sha256 for scan in scans])
    return len(extract_features(pictures, backbone, engine, cache_dir=cache).matrix)


if __name__ == "__main__":
    main()
