"""Options of ``pawlens train`` and ``pawlens predict`` on what answers promise."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import UsageError

__all__ = [
    "Cost",
    "Coverage",
    "CoverageOfRun",
    "FalseAlarms",
    "NeitherPhotos",
    "Risk",
    "RiskOfRun",
    "Sets",
    "SetsByClass",
    "SetsByClassOfRun",
    "SetsOfRun",
    "read_costs",
]

Sets = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Give a set of labels with every answer, which holds the true one for this share of "
        "photos, such as 0.95. By default as the recipe says, or no sets.",
    ),
]
SetsByClass = Annotated[
    bool | None,
    typer.Option(
        "--sets-by-class/--sets-overall",
        help="Whether --sets promises its share within each class. By default as the recipe says, "
        "or over all photos.",
        show_default=False,
    ),
]
Risk = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Answer only where at most this share of answers is wrong, such as 0.01, with 95 % "
        "confidence; else the answer is: ask a person. By default as the recipe says, or every "
        "photo is answered.",
    ),
]
Coverage = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Answer this share of photos, the surest ones, such as 0.9; else: ask a person. By "
        "default as the recipe says, or all of them.",
    ),
]
Cost = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TRUTH:ANSWER=NUMBER",
        help="What it costs to take one class for another, such as sick:healthy=10; again for "
        "more. By default as the recipe says, or 1 for every error.",
    ),
]
FalseAlarms = Annotated[
    float | None,
    typer.Option(
        "--false-alarms",
        metavar="SHARE",
        help="How many photos like these may be called neither, such as 0.01; 0 for no such "
        "answer. By default as the recipe says, or 0.01.",
    ),
]
NeitherPhotos = Annotated[
    str | None,
    typer.Option(
        "--neither",
        metavar="PHOTOS",
        help="Photos that show none of the classes, at least 10, in a folder, archive or list: "
        "the answer neither learns from them. By default it goes by what the others look like.",
        show_default=False,
    ),
]
SetsOfRun = Annotated[
    float | None,
    typer.Option(
        "--sets",
        metavar="SHARE",
        help="Give a set of labels with every answer, which holds the true one for this share of "
        "photos, such as 0.95, by out-of-fold answers. By default as the run was trained; an "
        "ensemble gives none.",
    ),
]
SetsByClassOfRun = Annotated[
    bool,
    typer.Option(
        "--sets-by-class",
        help="Whether --sets promises its share within each class. Without it, over all photos.",
    ),
]
RiskOfRun = Annotated[
    float | None,
    typer.Option(
        "--risk",
        metavar="SHARE",
        help="Answer only where at most this share of answers is wrong, such as 0.01, by "
        "out-of-fold answers; else the answer is: ask a person. By default as the run was trained; "
        "an ensemble answers every photo.",
    ),
]
CoverageOfRun = Annotated[
    float | None,
    typer.Option(
        "--coverage",
        metavar="SHARE",
        help="Answer this share of photos, the surest ones, such as 0.9, by out-of-fold answers; "
        "else: ask a person. By default as the run was trained; an ensemble answers every photo.",
    ),
]


def read_costs(texts: list[str]) -> dict[str, dict[str, float]]:
    """Read ``TRUTH:ANSWER=NUMBER`` as costs by truth and answer.

    Raises
    ------
    UsageError
        A text is not of that form, or a cost is given twice.
    """
    costs: dict[str, dict[str, float]] = {}
    for text in texts:
        pair, _, number = text.rpartition("=")
        truth, _, answer = pair.partition(":")
        if answer in costs.get(truth, {}):
            raise UsageError(f"--cost {text}: the cost of {pair} is given twice; leave one out")
        try:
            costs.setdefault(truth, {})[answer] = float(number)
        except ValueError:
            answer = ""
        if not (truth and answer):
            raise UsageError(f"--cost {text}: write TRUTH:ANSWER=NUMBER, as sick:healthy=10")
    return costs
