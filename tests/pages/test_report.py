import io
import re
import time
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from pawlens.metrics import (
    REASONS,
    Advice,
    FailureGroup,
    Interval,
    apply_temperature,
    calibrate_out_of_fold,
    evaluate,
)
from pawlens.pages import ReportData, mapped_rows, render_report
from pawlens.photos import Thumbnail
from pawlens.runs import HeldOut, Standing

EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """Collects what a page would load, the text that it shows, and its open tags."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for key, value in attrs:
            if key in ("src", "srcset", "data", "poster", "action"):
                self.sources.append(value or "")
            elif key in ("href", "xlink:href"):
                self.links.append(value or "")
            elif key == "id":
                self.ids.append(value or "")
            assert not key.startswith("on")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def thumbnail(row: int) -> Thumbnail:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(row).integers(0, 255, (6, 8, 3)).astype(np.uint8)
    Image.fromarray(pixels).resize((160, 120)).save(buffer, "JPEG")
    return Thumbnail(buffer.getvalue(), 160, 120)


def data(n: int = 400, classes: tuple[str, ...] = ("cat", "dog")) -> ReportData:
    rng = np.random.default_rng(0)
    logits = 6 * rng.normal(size=(n, len(classes)))
    y = (apply_temperature(logits, 3.0).cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    fold = np.arange(n) % 5
    calibration = calibrate_out_of_fold(y, logits, fold, clip="auto")
    metrics = evaluate(y, calibration.proba, classes, draws=100)
    labels = [[classes[c]] for c in y]
    return ReportData(
        title="Cats and dogs",
        classes=classes,
        y=y,
        proba=calibration.proba,
        fold=fold,
        paths=[f"train/{classes[c]}.{i}.jpg" for i, c in enumerate(y)],
        counts=[(name, "train", int((y == c).sum())) for c, name in enumerate(classes)],
        skipped=[("train/坏.jpg", "truncated"), (f"{EVIL}.jpg", "truncated"), ("a", "too small")],
        facts=[("Backbones", "paw"), ("Features", "512")],
        metrics=metrics,
        standing=Standing.of(classes, labels, ["train"] * n, metrics, {}),
        thumbnail=thumbnail,
        calibration=calibration,
        l2_rows=[{"l2": 0.1, "log_loss": 0.3}, {"l2": 1.0, "log_loss": 0.2}],
        parity={"onnxruntime": {"top1_agreement": 1.0}, "openvino": {"top1_agreement": 0.995}},
        environment={"python": "3.11", "cores": 2},
    )


@cache
def page_of_cats_and_dogs() -> str:
    return render_report(data())


def words(page: Page) -> str:
    return re.sub(r"\s+", " ", page.text)


def test_the_page_is_self_contained_and_well_formed() -> None:
    html = page_of_cats_and_dogs()
    page = Page(html)
    assert page.open == []
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert not re.search(r"(?:src|href|url\(|@import)[\"'=( ]*(?:https?:)?//", html)
    assert not {"script", "link", "iframe", "object"} & set(page.tags)


def test_the_users_own_split_stands_first_and_doubts_are_shown() -> None:
    report = data()
    low = {"accuracy": Interval(0.594, 0.5, 0.68), "log_loss": Interval(1.25, 1.0, 1.5)}
    baseline = report.standing.baseline
    standing = replace(
        report.standing, held_out=[HeldOut("test", 32, low, baseline)], notes=["Doubt <this>."]
    )
    text = words(Page(render_report(replace(report, standing=standing))))
    held, folds = (
        text.index("32 photos of the test split"),
        text.index("Out-of-fold, on the photos"),
    )
    assert held < folds
    assert "59.4 %" in text[held:folds].replace("\N{NO-BREAK SPACE}", " ")
    assert "1.2500 (1.0000 to 1.5000)" in text[held:folds]
    assert f"always answering {baseline.answer}" in text[held:folds]
    assert "Doubt <this>." in text


def test_the_headline_answers_in_words() -> None:
    accuracy = data().metrics["accuracy"]
    text = words(Page(page_of_cats_and_dogs())).replace("\N{NO-BREAK SPACE}", " ")
    ends = f"{100 * accuracy.low:.1f} to {100 * accuracy.high:.1f}"
    assert (
        f"On photos it was not trained on, it is right {100 * accuracy.value:.1f} % of the time "
        f"({ends})." in text
    )
    assert "each answered by the one of 5 models that had not seen it" in text


def test_every_metric_has_value_interval_and_meaning() -> None:
    text = words(Page(page_of_cats_and_dogs()))
    one = data().metrics["log_loss"]
    assert f"{one.value:.4f}{one.low:.4f} to {one.high:.4f}How far the probabilities" in text
    for name in ("Accuracy", "Balanced accuracy", "Brier score", "Calibration error", "ROC AUC"):
        assert name in text


def test_names_are_escaped_everywhere() -> None:
    report = data(classes=(EVIL, "狗 \"'&", "c"))
    report = replace(report, title=EVIL, facts=[(EVIL, EVIL)], environment={EVIL: EVIL})
    report = replace(report, findings=[(EVIL, EVIL, EVIL)], parity={EVIL: EVIL})
    html = render_report(report)
    assert "<script" not in html
    page = Page(html)
    assert page.open == []
    assert page.text.count(EVIL) > 10
    assert "狗 \"'&" in page.text


def test_left_out_photos_are_named_with_their_reason() -> None:
    text = words(Page(page_of_cats_and_dogs()))
    assert "2 photos: truncated" in text
    assert "1 photo: too small" in text
    assert "train/坏.jpgtruncated" in text


def test_the_same_data_give_the_same_page() -> None:
    assert render_report(data()) == page_of_cats_and_dogs()


def test_kaggle_is_for_cats_and_dogs_only() -> None:
    report = data()
    metrics = {**report.metrics, "log_loss": Interval(0.02, 0.01, 0.03)}
    assert "of 1,314" in words(Page(render_report(replace(report, metrics=metrics))))
    assert "Kaggle" not in page_of_cats_and_dogs()  # far worse than anything published
    assert "Kaggle" not in render_report(data(12, classes=("a", "b")))


def test_optional_sections_come_and_go() -> None:
    full = data()
    bare = replace(full, calibration=None, l2_rows=(), parity=None, environment={}, skipped=[])
    page = Page(render_report(replace(bare, fold=np.zeros(400, int))))
    assert not {"export", "environment", "findings"} & set(page.ids)
    assert "none of which the model has seen" in words(page)
    assert "Every photo was readable" in page.text
    findings = [("a.jpg", "duplicate", "same bytes as b.jpg")]
    text = words(
        Page(render_report(replace(full, findings=findings, parity={"top1_agreement": 1.0})))
    )
    assert "same bytes as b.jpg" in text
    many = [(f"{i}.jpg", "duplicate", "same bytes as b.jpg") for i in range(5000)]
    html = render_report(replace(full, findings=many))
    assert html.count("same bytes as b.jpg") == 50
    assert "5,000" in html.replace("\N{NARROW NO-BREAK SPACE}", ",")
    assert "top1 agreement1" in text


def test_a_training_is_told_phase_by_phase() -> None:
    epoch = {"phase": 3, "do": "train", "epochs": 5, "train_loss": 0.2, "valid_accuracy": 0.98}
    loss = [0.30, 0.25, 0.31]
    rows: list[dict[str, object]] = [
        epoch | {"epoch": i + 1, "step": 10 * i + 10, "valid_loss": loss[i], "seconds": 7.5 * i}
        for i in range(3)
    ]
    rows.append({"phase": 3, "do": "rates", "rates": [[0, 0.001], [29, 0.001]]})
    rows.append({"phase": 4, "do": "clean", "below": 0.3, "set_aside": 1200, "photos": [EVIL]})
    page = Page(render_report(replace(data(), history=rows)))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert "#training" in page.links
    text = words(page)
    assert "Trained at a rate of 0.001; stopped early3 of 50.2500 (epoch 2)15 s" in text
    assert "Set aside 1,200 photos to whose label it gave less than 30 %–––" in text
    assert "training" not in Page(page_of_cats_and_dogs()).ids


def test_a_class_without_errors_is_said_to_have_none() -> None:
    report = data()
    proba = np.eye(2)[report.y] * 0.8 + 0.1
    metrics = evaluate(report.y, proba, report.classes, draws=20)
    text = words(Page(render_report(replace(report, proba=proba, metrics=metrics))))
    assert text.count("No photo of this class was answered wrong.") == 2
    assert "That is no photo answered wrong." in text


@pytest.mark.parametrize("k", [12, 50])
def test_many_classes_make_a_page_that_opens(k: int) -> None:
    html = render_report(data(1500, tuple(f"品种 {i}" for i in range(k))))
    assert len(html.encode()) < 3e6
    assert Page(html).tags.count("img") <= 200
    assert "Most frequent mix-ups" in html


def test_a_large_run_stays_small_and_fast() -> None:
    report = data(8800)
    start = time.process_time()
    html = render_report(report)
    assert time.process_time() - start < 5
    assert len(html.encode()) < 3e6


def test_failures_and_what_to_do_next() -> None:
    report = data()
    rows = np.flatnonzero(report.proba.argmax(axis=1) != report.y)
    groups = [
        FailureGroup("turned", REASONS["turned"], rows[:8]),
        FailureGroup("other", REASONS["other"], rows[8:9]),
    ]
    advice = [Advice(EVIL, "Why.", "pawlens review RUN"), Advice("Use it", "Now.", "")]
    page = Page(render_report(replace(report, failures=groups, advice=advice)))
    text = words(page)
    assert "Turned: 8 photos" in text
    assert "None of these: 1 photo" in text
    assert f"{EVIL}. Why." in text
    assert page.tags.count("code") == 1
    assert {"failures", "next"} <= set(page.ids)
    plain = words(Page(page_of_cats_and_dogs()))
    assert "Where it fails" not in plain
    assert "What to do next" not in plain


def test_a_photo_that_is_gone_is_named_in_its_place() -> None:
    gone = Thumbnail(b"", problem="cannot be read: No such file or directory")
    report = replace(data(), thumbnail=lambda row: gone if row % 2 else thumbnail(row))
    page = Page(render_report(report))
    assert page.open == []
    assert "cannot be read: No such file or directory" in page.text
    assert page.sources
    assert all(len(source) > 100 for source in page.sources)


def test_maps_stand_beside_the_most_wrong() -> None:
    report = data()
    asked = mapped_rows(report.y, report.proba)
    report = replace(report, maps={row: thumbnail(row + 1000).jpeg for row in asked})
    html = render_report(report)
    assert 0 < len(asked) <= 24
    assert html.count('class="pair"') == len(asked)
    assert all(report.proba[row].argmax() != report.y[row] for row in asked)
    assert 'class="pair"' not in render_report(replace(report, maps={}))
    Page(html)
