"""The report on a classifier that gives several labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..metrics import (
    Bools,
    Floats,
    Interval,
    Ints,
    LabelCalibration,
    as_pairs,
    co_occurrence,
    label_losses,
)
from . import _report_plots as plots
from ._report import PageData, render_page
from ._svg import ACCENT, axes, stand_ins, style, to_svg

__all__ = ["LabelReportData", "co_occurrence_plot", "render_label_report"]

_THUMBNAILS = 200  # on one page
_DRAWN = 12  # number of labels that have their own plots: those with the lowest F1
_COLUMNS = ("f1", "precision", "recall", "average_precision", "roc_auc", "accuracy", "log_loss")


@dataclass(frozen=True, kw_only=True)
class LabelReportData(PageData):
    """The data of a report on several labels; see `PageData`.

    `counts` is the number of photos of each label, so it does not add up; the last row is all
    photos.

    Attributes
    ----------
    targets : ndarray of bool, shape (n, K)
    calibration : LabelCalibration
        Calibration, with probabilities and answers for photos that the model did not train on.
    by_label : mapping of str to mapping of str to Interval
        Metrics of each label, from `evaluate_labels`.
    """

    targets: Bools
    calibration: LabelCalibration
    by_label: Mapping[str, Mapping[str, Interval]]


def render_label_report(report: LabelReportData) -> str:
    """Render the report as one self-contained page, as `render_report` does."""
    from markupsafe import Markup

    answers = report.calibration.answers
    together = co_occurrence_plot(report.targets, answers, [*report.classes, "none"])
    return render_page(
        "labels.html.j2",
        report,
        count_table=_count_table(report.counts),
        plots={},
        together=Markup(together),
        label_rows=_label_rows(report),
        label_plots=[(name, *map(Markup, pair)) for name, *pair in _label_plots(report)],
        wrong=_sheets(report, answers != report.targets, -_belief(report)),
        uncertain=_sheets(report, np.ones(answers.shape, bool), -_distance(report)),
    )


def co_occurrence_plot(targets: Bools, answers: Bools, names: Sequence[str]) -> str:
    """Plot how many photos with the true label of the row were given the label of the column.

    Parameters
    ----------
    targets, answers : ndarray of bool, shape (n, K)
    names : sequence of str, length K + 1
        Names; the last is for photos without a label.
    """
    predicted, true = co_occurrence(targets, answers), co_occurrence(targets, targets)
    k, drawn = len(names), stand_ins(names, longest=22 if len(names) > 3 else 12)
    side = 4.4 if k <= 8 else 1.6 + k * (0.36 if k <= 20 else 0.24)
    with style():
        figure, ax = axes(side, side)
        rows, columns = np.nonzero(predicted)
        depth = 0.06 + 0.44 * np.sqrt(predicted[rows, columns] / np.diag(true)[rows].clip(1))
        corners = np.column_stack([columns, rows]).astype(np.float64)
        plots.tiles(ax, corners, 1.0, 1.0, ACCENT, depth)
        for i, j in np.ndindex(k, k):
            few = k <= 6
            if predicted[i, j] or true[i, j]:
                size = 12 if few else 8
                plots.cell_text(ax, j + 0.5, i + 0.5 - 0.1 * few, f"{predicted[i, j]:,}", size)
            if few and true[i, j]:
                plots.cell_text(ax, j + 0.5, i + 0.68, f"truly {true[i, j]:,}", 8)
        ax.set(xlabel="label given", ylabel="true label")
        plots.as_matrix(ax, list(drawn))
        return to_svg(figure, "together", "True labels against labels given", drawn)


def _count_table(
    counts: Sequence[tuple[str, str, int]],
) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """Return the parts, and for each label its photos in each part and in all."""
    parts = list(dict.fromkeys(part for _, part, _ in counts))
    rows: dict[str, list[int]] = {}
    for name, part, number in counts:
        rows.setdefault(name, [0] * (len(parts) + 1))[parts.index(part)] += number
        rows[name][-1] += number
    return parts, list(rows.items())


def _label_rows(report: LabelReportData) -> list[dict[str, Any]]:
    """Make the rows of the table of labels: photos, threshold, and metrics with intervals."""
    rows = []
    cuts = report.calibration.rules.threshold
    for k, name in enumerate(report.classes):
        metrics = report.by_label[name]
        cells = [metrics.get(metric) for metric in _COLUMNS]
        rows.append(
            {
                "name": name,
                "photos": int(report.targets[:, k].sum()),
                "threshold": f"{cuts[k]:.3f}",
                "cells": [
                    ("–", "")
                    if interval is None
                    else (f"{interval.value:.3f}", interval.ends(".3f"))
                    for interval in cells
                ],
            }
        )
    return rows


def _label_plots(report: LabelReportData) -> list[tuple[str, str, str]]:
    """Draw reliability and ROC of the labels with the lowest F1, in the order of the labels."""
    f1 = [report.by_label[name]["f1"].value for name in report.classes]
    drawn = []
    for k in sorted(np.argsort(f1, kind="stable")[:_DRAWN].tolist()):
        y = report.targets[:, k].astype(np.int64)
        pairs, name = as_pairs(report.calibration.proba[:, k]), report.classes[k]
        both = "others", name
        drawn.append(
            (
                name,
                plots.reliability_plot(y, pairs, both, f"reliability{k}"),
                plots.roc_plot(y, pairs, both, f"roc{k}"),
            )
        )
    return drawn


def _belief(report: LabelReportData) -> Floats:
    """Return the log probability of each true answer, (n, K)."""
    return -label_losses(report.targets, report.calibration.proba)


def _distance(report: LabelReportData) -> Floats:
    """Return the distance of each probability from its threshold, (n, K)."""
    away: Floats = np.abs(report.calibration.proba - np.array(report.calibration.rules.threshold))
    return away


def _sheets(
    report: LabelReportData, wanted: Bools, key: Floats
) -> list[tuple[str, list[dict[str, object]]]]:
    """Make a sheet of the wanted photos with the largest key for each label."""
    most = max(1, min(12, _THUMBNAILS // (2 * len(report.classes))))
    sheets = []
    for k, name in enumerate(report.classes):
        order: Ints = np.argsort(-key[:, k], kind="stable")
        rows = order[wanted[order, k]][:most]
        sheets.append((name, [_card(report, int(row), k) for row in rows]))
    return sheets


def _card(report: LabelReportData, row: int, k: int) -> dict[str, object]:
    predicted, true = report.calibration.answers[row, k], report.targets[row, k]
    truth = [n for n, yes in zip(report.classes, report.targets[row], strict=True) if yes]
    return {
        "picture": report.thumbnail(row),
        "path": report.paths[row],
        "proba": float(report.calibration.proba[row, k]),
        "right": bool(predicted == true),
        "labels": ", ".join(truth) or "none",
    }
