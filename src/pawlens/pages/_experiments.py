"""The page of a grid of experiments: each value against log loss, and a table of all runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ._experiments_data import Experiments, Point
from ._experiments_plots import value_plot
from ._html import fill_page
from ._words import percent

__all__ = ["render_experiments"]


def render_experiments(experiments: Experiments, title: str, folder: Path) -> str:
    """Render the page of a grid, self-contained but for links to the reports of the runs.

    Parameters
    ----------
    experiments : Experiments
    title : str
    folder : Path
        Folder of the page, from which the links lead.
    """
    from markupsafe import Markup

    losses = [point.run.out_of_fold["log_loss"] for point in experiments.points]
    plots = []
    for number, (key, values) in enumerate(experiments.grid.items()):
        value_of = [values.index(point.values[key]) for point in experiments.points]
        plots.append(Markup(value_plot(key, values, value_of, losses, f"value-{number}")))
    ranked = sorted(experiments.points, key=lambda point: point.run.log_loss)
    close = [p for p in ranked if p.to_best is not None and p.to_best.verdict != "worse"]
    gaps = [point.to_best for point in ranked[1:]]  # not known: several labels, or other photos
    return fill_page(
        "experiments.html.j2",
        title=title,
        found=experiments,
        keys=list(experiments.grid),
        plots=plots,
        rows=[_row(point, folder) for point in ranked],
        close=len(close),
        all_worse=bool(gaps) and all(gap is not None and gap.verdict == "worse" for gap in gaps),
        evaluated=experiments.best.run.metrics["evaluated"],
    )


def _row(point: Point, folder: Path) -> dict[str, Any]:
    loss, right = point.run.out_of_fold["log_loss"], point.accuracy
    gap = point.to_best.log_loss if point.to_best else None
    seconds = sum(point.run.environment.get("seconds", {}).values())
    return {
        "shown": list(point.values.values()),
        "link": Path(os.path.relpath(point.run.report_path, folder)).as_posix(),
        "loss": f"{loss.value:.4f}",
        "loss_ends": loss.ends(".4f"),
        "accuracy": percent(right.value, 2),
        "accuracy_ends": right.ends(".2%"),
        "gap": f"{gap.value:+.4f}" if gap else "",
        "gap_ends": gap.ends("+.4f") if gap else "",
        "worse": point.to_best is not None and point.to_best.verdict == "worse",
        "seconds": f"{seconds:.0f}",
    }
