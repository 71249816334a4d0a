"""Real photos decoded and answered by a browser itself, against `pawlens predict`; and its memory.

    python benchmarks/web_photos.py RUN --photos FOLDER [FOLDER ...] [--count 200]
        [--to web-single-file]

The run is exported for the web and opened in Chromium, which decodes every photo by its own
decoder; the single file from its file:// address, with the network off. Beside the photos as they
are come copies of some as CMYK, with a Display-P3 profile, as AVIF, as WebP and as progressive
JPEG. Then one photo of 12 megapixels is answered in a browser of
its own, and the memory of its largest process is read.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import shutil
import struct
import sys
import tempfile
import threading
import time
from collections import defaultdict
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms
from playwright.sync_api import BrowserType, expect, sync_playwright

from pawlens import Photos, export, load
from pawlens.export import measure_agreement

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE = 1_200_000  # ms
P3 = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.2920, 0.6922, 0.0419)}
P3 |= {b"bXYZ": (0.1571, 0.0666, 0.7841)}
COPIES = {
    "cmyk.jpg": lambda image: (image.convert("CMYK"), {"quality": 92}),
    "p3.jpg": lambda image: (image, {"quality": 92, "icc_profile": display_p3()}),
    "copy.avif": lambda image: (image, {"quality": 90}),
    "copy.webp": lambda image: (image, {"quality": 90}),
    "progressive.jpg": lambda image: (image, {"quality": 90, "progressive": True}),
}


def display_p3() -> bytes:
    """An ICC profile with the primaries of Display P3, adapted to D50, and the curve of sRGB."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", data, 128)
    for place in range(132, 132 + 12 * count, 12):
        name, offset, _ = struct.unpack_from(">4sII", data, place)
        if name in P3:
            values = [round(value * 65536) for value in P3[name]]
            struct.pack_into(">iii", data, offset + 8, *values)
    return bytes(data)


def written(folder: Path, sources: list[Path], count: int) -> list[Path]:
    """Copy the photos, and make copies of every tenth in other encodings."""
    files = []
    for number, path in enumerate(sources[:: max(len(sources) // count, 1)][:count]):
        files.append(folder / f"{number:03}-as-it-is{path.suffix}")
        shutil.copy(path, files[-1])
        if number % 10 == 0:
            for name, make in COPIES.items():
                image, options = make(Image.open(path).convert("RGB"))
                files.append(folder / f"{number:03}-{name}")
                image.save(files[-1], **options)
    return files


def answers(browsers: BrowserType, link: str, files: list[Path]) -> tuple[list[dict], float, float]:
    """Have a new browser answer: rows of its CSV, seconds, and MB of its largest process."""
    browser = browsers.launch(executable_path=CHROMIUM, args=FLAGS)
    expect.set_options(timeout=PATIENCE)
    page = browser.new_page(locale="en-GB", offline=link.startswith("file:"))
    page.set_default_timeout(PATIENCE)
    page.goto(link)
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")
    begun = time.monotonic()
    page.locator("#photos").set_input_files(files)
    done = f"{len(files)} of {len(files)} photos answered"
    if len(files) == 1:
        expect(page.locator("#save")).to_be_enabled()
    expect(page.locator("#state")).to_have_text(done)
    seconds = time.monotonic() - begun
    memory = peak_memory()
    with page.expect_download() as download:
        page.locator("#save").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    browser.close()
    return rows, seconds, memory


def peak_memory() -> float:
    """Most resident memory so far, in MB, of any renderer that this process has started."""
    most = 0.0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" in (entry / "cmdline").read_bytes() and ours(int(entry.name)):
                status = (entry / "status").read_text()
                most = max(most, int(status.split("VmHWM:")[1].split()[0]) / 1000)
        except (OSError, IndexError):
            continue
    return most


def ours(pid: int) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def main() -> int:
    options = _options()
    model = load(options.run)
    sources = [path for folder in options.photos for path in sorted(folder.rglob("*.jpg"))]
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        opens = export(model, options.to, Path(scratch, "app"))[0]
        app = opens.parent
        size = sum(path.stat().st_size for path in app.iterdir() if path.is_file())
        print(f"{options.to}: {size:,} bytes in all")
        folder = Path(scratch, "photos")
        folder.mkdir()
        files = written(folder, sources, options.count)
        predicted = model.answer(Photos.read(files, labels=False), precision="f32", progress=False)
        handler = partial(SimpleHTTPRequestHandler, directory=str(app))
        handler.func.log_message = lambda *args: None  # type: ignore[attr-defined]
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            link = f"http://127.0.0.1:{server.server_port}/"
            link = opens.as_uri() if options.to == "web-single-file" else link
            rows, seconds, _ = answers(playwright.chromium, link, files)
            found = np.array([[float(row[f"p:{c}"]) for c in model.classes_] for row in rows])
            kinds = defaultdict(list)
            for place, path in enumerate(files):
                kinds[path.name.partition("-")[2]].append(place)
            print(
                f"{len(files)} files in {seconds:.0f} s, {1000 * seconds / len(files):.1f} ms each"
            )
            for kind, places in sorted(kinds.items()):
                one = measure_agreement(predicted.proba[places], found[places])
                print(
                    f"{kind:16} {one.photos:4}  mean {one.mean_difference:.6f}  largest "
                    f"{one.max_difference:.5f}  {one.top1:.1%}{'' if one.passed else '   BEYOND'}"
                )
            large = folder / "large.jpg"
            Image.open(sources[0]).convert("RGB").resize((4000, 3000)).save(large, quality=90)
            _, seconds, memory = answers(playwright.chromium, link, [large])
            print(f"12 MP: {seconds:.1f} s, {memory:.0f} MB in the largest process at most")
            server.shutdown()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--to", choices=["web", "web-single-file"], default="web")
    parser.add_argument("--count", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
