"""A recipe in words, made from its data."""

from __future__ import annotations

from ..metrics import percent
from ._facts import VALID_PARTS
from ._language import clip_words, joined, part_in_words
from ._schema import Recipe
from .phases import Calibrate, Train

__all__ = ["explain"]

_VIEWS = {"flip": "its mirror image", "crops": "crops of it"}


def explain(recipe: Recipe) -> list[tuple[str, str]]:
    """Say what a recipe does.

    Returns
    -------
    list of (str, str)
        Each subject, and a sentence or two about it. A phase is ``"4 train"``, with the
        number that stands for it in paths such as ``phases.4.epochs``.
    """
    lines = [("backbones", _backbones(recipe)), ("photos", _photos(recipe))]
    answers = [("answers", _answers(recipe))] if _answers(recipe) else []
    if not recipe.phases:
        head = [("head", _head(recipe)), ("probabilities", _probabilities(recipe))]
        return [*lines, *head, *answers]
    lines += [(f"{n} {phase.do}", phase.words()) for n, phase in enumerate(recipe.phases)]
    if not recipe.phases_of(Calibrate):
        lines.append(("probabilities", _probabilities(recipe)))
    return [*lines, *answers, ("in all", _in_all(recipe))]


def _backbones(recipe: Recipe) -> str:
    names = joined(recipe.backbones)
    side = ", side by side" if len(recipe.backbones) > 1 else ""
    if recipe.phases:
        return f"{names}{side}."
    kept = "computed once and kept" if recipe.precision == "auto" else f"in {recipe.precision}"
    looks = ["the photo", *(_VIEWS[view] for view in recipe.views)]
    mean = f", the mean of {joined(looks)}," if recipe.views else ""
    return f"{names}{side}; frozen: their pooled features{mean} are {kept}."


def _photos(recipe: Recipe) -> str:
    given = "the given" if recipe.folds == "given" else recipe.folds
    if recipe.search is not None and recipe.search.head:
        folds = (
            f"1 of {given} folds is held out and measured; on the others heads are compared "
            "out-of-fold"
        )
    elif recipe.phases:
        folds = (
            f"1 of {given} folds is held out and measured; of the others "
            f"{part_in_words(VALID_PARTS)} validates, "
            "the rest trains"
        )
    else:
        folds = f"{given} folds, each answered by a head that trained on the others"
    trimmed = "; plain borders are cut off, also by the model" if recipe.borders == "trim" else ""
    several = "; a photo may have several labels or none" if recipe.labels == "several" else ""
    return f"{folds} (seed {recipe.seed}){several}{trimmed}."


def _head(recipe: Recipe) -> str:
    if recipe.l2 == "auto":
        strengths = "an L2 penalty found from strong to weak"
    else:
        strengths = f"the best L2 penalty of {joined([f'{l2:g}' for l2 in recipe.l2])}"
    weights = "; rare classes count more" if recipe.class_weights == "balanced" else ""
    clean = (
        "; once more without suspect labels, which is kept unless it is worse"
        if recipe.clean == "auto"
        else ""
    )
    each = ", one for each label" if recipe.labels == "several" else ""
    stacked = (
        " on each backbone, and a weight for the answers of each"
        if recipe.heads == "stacked"
        else ""
    )
    return f"Logistic regression with {strengths}{stacked}{each}{weights}{clean}."


def _probabilities(recipe: Recipe) -> str:
    searched = recipe.search is not None and recipe.search.head is not None
    where = "the photos that validate" if recipe.phases and not searched else "all folds"
    if recipe.labels == "one":
        return f"Fit a temperature on {where}; {clip_words(recipe.clip)}."
    cut = "with the largest F1" if recipe.threshold == "auto" else f"of {recipe.threshold:g}"
    return (
        f"Fit a temperature for each label on {where}; {clip_words(recipe.clip)}; give the labels "
        f"that reach a threshold {cut}."
    )


def _answers(recipe: Recipe) -> str:
    """Say what stands beside the probabilities, where anything but the default was asked for."""
    parts = []
    if recipe.costs:
        parts.append("of the answers the one that costs least on average")
    if recipe.sets is not None:
        within = " of each class" if recipe.sets_by_class else ""
        parts.append(f"sets that hold the true label of {percent(recipe.sets, None)}{within}")
    if recipe.risk is not None:
        parts.append(f"a person where more than {percent(recipe.risk, None)} would be wrong")
    if recipe.coverage is not None:
        parts.append(f"a person for all but the surest {percent(recipe.coverage, None)}")
    if recipe.neither != type(recipe).model_fields["neither"].default:
        parts.append(f"neither for about {percent(recipe.neither, None)} of photos like these")
    return f"Give {joined(parts)}." if parts else ""


def _in_all(recipe: Recipe) -> str:
    search = recipe.search
    if search is not None and search.head is not None:
        heads = f"{search.trials} heads of at most {search.epochs} epochs"
        return f"{len(recipe.phases)} phases, {heads}."
    trains = recipe.phases_of(Train).values()
    epochs = sum(phase.length for phase in trains)
    most = "at most " if any(phase.early_stopping for phase in trains) else ""
    times = f", {search.trials} times" if search is not None else ""
    return f"{len(recipe.phases)} phases, {most}{epochs} epochs of training{times}."
