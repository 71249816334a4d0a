"""The page of a comparison: which model is better, whether that is real, and where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import Progress, tell
from ..metrics import Baseline, Difference, Floats, Interval, Ints, metric_words, sorted_metrics
from ..photos import Thumbnail
from . import _words as words
from ._comparison_plots import calibration_lines, error_curves, verdict_plot
from ._html import fill_page
from ._training_plots import runs_plot
from ._training_words import Rows, trained_phases

__all__ = ["ComparisonData", "headline", "render_comparison"]

_SHOWN = 36  # photos on which the models differ most


@dataclass(frozen=True)
class ComparisonData:
    """The data of a comparison's page, as plain values.

    Attributes
    ----------
    names : sequence of str, length R
    classes : sequence of str, length K
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (R, n, K)
        Probabilities of photos that none of the models trained on.
    paths : sequence of str, length n
    metrics : sequence of mapping of str to Interval
        Metrics of each model, from `evaluate`.
    differences : sequence of Difference
        Differences from `compare_models`.
    sentences : sequence of str
        The verdicts in words.
    notes : sequence of str
        Warnings.
    settings : sequence of (key, values)
        Settings in which the models' recipes differ.
    costs : sequence of (seconds, megabytes, photos a second or None)
    histories : mapping of str to rows
        Rows of ``history.jsonl``, by name; empty where no network was trained.
    thumbnail : callable
        Function from a row number to its picture, or the reason why there is none.
    progress : callable, optional
    """

    names: Sequence[str]
    classes: Sequence[str]
    y: Ints
    proba: Floats
    paths: Sequence[str]
    metrics: Sequence[Mapping[str, Interval]]
    differences: Sequence[Difference]
    sentences: Sequence[str]
    notes: Sequence[str]
    settings: Sequence[tuple[str, Sequence[str]]]
    costs: Sequence[tuple[float, float, float | None]]
    histories: Mapping[str, Rows]
    thumbnail: Callable[[int], Thumbnail]
    progress: Progress | None = None


def render_comparison(data: ComparisonData) -> str:
    """Render the page of a comparison, self-contained: style, plots and photos are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy).
    """
    cards, split = _cards(data)
    return fill_page(
        "comparison.html.j2",
        data=data,
        headline=headline(data.differences, data.names),
        baseline=Baseline.of([[data.classes[k]] for k in data.y], data.classes),
        reference=data.names[data.differences[0].against],
        tests=data.differences[0].tests,
        verdicts=[_verdict_row(difference, data.names) for difference in data.differences],
        metric_rows=_metric_rows(data),
        cost_rows=_cost_rows(data),
        plots=_draw(data),
        cards=cards,
        split=split,
    )


def headline(differences: Sequence[Difference], names: Sequence[str]) -> str:
    """Write which models are better in one line; differences that are not real are left out."""
    reference = names[differences[0].against]
    by_verdict: dict[str, list[str]] = {}
    for difference in differences:
        by_verdict.setdefault(difference.verdict, []).append(names[difference.model])
    better, worse = by_verdict.get("better", []), by_verdict.get("worse", [])
    same = by_verdict.get("no real difference", [])
    parts = []
    if better:
        parts.append(f"{_listed(better)} {_is(better)} better than {reference}")
    if worse:
        parts.append(f"{reference} is better than {_listed(worse)}")
    if same:
        others = [reference, *same] if not parts else same
        link = "to" if parts else "between"
        parts.append(f"no real difference {link} {_listed(others)}")
    text = "; ".join(parts)
    return text[0].upper() + text[1:] if not better and not worse else text


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _verdict_row(difference: Difference, names: Sequence[str]) -> dict[str, Any]:
    gap, hits = difference.log_loss, difference.accuracy
    return {
        "name": names[difference.model],
        "verdict": difference.verdict,
        "log_loss": f"{gap.value:+.4f}",
        "log_loss_ends": gap.ends("+.4f"),
        "p_log_loss": _p(difference.p_log_loss),
        "accuracy": f"{100 * hits.value:+.2f}",
        "accuracy_ends": hits.ends("+.2p"),
        "p_accuracy": _p(difference.p_accuracy),
        "accuracy_verdict": difference.accuracy_verdict,
        "only": f"{difference.only_model:,} : {difference.only_against:,}",
    }


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _metric_rows(data: ComparisonData) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return each metric with the value and the interval of every model."""
    common = set(data.metrics[0]).intersection(*data.metrics)
    return [
        (metric_words(name).title, [words.measure(name, one[name]) for one in data.metrics])
        for name in sorted_metrics(data.metrics[0])
        if name in common
    ]


def _cost_rows(data: ComparisonData) -> list[tuple[str, list[str]]]:
    return [
        ("Time of the training run", [words.duration(seconds) for seconds, _, _ in data.costs]),
        ("Size of model.onnx", [f"{size:.1f} MB" for _, size, _ in data.costs]),
        (
            "Features extracted",
            [f"{rate:.0f} photos/s" if rate else "from the cache" for _, _, rate in data.costs],
        ),
    ]


def _draw(data: ComparisonData) -> dict[str, Any]:
    from markupsafe import Markup

    drawn = {
        "differences": verdict_plot(data.differences, data.names),
        "calibration": calibration_lines(data.y, data.proba, data.classes, data.names),
    }
    if len(data.classes) == 2 and len(np.unique(data.y)) == 2:
        drawn["errors"] = error_curves(data.y, data.proba, data.classes, data.names)
    curves = {
        name: rows
        for name, rows in data.histories.items()
        if any(np.isfinite(one.valid_loss).any() for one in trained_phases(rows))
    }
    if curves:
        drawn["losses"] = runs_plot(curves)
    return {name: Markup(svg) for name, svg in drawn.items()}


def _cards(data: ComparisonData) -> tuple[list[dict[str, Any]], int]:
    """Return the photos whose answers differ most, and the number of photos with other answers."""
    rows = np.arange(len(data.y))
    belief, answer = data.proba[:, rows, data.y], data.proba.argmax(axis=2)
    apart = (answer != answer[0]).any(axis=0)
    spread = np.ptp(belief, axis=0)
    order = np.lexsort((-spread, ~apart))[:_SHOWN]
    cards = []
    for done, row in enumerate(order.tolist(), start=1):
        cards.append(
            {
                "picture": data.thumbnail(row),
                "path": data.paths[row],
                "truth": data.classes[data.y[row]],
                "answers": [
                    (name, data.classes[best], float(data.proba[number, row, best]), best == own)
                    for number, (name, best) in enumerate(
                        zip(data.names, answer[:, row].tolist(), strict=True)
                    )
                    for own in [data.y[row]]
                ],
            }
        )
        tell(data.progress, "drawing photos", done, len(order))
    return cards, int(apart.sum())
