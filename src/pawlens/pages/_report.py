"""The report: one HTML page that says how good a classifier is, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..base import data_uri
from ..metrics import (
    ENTRIES,
    PLACES,
    PUBLISHED,
    Advice,
    Calibration,
    FailureGroup,
    Floats,
    Interval,
    Ints,
    class_accuracy,
    confusion,
    confusion_shares,
    estimate_place,
    metric_words,
    most_uncertain,
    most_wrong,
    sorted_metrics,
)
from ..photos import Thumbnail
from ..runs import Standing
from ..trust import Slices
from . import _report_plots as plots
from . import _words as words
from ._html import fill_page
from ._report_tables import count_table, parity_table
from ._search_plots import search_plots
from ._slices import slice_rows
from ._training_plots import training_plots
from ._training_words import phase_lines
from ._trust import trust_section

__all__ = ["PageData", "ReportData", "mapped_rows", "metric_rows", "render_page", "render_report"]

_THUMBNAILS = 200  # most on one page, so that fifty classes still make a page that opens
_MAPS = 24  # of the most wrong; each is an answer of the model
_MIX_UPS = 12
_OF_A_GROUP = 6  # photos of each group of failures
_FINDINGS = 50  # of each kind; the table of photos holds them all


@dataclass(frozen=True, kw_only=True)
class PageData:
    """The data that every report shows, as plain values.

    Attributes
    ----------
    title : str
    classes : sequence of str, length K
    fold : ndarray of int64, shape (n,)
        Fold of each photo; all alike for a separate set of photos.
    paths : sequence of str, length n
        File names as the user knows them.
    counts : sequence of (class, split, number)
        Photos of each class in each split.
    skipped : sequence of (path, reason)
        Photos that are unreadable or set aside.
    facts : sequence of (label, value)
        How the model is built: backbones, features, L2, precision, times.
    metrics : mapping of str to Interval
        Metrics over all photos.
    standing : Standing
        The baseline, held-out splits, and what to doubt.
    thumbnail : callable
        Function from a row number to its picture, or the reason why there is none.
    parity : mapping, optional
        Results of the parity check of the exported model: values by name, or for each runtime its
        values by name.
    environment : mapping
        Versions and hardware, by name.
    findings : sequence of (path, kind, detail)
        Possible flaws of single photos: duplicates, leaks, suspect labels and the like.
    history : sequence of mappings
        Progress of the phases of a training: rows of ``history.jsonl`` with ``phase`` and ``do``.
    search : mapping
        Summary of a search, as in ``metrics.json``; empty where there was none.
    trust : mapping
        Sets, abstention, *neither* and wrong labels, as in ``metrics.json``; empty for none.
    choice : mapping
        How the backbones were chosen, as in ``choice.json``; empty where a person named them.
    """

    title: str
    classes: Sequence[str]
    fold: Ints
    paths: Sequence[str]
    counts: Sequence[tuple[str, str, int]]
    skipped: Sequence[tuple[str, str]]
    facts: Sequence[tuple[str, str]]
    metrics: Mapping[str, Interval]
    standing: Standing
    thumbnail: Callable[[int], Thumbnail]
    parity: Mapping[str, object] | None = None
    environment: Mapping[str, object] = field(default_factory=dict)
    findings: Sequence[tuple[str, str, str]] = ()
    history: Sequence[Mapping[str, Any]] = ()
    search: Mapping[str, Any] = field(default_factory=dict)
    trust: Mapping[str, Any] = field(default_factory=dict)
    choice: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ReportData(PageData):
    """The data of a report on one class a photo; see `PageData`.

    Attributes
    ----------
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (n, K)
        Probabilities of photos that the model did not train on.
    groups : ndarray of int64, shape (n,), optional
        Photos of a group share a number and are one piece of evidence.
    calibration : Calibration, optional
        Calibration from `calibrate_out_of_fold`.
    l2_rows : sequence of mappings
        Rows ``{"l2": ..., "log_loss": ...}`` of the search for L2.
    failures : sequence of FailureGroup
        Wrong answers by what is hard about them.
    advice : sequence of Advice
        What to do next.
    maps : mapping of int to bytes
        Explanation maps of wrong answers as JPEG, by row, for `mapped_rows`.
    slices : Slices, optional
        How photos with each value of each trait were answered.
    """

    y: Ints
    proba: Floats
    groups: Ints | None = None
    calibration: Calibration | None = None
    l2_rows: Sequence[Mapping[str, float]] = ()
    failures: Sequence[FailureGroup] = ()
    advice: Sequence[Advice] = ()
    maps: Mapping[int, bytes] = field(default_factory=dict)
    slices: Slices | None = None


def render_report(report: ReportData) -> str:
    """Render the report as one self-contained page: style, plots and photos are inside.

    The same data give the same bytes. Names and paths are escaped, and the page forbids itself
    any request (Content-Security-Policy).
    """
    return render_page(
        "report.html.j2",
        report,
        count_table=count_table(report.counts),
        plots=_draw(report),
        mix_ups=_mix_ups(report),
        failures=_failure_sheets(report),
        wrong=_contact_sheets(report, most_wrong, report.maps),
        uncertain=_contact_sheets(report, most_uncertain, {}),
        kaggle=_kaggle(report),
        slices=slice_rows(report.slices),
    )


def render_page(template: str, report: PageData, **own: Any) -> str:
    """Fill one of the templates in this package with what every report shows, and `own`."""
    from markupsafe import Markup

    return fill_page(
        template,
        report=report,
        folds=len(np.unique(report.fold)),
        headline=words.percent_range(report.metrics[report.standing.right]),
        held_rows=[
            (
                split,
                words.percent_range(split.metrics[report.standing.right]),
                split.metrics["log_loss"],
            )
            for split in report.standing.held_out
        ],
        metric_rows=metric_rows(report.metrics),
        reasons=Counter(reason.partition(":")[0] for _, reason in report.skipped).most_common(),
        kinds=Counter(kind for _, kind, _ in report.findings).most_common(),
        findings=_first_findings(report.findings),
        phases=phase_lines(report.history),
        training_plots=[(Markup(svg), text) for svg, text in training_plots(report.history)],
        search=_search(report.search),
        search_plots=[(Markup(svg), text) for svg, text in search_plots(report.search)],
        parity_table=parity_table(report.parity or {}),
        trust=trust_section(report.trust),
        **own,
    )


def _draw(report: ReportData) -> dict[str, Any]:
    from markupsafe import Markup

    y, proba, classes = report.y, report.proba, report.classes
    drawn = {
        "reliability": plots.reliability_plot(y, proba, classes),
        "confusion": plots.confusion_plot(y, proba, classes, report.groups),
        "belief": plots.belief_plot(y, proba, classes),
    }
    if len(classes) == 2:
        drawn["roc"] = plots.roc_plot(y, proba, classes)
    else:
        right = class_accuracy(y, proba, classes, groups=report.groups)
        drawn["classes"] = plots.class_accuracy_plot(right)
    if report.calibration is not None:
        drawn["clip"] = plots.clip_plot(report.calibration.sweep, report.calibration.clip)
    if report.l2_rows:
        drawn["l2"] = plots.l2_plot(report.l2_rows)
    return {name: Markup(svg) for name, svg in drawn.items()}


def metric_rows(metrics: Mapping[str, Interval]) -> list[tuple[str, str, str, str]]:
    """Title, value, interval and meaning of each metric."""
    return [
        (about.title, *words.measure(name, metrics[name]), about.meaning)
        for name in sorted_metrics(metrics)
        for about in [metric_words(name)]
    ]


def _mix_ups(report: ReportData) -> list[dict[str, object]]:
    """List the most frequent confusions, the largest share of its class first."""
    counts = confusion(report.y, report.proba)
    shares = confusion_shares(report.y, report.proba, groups=report.groups)
    wrong = ((i, j) for i, j in np.argwhere(counts) if i != j)
    first = sorted(wrong, key=lambda cell: (-shares.value[cell], -counts[cell]))
    rows = []
    for cell in first[:_MIX_UPS]:
        one = Interval(*(float(part[cell]) for part in (shares.value, shares.low, shares.high)))
        share, ends = words.percent_range(one)
        rows.append(
            {
                "truth": report.classes[cell[0]],
                "answer": report.classes[cell[1]],
                "photos": int(counts[cell]),
                "share": share,
                "ends": ends,
            }
        )
    return rows


def mapped_rows(y: Ints, proba: Floats) -> list[int]:
    """Return the most wrong rows whose maps the report shows, at most 24."""
    k = proba.shape[1]
    chosen = most_wrong(y, proba, _per_class(k))
    first = [row for rows in chosen for row in rows[: max(1, _MAPS // k)].tolist()]
    return first[:_MAPS]


def _contact_sheets(
    report: ReportData,
    choose: Callable[[Ints, Floats, int], list[Ints]],
    maps: Mapping[int, bytes],
) -> list[tuple[str, list[dict[str, object]]]]:
    """Make a sheet of the chosen photos of each class: picture, name, answer, probabilities."""
    chosen = choose(report.y, report.proba, _per_class(len(report.classes)))
    return [
        (name, [_card(report, row, maps.get(row)) for row in rows.tolist()])
        for name, rows in zip(report.classes, chosen, strict=True)
    ]


def _per_class(classes: int) -> int:
    return max(1, min(12, _THUMBNAILS // (2 * classes)))


def _failure_sheets(report: ReportData) -> list[tuple[FailureGroup, list[dict[str, object]]]]:
    """Make a sheet of the first photos of each group of failures, of all classes."""
    return [
        (group, [_card(report, row) for row in group.rows[:_OF_A_GROUP].tolist()])
        for group in report.failures
    ]


def _card(report: ReportData, row: int, overlay: bytes | None = None) -> dict[str, object]:
    proba = report.proba[row]
    answer = int(proba.argmax())
    return {
        "picture": report.thumbnail(row),
        "overlay": "" if overlay is None else data_uri(overlay),
        "path": report.paths[row],
        "truth": report.classes[int(report.y[row])],
        "answer": report.classes[answer],
        "answer_proba": float(proba[answer]),
        "truth_proba": float(proba[report.y[row]]),
        "right": answer == report.y[row],
    }


def _search(search: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the best values, and how the best compares with the default head."""
    if not search:
        return {}
    best, trials = search["best"], search["trials"]
    facts = [(name, words.fact(value)) for name, value in best["values"].items()]
    if "best_epoch" in best:
        facts.append(("epochs", words.fact(best["best_epoch"])))
    pruned = sum(row["state"] == "pruned" for row in trials)
    versus = search.get("against_default")
    return {
        "tried": len(trials),
        "pruned": pruned,
        "trial": best["trial"],
        "loss": words.loss(best["loss"]),
        "values": facts,
        "versus": versus and words.versus(versus["log_loss"], versus["difference"]),
    }


def _first_findings(findings: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return the first few findings of each kind; the table holds all of them."""
    seen, shown = Counter[str](), list[tuple[str, str, str]]()
    for finding in findings:
        seen[finding[1]] += 1
        if seen[finding[1]] <= _FINDINGS:
            shown.append(finding)
    return shown


def _kaggle(report: ReportData) -> dict[str, object] | None:
    place = estimate_place(report.classes, report.metrics)
    if place is None:
        return None
    return {"place": place, "places": PLACES, "published": PUBLISHED, "entries": ENTRIES}
