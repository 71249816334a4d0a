"""The web app in a real browser: the answers of pawlens, offline, and nothing that leaves."""

from __future__ import annotations

import csv
import io
import os
import shutil
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest

pytest.importorskip("playwright.sync_api", reason="needs playwright")

from PIL import Image, ImageCms
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pawlens import load
from pawlens.backbones import Backbone, find_backbone
from pawlens.errors import UsageError
from pawlens.models import ExportedModel
from pawlens.workflows import export
from pawlens.workflows.targets import _web_runtime

from ...chromium import DESKTOP, NEEDS_CHROMIUM, PHONE, open_browser
from ...small_models import linear_head, picture, saved, small_model

PATIENCE = 120_000  # ms
CACHE = os.environ.get("PAWLENS_CACHE")  # where ONNX Runtime for browsers may be already
CLASSES = ("cat", "dog", "猫头鹰")
pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.skipif(
        shutil.which("npm") is None and "PAWLENS_ORT_WEB" not in os.environ,
        reason="onnxruntime-web comes by npm, which is not installed",
    ),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    paw: Backbone = find_backbone("paw", cache_dir=tmp_path_factory.mktemp("paw"))
    made: ExportedModel = small_model(paw, linear_head(paw.spec.feature_dim), classes=CLASSES)
    return saved(made.to_onnx(), tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def app(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAWLENS_CACHE", CACHE or str(tmp_path_factory.mktemp("npm")))
        return export(model, "web", tmp_path_factory.mktemp("web") / "app")[0].parent


@pytest.fixture(scope="module")
def page_file(model: Path, app: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PAWLENS_ORT_WEB", str(app))
        return export(model, "web-single-file", tmp_path_factory.mktemp("single") / "one")[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with open_browser() as opened:
        yield opened


@contextmanager
def hosted(folder: Path, port: int = 0) -> Iterator[str]:
    """Serve a folder as any static host does."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Visit:
    """A page, with what it asked for and complained about."""

    def __init__(self, context: BrowserContext, link: str) -> None:
        self.troubles: list[str] = []
        self.hosts: set[str] = set()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.goto(link)
        expect(self.page.locator("body")).to_have_attribute("data-ready", "yes")

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.troubles.append(str(getattr(message, "text", "")))

    def answers(self, files: list[Path]) -> list[dict[str, str]]:
        """Choose files, wait for all answers, and read the CSV that the page saves."""
        self.page.locator("#photos").set_input_files(files)
        count = len(files)
        expect(self.page.locator("#state")).to_have_text(f"{count} of {count} photos answered")
        with self.page.expect_download() as download:
            self.page.locator("#save").click()
        text = Path(download.value.path()).read_text(encoding="utf-8")
        return list(csv.DictReader(io.StringIO(text)))


def hard_photos(folder: Path) -> list[Path]:
    """Photos of every kind that a browser reads."""
    made: list[Path] = []

    def keep(name: str, image: Image.Image, **options: Any) -> None:
        made.append(folder / name)
        image.save(made[-1], **options)

    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = Image.fromarray(picture(orientation, (300, 420)))
        keep(f"exif{orientation}.jpg", image, quality=92, exif=exif)
    small = Image.fromarray(picture(20, (90, 140)))
    keep("small.jpg", small, quality=90)
    keep("full.jpg", Image.fromarray(picture(21, (700, 500))), quality=90, subsampling=0)
    keep("progressive.jpg", Image.fromarray(picture(22, (600, 800))), progressive=True)
    keep("cmyk.jpg", Image.fromarray(picture(23, (200, 200))).convert("CMYK"))
    keep("grey.jpg", Image.fromarray(picture(24, (200, 260))).convert("L"))
    clear = Image.fromarray(picture(25, (200, 200))).convert("RGBA")
    clear.putalpha(Image.fromarray(picture(26, (200, 200))[..., 0]))
    keep("alpha.png", clear)
    keep("lossless.webp", Image.fromarray(picture(27, (300, 200))), lossless=True)
    keep("picture.gif", Image.fromarray(picture(28, (100, 120))))
    keep("modern.avif", Image.fromarray(picture(29, (200, 260))), quality=90)
    wide = Image.fromarray(picture(30, (240, 320)))
    keep("wide.jpg", wide, quality=92, icc_profile=display_p3())
    return made


def display_p3() -> bytes:
    """An ICC profile with the primaries of Display P3, adapted to D50, and the curve of sRGB."""
    primaries = {
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    for place in range(132, 132 + 12 * count, 12):
        name, offset, _ = struct.unpack_from(">4sII", profile, place)
        if name in primaries:
            values = [round(value * 65536) for value in primaries[name]]
            struct.pack_into(">iii", profile, offset + 8, *values)
    return bytes(profile)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_answers_are_those_of_pawlens_also_offline(
    app: Path, model: Path, browser: Browser, tmp_path: Path, viewport: object
) -> None:
    photos = hard_photos(tmp_path)
    expected = load(model).answer(photos, precision="f32")
    context = browser.new_context(viewport=viewport, locale="en-GB")  # type: ignore[arg-type]
    with hosted(app) as link:
        visit = Visit(context, link)
        rows = visit.answers(photos)
        visit.page.locator("#where").check()
        visit.page.screenshot(path=tmp_path / "page.png", full_page=True)
        assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visit.hosts <= {urlsplit(link).netloc, ""}
        assert visit.troubles == []
        visit.page.close()
    proba = np.array([[float(row[f"p:{name}"]) for name in CLASSES] for row in rows])
    gap = np.abs(proba - expected.proba)
    assert gap.max() < 0.004
    assert gap.mean() < 0.0005
    assert [row["label"] for row in rows] == expected.labels
    assert np.ptp(expected.proba, axis=0).max() > 0.05
    offline = Visit(context, link)  # the host is gone
    assert offline.answers(photos[:3]) == rows[:3]
    context.close()


def test_what_is_no_photo_is_told_in_a_sentence(
    app: Path, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("no photo")
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    Image.fromarray(picture(1)).save(tmp_path / "good.png")
    names = ["empty.jpg", "text.jpg", "phone.heic", "good.png"]
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    with hosted(app) as link:
        rows = Visit(context, link).answers([tmp_path / name for name in names])
    assert [row["status"] for row in rows] == [
        "The file is empty.",
        "This is no photo.",
        "This browser cannot read this picture format; save it as JPEG or PNG.",
        "ok",
    ]
    context.close()


def test_the_page_speaks_chinese_and_follows_the_keyboard(app: Path, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", color_scheme="dark")
    with hosted(app) as link:
        page = Visit(context, link).page
        expect(page.locator("h1")).to_have_text("这张照片里是什么？")
        assert page.evaluate("document.documentElement.lang") == "zh"
        order = []
        for _ in range(4):
            page.keyboard.press("Tab")
            order.append(page.evaluate("document.activeElement.id"))
        assert order == ["language", "photos", "camera", "where"]
        page.locator("#language").click()
        expect(page.locator("h1")).to_have_text("What does this photo show?")
    context.close()


def test_a_damaged_model_is_fetched_again_or_told(app: Path, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    damage = """async () => {
      for (const key of await caches.keys()) {
        const cache = await caches.open(key);
        await cache.put(new URL("model.onnx", location.href).href, new Response("damaged"));
      }
    }"""
    with hosted(app) as link:
        page = Visit(context, link).page
        page.evaluate(damage)
        page.reload()
        expect(page.locator("body")).to_have_attribute("data-ready", "yes")
        page.evaluate(damage)
    page.reload()
    expect(page.locator("#state")).to_contain_text("The model on this device was damaged")
    context.close()


def test_any_damaged_file_is_fetched_again_or_told(app: Path, browser: Browser) -> None:
    damage = """async (name) => {
      const cache = await caches.open((await caches.keys())[0]);
      await cache.put(new URL(name, location.href).href, new Response("{damaged"));
    }"""
    names = ("./", "index.html", "app.js", "app.css", "signature.json", "ort.wasm.min.js")
    context = browser.new_context(locale="en-GB")
    with hosted(app) as link:
        page = Visit(context, link).page
        for name in names:
            page.evaluate(damage, name)
            page.reload()
            expect(page.locator("body")).to_have_attribute("data-ready", "yes")
        page.evaluate(damage, "signature.json")
    page.reload()
    expect(page.locator("#state")).to_contain_text("was damaged")
    page.evaluate(damage, "./")
    page.reload()
    expect(page.locator("body")).to_contain_text("A file of this page was damaged on this device.")
    context.close()


def test_a_model_of_another_version_is_told(app: Path, browser: Browser, tmp_path: Path) -> None:
    other = shutil.copytree(app, tmp_path / "other")
    text = (other / "signature.json").read_text(encoding="utf-8")
    (other / "signature.json").write_text(text.replace('"version": 1,', '"version": 9,', 1))
    context = browser.new_context(locale="en-GB")
    with hosted(other) as link:
        page = context.new_page()
        page.goto(link)
        expect(page.locator("#state")).to_contain_text("are of different versions")
    context.close()


def test_the_vectors_prove_a_device(app: Path, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    with hosted(app) as link:
        page = Visit(context, link + "#proof").page
        expect(page.locator("#state")).to_contain_text("6 test photos: largest difference 0.000")
        expect(page.locator("#state")).to_contain_text("the same answers")
    context.close()


def test_one_file_works_from_the_disk_without_a_network(
    page_file: Path, model: Path, browser: Browser, tmp_path: Path
) -> None:
    photos = hard_photos(tmp_path)[:4]
    expected = load(model).answer(photos, precision="f32")
    context = browser.new_context(locale="en-GB", offline=True)
    visit = Visit(context, page_file.as_uri())
    rows = visit.answers(photos)
    proba = np.array([[float(row[f"p:{name}"]) for name in CLASSES] for row in rows])
    assert np.abs(proba - expected.proba).max() < 0.004
    assert visit.troubles == []
    assert {host for host in visit.hosts if host} == set()
    context.close()


def test_the_whole_app_is_small_and_proven(app: Path) -> None:
    import gzip
    import json

    worker = (app / "sw.js").read_text(encoding="utf-8")
    kept = json.loads("{" + worker.split("FILES = {")[1].split("}")[0] + "}")
    assert {"./", "index.html", "model.onnx", "app.js", "manifest.webmanifest"} <= set(kept)
    sizes = [len(gzip.compress((app / n).read_bytes())) for n in kept if n != "./"]
    assert sum(sizes) < 6_500_000
    parity = json.loads((app / "parity.json").read_text(encoding="utf-8"))["onnxruntime-web"]
    assert parity["passed"] is True
    assert ("word" in parity) == (shutil.which("node") is None)
    manifest = json.loads((app / "manifest.webmanifest").read_text(encoding="utf-8"))
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    assert Image.open(io.BytesIO((app / "icon-512.png").read_bytes())).size == (512, 512)


def test_files_of_another_package_are_refused(
    app: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shutil.copytree(app, tmp_path / "other")
    (other / "ort.wasm.min.js").write_text("alert(1)")
    monkeypatch.setenv("PAWLENS_ORT_WEB", str(other))
    with pytest.raises(UsageError, match=r"ort\.wasm\.min\.js is not that of onnxruntime-web@"):
        _web_runtime.runtime_files()
    monkeypatch.setenv("PAWLENS_ORT_WEB", str(tmp_path / "missing.tgz"))
    with pytest.raises(UsageError, match="is no archive of onnxruntime-web@"):
        _web_runtime.runtime_files()
    monkeypatch.delenv("PAWLENS_ORT_WEB")
    monkeypatch.setenv("PAWLENS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(UsageError, match="install npm, or set PAWLENS_ORT_WEB"):
        _web_runtime.runtime_files()
