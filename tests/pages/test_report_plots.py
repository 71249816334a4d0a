import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pawlens.metrics import class_accuracy, clip_sweep
from pawlens.metrics._interval import Floats, Ints
from pawlens.pages import _report_plots as plots
from pawlens.pages._svg import stand_ins

ODD = ["猫 & <b>cat</b>", 'dog "$x_1$" \\frac']


def drawn(k: int) -> tuple[Ints, Floats, list[str]]:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.full(k, 0.3), 300)
    y = (proba.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)
    return y, proba, [*ODD, *(f"品种 {i}" for i in range(2, k))]


def all_plots(k: int) -> dict[str, str]:
    y, proba, classes = drawn(k)
    drawings = {
        "reliability": plots.reliability_plot(y, proba, classes),
        "confusion": plots.confusion_plot(y, proba, classes),
        "belief": plots.belief_plot(y, proba, classes),
        "classes": plots.class_accuracy_plot(class_accuracy(y, proba, classes)),
        "clip": plots.clip_plot(clip_sweep(y, proba), 0.005),
        "l2": plots.l2_plot([{"l2": 10.0**i, "log_loss": 0.1 + i**2} for i in (-1, 0, 2)]),
    }
    if k == 2:
        drawings["roc"] = plots.roc_plot(y, proba, classes)
    return drawings


@pytest.mark.parametrize("k", [2, 3, 12, 50])
def test_plots_are_small_well_formed_and_alone(k: int) -> None:
    drawings = all_plots(k)
    ids: list[str] = []
    for name, svg in drawings.items():
        root = ET.fromstring(svg)
        assert root.tag == "svg"
        assert root.get("aria-label")
        assert not re.search(r"https?:|font-family|#01020", svg), name
        assert len(svg) < 400_000, name
        own = [one.get("id", "") for one in root.iter() if one.get("id")]
        assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) <= set(own)
        ids += own
    assert len(ids) == len(set(ids))


def test_names_are_written_as_they_are() -> None:
    y, proba, classes = drawn(3)
    for svg in (
        plots.confusion_plot(y, proba, classes),
        plots.belief_plot(y, proba, classes),
        plots.class_accuracy_plot(class_accuracy(y, proba, classes)),
    ):
        texts = [one.text or "" for one in ET.fromstring(svg).iter("text")]
        assert ODD[0] in texts
        assert ODD[1] in texts
        assert not [text for text in texts if text.startswith("[")]


def test_same_data_same_bytes() -> None:
    y, proba, classes = drawn(2)
    twice = [plots.reliability_plot(y, proba, classes) for _ in range(2)]
    assert twice[0] == twice[1]


def test_confusion_of_two_classes_shows_intervals() -> None:
    svg = plots.confusion_plot(np.zeros(100, np.int64), np.tile([0.9, 0.1], (100, 1)), ["a", "b"])
    assert "100.0 % (96.4 to 100.0)" in svg


def test_the_curves_mark_their_choice() -> None:
    rows = [{"clip": 0.0, "log_loss": 0.3}, {"clip": 0.005, "log_loss": 0.1}]
    svg = plots.clip_plot(rows, 0.005)
    assert svg.count("var(--wrong)") > plots.clip_plot(rows, 0.02).count("var(--wrong)")
    assert "0.005" in svg
    assert "none" in svg


def test_a_name_may_look_like_a_stand_in() -> None:
    svg = plots.confusion_plot(np.array([0, 1]), np.eye(2), ["[1]", "[0]"])
    texts = [one.text for one in ET.fromstring(svg).iter("text")]
    assert [text for text in texts if text and "[" in text] == ["[1]", "[0]", "[1]", "[0]"]


def test_stand_ins_are_as_wide_as_the_names() -> None:
    drawn_as = stand_ins(["猫猫猫", "a very long name of a class indeed", "x"])
    assert list(drawn_as.values()) == ["猫猫猫", "a very long name of a…", "x"]
    assert [len(mark) for mark in drawn_as] == [6, 22, 3]


def test_importing_metrics_and_pages_loads_nothing_heavy() -> None:
    heavy = "{'matplotlib', 'sklearn', 'scipy', 'jinja2', 'pandas'}"
    code = f"import sys, pawlens.metrics, pawlens.pages; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
