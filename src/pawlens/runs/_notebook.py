"""How a run shows itself in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Bar, bar_chart, data_uri, notebook_card
from ._photos import stored_photos, thumbnail

if TYPE_CHECKING:
    from ..metrics import Baseline
    from ._run import Run

__all__ = ["run_card"]

_PICTURES = 4


def run_card(run: Run) -> str:
    """A run's numbers with their intervals, and the photos that were answered worst."""
    metrics, evaluated = run.out_of_fold, run.metrics["evaluated"]
    bars = [
        Bar(name.replace("_", " "), share.value, share.low, share.high)
        for name, share in metrics.items()
        if share.low >= 0 and share.high <= 1
    ]
    return notebook_card(
        f"Run {run.path}",
        facts=[
            ("classes", ", ".join(run.classes)),
            *_held_out(run),
            ("baseline", _baseline(run.standing.baseline)),
            ("measured", f"{evaluated['on']}, {evaluated['photos']} photos, 95 % intervals"),
            ("report", str(run.report_path)),
            ("model", str(run.model_path)),
        ],
        header=("metric", "value", "interval"),
        rows=[
            (name.replace("_", " "), f"{interval.value:.4f}", interval.ends(".4f"))
            for name, interval in metrics.items()
        ],
        pictures=[(bar_chart(bars), ""), *_worst(run)],
        notes=run.standing.notes,
    )


def _held_out(run: Run) -> list[tuple[str, str]]:
    """The splits that the user kept from training, which stand first."""
    right = run.standing.right
    return [
        (
            f"held-out {one.split}",
            f"{one.photos} photos, {right.replace('_', ' ')} {one.metrics[right]:.1%}, log loss "
            f"{one.metrics['log_loss']:.4f}; {_baseline(one.baseline)}",
        )
        for one in run.standing.held_out
    ]


def _baseline(one: Baseline) -> str:
    return f"{one.in_words()}; shares of the classes alone: log loss {one.log_loss:.4f}"


def _worst(run: Run) -> list[tuple[str, str]]:
    """Pictures of the photos whose own class got the least probability, where they still lie."""
    answers = run.oof().to_pydict()
    if "answer" in answers:  # of several labels, no single one is the photo's own
        return []
    photos = stored_photos(run)
    table = run.photos().to_pydict()
    sha256 = dict(zip(table["path"], table["sha256"], strict=True))
    shares = [answers[f"p:{label}"][row] for row, label in enumerate(answers["label"])]
    pictures = []
    for row in sorted(range(len(shares)), key=shares.__getitem__)[:_PICTURES]:
        path, label = answers["path"][row], answers["label"][row]
        small = thumbnail(photos, path, sha256[path])
        if small.jpeg:
            caption = f"{path}: {label} with {shares[row]:.3f}"
            pictures.append((data_uri(small.jpeg), caption))
    return pictures
