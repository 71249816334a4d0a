"""The report on several labels, whatever their names and number."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image

from pawlens.metrics import calibrate_labels, evaluate_labels
from pawlens.pages import LabelReportData, render_label_report
from pawlens.photos import Thumbnail
from pawlens.runs import Standing


def data(labels: int, n: int = 80) -> LabelReportData:
    rng = np.random.default_rng(0)
    names = ["$cat <b>", "狗", *(f"label {i}" for i in range(labels - 2))][:labels]
    targets = rng.random((n, labels)) < 0.3
    targets[0], targets[1] = True, False
    logits = np.where(targets, 1.5, -1.5) + rng.normal(0, 1.5, (n, labels))
    fold = np.arange(n) % 4
    calibration = calibrate_labels(targets, logits, fold, clip="auto", threshold="auto")
    metrics = evaluate_labels(targets, calibration.proba, calibration.answers, names, draws=20)
    sink = io.BytesIO()
    Image.new("RGB", (16, 16)).save(sink, "JPEG")
    return LabelReportData(
        title="Several",
        classes=names,
        fold=fold,
        paths=[f"photos/{i}.jpg" for i in range(n)],
        counts=[(names[0], "train", 30), ("none", "train", 9), ("photos", "train", n)],
        skipped=[("torn.jpg", "unreadable: it is torn")],
        facts=[("head", "logistic regression of each label")],
        metrics=metrics.overall,
        standing=Standing.of(
            names,
            [[name for name, yes in zip(names, row, strict=True) if yes] for row in targets],
            ["train"] * n,
            metrics.overall,
            {},
        ),
        thumbnail=lambda row: Thumbnail(sink.getvalue(), 8, 6),
        targets=targets,
        calibration=calibration,
        by_label=metrics.by_label,
    )


@pytest.mark.slow
@pytest.mark.parametrize("labels", [1, 2, 14])
def test_every_label_has_its_row_and_pictures(labels: int) -> None:
    report = data(labels)
    page = render_label_report(report)
    assert page == render_label_report(report)
    assert "<b>,</b>" not in page
    assert "$cat &lt;b&gt;" in page
    assert "$cat <b>" not in page
    table = page.partition('id="labels"')[2].partition("</table>")[0]
    assert table.count("<tr>") == labels + 1
    for k, (name, metrics) in enumerate(report.by_label.items()):
        assert f"{metrics['f1'].value:.3f}" in table, name
        assert f"{report.calibration.rules.threshold[k]:.3f}" in table, name
    assert page.count("Reliability plot") == min(labels, 12)
    assert page.count("data:image/jpeg") <= 200
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_counts_of_labels_are_not_added_up() -> None:
    page = render_label_report(data(2))
    counts = page.partition('id="photos"')[2].partition("</table>")[0]
    assert re.findall(r'<td class="number">(\d+)</td>', counts) == [
        "30",
        "30",
        "9",
        "9",
        "80",
        "80",
    ]
