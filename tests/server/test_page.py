"""The page of the server in a real browser: photos are chosen, answered and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

pytest.importorskip("playwright.sync_api", reason="needs playwright")

from playwright.sync_api import Browser, Page, ViewportSize, expect

from pawlens.server import Server

from ..chromium import DESKTOP, NEEDS_CHROMIUM, PHONE, open_browser
from .conftest import CLASSES, photo_bytes

pytestmark = NEEDS_CHROMIUM
PATIENCE = 60_000  # ms


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with open_browser() as opened:
        yield opened


class Visit:
    """A page of a server, with what it asked for and complained about."""

    def __init__(self, browser: Browser, link: str, viewport: ViewportSize) -> None:
        self.troubles: list[str] = []
        self.hosts: set[str] = set()
        self.page: Page = browser.new_page(viewport=viewport)
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.goto(link)

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.troubles.append(str(getattr(message, "text", "")))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_photos_are_answered_and_nothing_else_is_asked(
    server: Server, browser: Browser, tmp_path: Path, viewport: ViewportSize
) -> None:
    names = []
    for seed in range(3):
        names.append(tmp_path / f"{seed}.jpg")
        names[-1].write_bytes(photo_bytes(seed))
    names.append(tmp_path / "text.jpg")
    names[-1].write_bytes(b"no photo")
    visit = Visit(browser, server.link, viewport)
    page = visit.page
    expect(page.locator("#model option")).to_have_count(2)
    page.locator("#map").check()
    page.locator("#photos").set_input_files(names)
    expect(page.locator("#state")).to_have_text("4 of 4 photos answered")
    labels = page.locator("#answers .label").all_text_contents()
    assert labels[0].startswith("unreadable: ")
    assert set(labels[1:]) <= set(CLASSES)
    assert page.locator("#answers meter").count() == 9
    assert page.locator("#answers li:last-child img").get_attribute("src", timeout=1000) or ""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    allowed = {urlsplit(server.link).netloc, ""}
    assert visit.hosts <= allowed
    assert [line for line in visit.troubles if "422" not in line] == []
    page.screenshot(path=tmp_path / "page.png", full_page=True)
    page.close()


def test_a_server_with_a_token_asks_for_it(
    start: Callable[..., Server], browser: Browser, tmp_path: Path
) -> None:
    photo = tmp_path / "1.jpg"
    photo.write_bytes(photo_bytes(1))
    page = Visit(browser, start(token="word").link, DESKTOP).page
    expect(page.locator("#state")).to_have_text("This server asks for a token.")
    page.locator("#token").fill("word")
    page.locator("#token").blur()
    expect(page.locator("#model option")).to_have_count(1)
    page.locator("#photos").set_input_files(photo)
    expect(page.locator("#state")).to_have_text("1 of 1 photos answered")
    expect(page.locator("#answers .label")).to_have_count(1)
    page.close()
