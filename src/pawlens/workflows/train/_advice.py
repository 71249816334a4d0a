"""Advice: the few next steps that promise most, derived from the results of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...metrics import Advice, FailureGroup, class_accuracy, percent
from ._results_one_label import OneLabelResults

__all__ = ["advise"]

_MOST = 5
_SHARE, _LEAST = 0.1, 5  # share of the wrong answers from which a group is worth a step
_WIDE = 0.03  # width of the accuracy's interval
_FEW = 100  # number of photos of a class


def advise(results: OneLabelResults, failures: Sequence[FailureGroup]) -> list[Advice]:
    """Return at most five steps, the surest first."""
    steps = [*_labels(results), *_views(failures), *_classes(results), *_method(results)]
    return [*steps[: _MOST - 1], _ship(results)]


def _labels(results: OneLabelResults) -> list[Advice]:
    kinds = Counter(finding.kind for finding in results.findings())
    suspect, other = kinds["suspect label"], kinds["contradicting duplicate"] + kinds["leak"]
    advice = []
    if suspect:
        advice.append(
            Advice(
                f"Look at {suspect:,} {_photos(suspect)} whose label may be wrong",
                "One wrong label costs more than many right ones gain. The review shows them with "
                "a proposal each; what you decide is kept, and no file is touched.",
                "pawlens review PHOTOS",
            )
        )
    if other:
        advice.append(
            Advice(
                f"Sort out {other:,} {_photos(other)} in two places",
                "The same picture has two labels, or trains and is measured at once.",
                "pawlens audit PHOTOS",
            )
        )
    return advice


def _views(failures: Sequence[FailureGroup]) -> list[Advice]:
    """Advise views at prediction that help with a group of failures."""
    wrong = sum(len(group.rows) for group in failures)
    return [
        Advice(
            f"{len(group.rows):,} of {wrong:,} wrong answers: {group.reason.title.lower()}",
            group.reason.advice,
            f"pawlens predict RUN PHOTOS --views {view}",
        )
        for group in failures
        for name, view in (("turned", "rotations"), ("small", "subject"))
        if group.name == name and len(group.rows) >= max(_LEAST, _SHARE * wrong)
    ]


def _classes(results: OneLabelResults) -> list[Advice]:
    """Advise more photos of the class with the least accuracy, where there are few photos."""
    table, label = results.table, results.table.label[results.evaluated]
    count = np.bincount(table.label[table.rows("train")], minlength=len(table.classes))
    least = class_accuracy(
        label, results.calibration.proba, table.classes, groups=table.group[results.evaluated]
    )
    name, share = min(least.items(), key=lambda item: item[1].value)
    photos = int(count[table.classes.index(name)])
    if photos >= _FEW:
        return []
    alone = sum(interval.value == share.value for interval in least.values()) == 1
    fewest = ", the fewest of all classes" if alone else ""
    return [
        Advice(
            f"Add photos of {name}",
            f"It has {photos:,}, and {share:.0%} are answered right{fewest}. "
            "Those most unlike the ones that are there help most.",
            "",
        )
    ]


def _method(results: OneLabelResults) -> list[Advice]:
    recipe, accuracy = results.recipe, results.metrics["accuracy"]
    advice = []
    if accuracy.high - accuracy.low > _WIDE:
        advice.append(
            Advice(
                "Measure on more photos",
                f"Anything from {percent(accuracy.low)} to {percent(accuracy.high)} is possible; "
                "four times as many photos halve the range.",
                "",
            )
        )
    if recipe.backbones == ["paw"] and not recipe.phases:
        advice.append(
            Advice(
                "Try larger backbones",
                "The bundled one is small and fast. Two large ones side by side are more often "
                "right and take longer.",
                "pawlens train PHOTOS --recipe best",
            )
        )
    elif not recipe.phases:
        advice.append(
            Advice(
                "Try fine-tuning",
                "The backbones are as they came. With some thousand photos, one that is trained "
                "further can do better.",
                "pawlens train PHOTOS --recipe finetune",
            )
        )
    return advice


def _ship(results: OneLabelResults) -> Advice:
    return Advice(
        "Use it",
        f"One file, model.onnx, answers {len(results.table.classes)} classes with the "
        "probabilities measured here.",
        "pawlens predict RUN PHOTOS --out answers.csv",
    )


def _photos(count: int) -> str:
    return "photo" if count == 1 else "photos"
