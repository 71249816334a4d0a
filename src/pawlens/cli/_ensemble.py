"""``pawlens ensemble``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ._app import app, print_json
from ._options import AsJson, MovedPhotos, Seed
from ._progress import Bars
from ._trust_options import CoverageOfRun, RiskOfRun, SetsByClassOfRun, SetsOfRun

__all__: list[str] = []


class _Method(StrEnum):
    STACK = "stack"
    BLEND = "blend"
    GREEDY = "greedy"


@app.command()
def ensemble(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN RUN...",
            help="The run folders of two or more finished runs on the same photos and folds.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="The run folder to write. By default runs/ensemble, or the next free name."
        ),
    ] = None,
    method: Annotated[
        _Method,
        typer.Option(
            help="How answers are combined: stack by a logistic regression on them, blend by a "
            "weighted mean, greedy by adding one run after the other."
        ),
    ] = _Method.STACK,
    photos: MovedPhotos = None,
    sets: SetsOfRun = None,
    sets_by_class: SetsByClassOfRun = False,
    risk: RiskOfRun = None,
    coverage: CoverageOfRun = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Combine runs to one run with one model.onnx. Says what each of them adds."""
    from ..workflows.ensemble import ensemble as combine

    with Bars() as bars:
        run = combine(
            runs,
            out,
            method=method.value,
            photos=photos,
            sets=sets,
            sets_by_class=sets_by_class,
            risk=risk,
            coverage=coverage,
            seed=seed,
            progress=bars,
        )
    if as_json:
        print_json({"run": str(run.path), **run.metrics})
        return
    _describe(run)


def _describe(run: Any) -> None:
    from ..metrics import Interval
    from ..models import exact_in_words
    from ..pages import trust_lines

    told = run.metrics["ensemble"]
    width = max(len(member["member"]) for member in told["members"])
    print(f"{run.metrics['head']}; {run.metrics['evaluated']['on']}, 95 % intervals:")
    for name in ("log_loss", "accuracy"):
        interval = run.out_of_fold[name]
        print(f"  {name.replace('_', ' '):9} {interval.value:.4f}  ({interval.ends('.4f')})")
    print("each member less the ensemble, in log loss (verdicts allow for all comparisons):")
    for member in told["members"]:
        alone, loss = member["less_the_ensemble"], member["log_loss"]
        gap = Interval(**alone["log_loss"])
        print(f"  {member['member']:{width}}  {loss:.4f}, {gap:+.4f}: {alone['verdict']}")
    print("what each member adds:")
    for member in told["members"]:
        print(f"  {member['member']:{width}}  weight {member['weight']:.3f}; {member['in_words']}")
    print(told["conclusion"])
    for line in trust_lines(run.metrics.get("trust", {})):
        print(line)
    if exact := exact_in_words(run.parity):
        print(exact)
    print(f"report  {run.report_path}")
    print(f"model   {run.model_path}")
