"""The review page in a real browser: one keyboard session, a crash in its middle, and speed."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="needs pawlens[serve]")
pytest.importorskip("playwright.sync_api", reason="needs playwright")

from playwright.sync_api import Browser, ViewportSize, expect

from pawlens.audit import Decision, Journal

from ..chromium import DESKTOP, NEEDS_CHROMIUM, PHONE, open_browser
from .conftest import Audited, audit_by_hand, draw_photos, start

pytestmark = NEEDS_CHROMIUM
PATIENCE = 90_000  # ms, on a machine that does something else
KEYS = ["k", "d", "1", "2", "b", "n", "Enter"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with open_browser() as opened:
        yield opened


SAID = """async (path) => {
  const said = document.getElementById("said");
  const end = Date.now() + 60000;
  while (!said.textContent.startsWith(path)) {
    if (Date.now() > end) throw new Error(`not ${path} but ${said.textContent}`);
    await new Promise((next) => setTimeout(next, 5));
  }
  return said.textContent.slice(path.length);
}"""


class Session:
    """A server on an audit folder, and the page that it gives."""

    def __init__(self, folder: Path, browser: Browser, viewport: ViewportSize = DESKTOP) -> None:
        self.folder = folder
        self.troubles: list[str] = []
        self.page = browser.new_page(viewport=viewport)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.troubles.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        self.page.set_default_timeout(PATIENCE)
        self.open()

    def open(self) -> None:
        self.server, link = start(self.folder)
        self.page.goto(link)
        self.page.wait_for_selector("body.ready")

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        self.server.send_signal(how)
        self.server.communicate(timeout=120)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.page.close()
        self.end(signal.SIGKILL if kind else signal.SIGINT)
        if kind is None:
            assert self.troubles == []

    @property
    def shown(self) -> str:
        return self.page.inner_text("#path")

    def decide(self, key: str) -> tuple[str, str]:
        """Press a key, and wait until the page says that it is saved: path and words."""
        path = self.shown
        self.page.keyboard.press(key)
        words: str = self.page.evaluate(SAID, f"{path}: ")
        return path, words


def in_words(decision: Decision) -> str:
    if decision.action == "relabel":
        return " + ".join(decision.labels)
    return decision.reason or decision.action


def kept(folder: Path) -> dict[str, str]:
    journal = Journal(folder / "decisions.jsonl")
    return {one.path: in_words(one) for one in journal.current().values()}


@pytest.fixture(scope="module")
def three_hundred(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    folder = tmp_path_factory.mktemp("reviewed")
    return audit_by_hand(folder / "audit", draw_photos(folder / "photos", 300))


def test_a_session_that_is_killed_in_its_middle(
    three_hundred: Audited, browser: Browser, tmp_path: Path
) -> None:
    with Session(three_hundred.folder, browser) as session:
        page, confirmed = session.page, {}
        for i in range(150):
            path, words = session.decide(KEYS[i % len(KEYS)])
            assert path not in confirmed
            confirmed[path] = words
        assert kept(three_hundred.folder) == confirmed

        before = session.shown
        session.end(signal.SIGKILL)
        assert session.troubles == []
        page.keyboard.press("d")
        expect(page.locator("#trouble")).to_contain_text(f"“drop” for {before} is not saved")
        expect(page.locator("#trouble")).to_contain_text("Start “pawlens review")
        assert session.shown == before
        page.keyboard.press("k")
        assert session.shown == before
        assert kept(three_hundred.folder) == confirmed

        session.open()
        session.troubles.clear()  # that the server was gone, also for what the page asked last
        expect(page.locator("#trouble")).to_be_hidden()
        expect(page.locator("#progress-words")).to_contain_text("of 300 decided")
        assert before not in confirmed
        for _ in range(3):
            last = list(confirmed)[-1]
            page.keyboard.press("u")
            expect(page.locator("#path")).to_have_text(last)
            confirmed.pop(last)
            assert kept(three_hundred.folder) == confirmed
        i = 0
        while not page.locator("#done").is_visible():
            path, words = session.decide(KEYS[i % len(KEYS)])
            confirmed[path] = words
            i += 1
        expect(page.locator("#progress-words")).to_have_text("300 of 300 decided")
        expect(page.locator("#done")).to_contain_text("All suspicious photos are decided")
        expect(page.locator("#command")).to_have_text(
            f"pawlens train {three_hundred.photos} --decisions {three_hundred.folder}"
        )
        assert kept(three_hundred.folder) == confirmed
        assert len(confirmed) == 299  # two photos are one content


def test_many_classes_and_names_that_look_like_code(browser: Browser, tmp_path: Path) -> None:
    photos = draw_photos(tmp_path / "photos", 8)
    evil = "<img src=x onerror=alert(1)>.jpg"
    (photos / "cat" / "00000.jpg").rename(photos / "cat" / evil)
    classes = ("cat", "dog", *(f"breed {i}" for i in range(35)))
    audited = audit_by_hand(tmp_path / "audit", photos, classes=classes)
    with Session(audited.folder, browser) as session:
        page = session.page
        page.keyboard.press("End")
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Home")
        page.click(f'.tile[title*="{evil}"]')
        assert session.shown == f"cat/{evil}"
        page.keyboard.press("r")
        page.keyboard.type("reed 3")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#choices .marked")).to_have_text("breed 30")
        page.keyboard.press("Enter")
        expect(page.locator("#said")).to_have_text(f"cat/{evil}: breed 30")
        assert kept(audited.folder) == {f"cat/{evil}": "breed 30"}
        assert " + " in session.decide("b")[1]
        page.keyboard.press("Home")
        expect(page.locator(".bar")).to_have_count(6)
        best = page.inner_text(".bar >> nth=0 >> .class").removesuffix(" label")
        path, words = session.decide("1")
        assert words == (best if not path.startswith(best) else "keep")


def test_filters_borders_and_what_cannot_be_read(
    three_hundred: Audited, browser: Browser, tmp_path: Path
) -> None:
    folder = shutil.copytree(three_hundred.folder, tmp_path / "audit")
    (folder / "decisions.jsonl").unlink(missing_ok=True)
    with Session(folder, browser) as session:
        page = session.page
        page.select_option("#kind", "border")
        expect(page.locator("#position")).to_have_text("1 of 1")
        expect(page.locator("#border")).to_be_visible()
        box, real = page.locator("#large").bounding_box(), page.locator("#border").bounding_box()
        assert box is not None
        assert real is not None
        assert real["x"] - box["x"] == pytest.approx(box["width"] / 6, abs=2)
        assert real["height"] == pytest.approx(box["height"] * 48 / 80, abs=2)
        path, words = session.decide("t")
        assert (path, words) == ("cat/00004.jpg", "trim")
        expect(page.locator("#done")).to_contain_text("Nothing undecided is left under this filter")
        page.keyboard.press("Escape")
        page.select_option("#kind", "unreadable")
        expect(page.locator("#unseen")).to_have_text("It cannot be read.")
        page.select_option("#kind", "")
        page.check("input[value=decided]", force=True)
        expect(page.locator("#position")).to_have_text("1 of 1")
        expect(page.locator("#decision")).to_have_text("Decided trim")
        page.reload()
        page.wait_for_selector("body.ready")
        assert session.shown == "cat/00004.jpg"
        page.check("input[value=all]", force=True)
        page.select_option("#class", "dog")
        expect(page.locator("#position")).to_contain_text("of 150")
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        page.keyboard.press("d")  # not while a window is open
        page.keyboard.press("Escape")
        page.keyboard.press("t")
        expect(page.locator("#said")).to_have_text("No border was found to trim")
        assert kept(folder) == {"cat/00004.jpg": "trim"}


def test_at_the_width_of_a_phone(three_hundred: Audited, browser: Browser, tmp_path: Path) -> None:
    folder = shutil.copytree(three_hundred.folder, tmp_path / "audit")
    (folder / "decisions.jsonl").unlink(missing_ok=True)
    with Session(folder, browser, PHONE) as session:
        page = session.page
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        expect(page.locator(".tile").first).to_be_visible()
        expect(page.locator("#panel")).to_be_hidden()
        page.click(".tile >> nth=1")
        expect(page.locator("#grid")).to_be_hidden()
        for name in ("Keep", "Drop", "cat", "dog", "Both", "Neither", "Undo"):
            button = page.locator("#actions").get_by_role("button", name=name, exact=True)
            size = button.bounding_box()
            assert size is not None
            assert size["height"] >= 44
            assert size["x"] + size["width"] <= PHONE["width"]
        path = session.shown
        page.click("#actions button.drop >> nth=0")
        expect(page.locator("#path")).not_to_have_text(path)
        page.click("#back")
        expect(page.locator(".tile.decided .mark")).to_have_text("drop")
        assert kept(folder) == {path: "drop"}


def thousands(folder: Path, count: int) -> Path:
    """Photos that differ in bytes only, so that they are quickly made."""
    drawn = sorted(draw_photos(folder / "few", 40).rglob("*.jpg"))
    few = [path.read_bytes() for path in drawn if path.stem != "00003"]  # that one is torn
    for i in range(count):
        name = folder / "photos" / ("cat", "dog")[i % 2] / f"{i:05}.jpg"
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_bytes(few[i % len(few)] + i.to_bytes(4, "big"))
    return folder / "photos"


FLING = """async () => {
  const host = document.getElementById("grid");
  const frames = [];
  const frame = () => new Promise(requestAnimationFrame);
  let before = await frame();
  for (let i = 0; i < 120; i++) {
    host.scrollTop += 700;
    const now = await frame();
    frames.push(now - before);
    before = now;
  }
  const start = performance.now();
  const loaded = () => [...document.querySelectorAll(".tile img")]
    .filter((one) => one.complete && one.naturalWidth).length;
  while (loaded() < 20) await new Promise((next) => setTimeout(next, 10));
  frames.sort((a, b) => a - b);
  return {
    paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    median: frames[60], slow: frames[114], pictures: performance.now() - start,
    tiles: document.querySelectorAll(".tile").length,
  };
}"""


def measured(folder: Path, browser: Browser) -> dict[str, float]:
    """Milliseconds until the page is painted, of its frames, of pictures and of a decision."""
    with Session(folder, browser) as session:
        session.page.keyboard.press("g")
        found: dict[str, float] = session.page.evaluate(FLING)
        decisions = []
        for _ in range(5):
            began = time.perf_counter()
            session.decide("k")
            decisions.append(1000 * (time.perf_counter() - began))
        return found | {"decision": sorted(decisions)[2]}


def test_thousands_of_photos_cost_no_more_than_hundreds(
    three_hundred: Audited, browser: Browser, tmp_path: Path
) -> None:
    few = shutil.copytree(three_hundred.folder, tmp_path / "few")
    (few / "decisions.jsonl").unlink(missing_ok=True)
    many = audit_by_hand(tmp_path / "many", thousands(tmp_path, 8800)).folder
    of_few, of_many = measured(few, browser), measured(many, browser)
    print({name: (round(of_few[name]), round(of_many[name])) for name in of_few}, "ms")
    assert of_many.pop("tiles") < 150  # however many photos there are
    for name, spent in of_many.items():
        # Thirty times as many photos; what a busy machine adds differs from moment to moment.
        assert spent < 5 * of_few[name] + 2_000, name
    assert of_many["median"] < 200
