"""Caveats of a comparison of runs: how they differ besides their predictions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ._join import Joined
from ._run import Run

__all__ = ["notes_of", "settings_that_differ"]

_NO_SETTING = ("about",)


def notes_of(joined: Joined) -> list[str]:
    """Describe photos, labels, classes, folds and settings that differ between the runs."""
    return [
        note
        for note in (
            _photos(joined),
            _labels(joined),
            _classes(joined),
            _measured(joined),
            _folds(joined),
            _groups(joined),
            _settings(joined),
        )
        if note
    ]


def settings_that_differ(runs: Sequence[Run]) -> list[tuple[str, list[str]]]:
    """List the recipe keys that differ between the runs, with each run's value in words."""
    recipes = [run.recipe for run in runs]
    keys = [key for key in dict.fromkeys(k for r in recipes for k in r) if key not in _NO_SETTING]
    values = [(key, [_in_words(recipe.get(key)) for recipe in recipes]) for key in keys]
    return [(key, words) for key, words in values if len(set(words)) > 1]


def _photos(joined: Joined) -> str | None:
    common = len(joined.y)
    if max(joined.answered) == common:
        return None
    counts = ", ".join(
        f"{name} answered {count:,}"
        for name, count in zip(joined.names, joined.answered, strict=True)
    )
    return (
        f"The runs differ in their photos: only the {common:,} that all answered count ({counts})."
    )


def _labels(joined: Joined) -> str | None:
    if not joined.relabelled:
        return None
    photos = "photo has" if joined.relabelled == 1 else "photos have"
    return f"{joined.relabelled:,} {photos} another label in another run; no run is judged by them."


def _classes(joined: Joined) -> str | None:
    if not joined.unknown:
        return None
    return (
        f"Not all runs know {', '.join(joined.unknown)}; photos of these classes are left out, and "
        "runs with fewer classes have the easier task."
    )


def _measured(joined: Joined) -> str | None:
    on = [run.metrics["evaluated"]["on"] for run in joined.runs]
    kinds = ["out-of-fold" if place.startswith("out-of-fold") else "held out" for place in on]
    if len(set(kinds)) == 1:
        return None
    each = ", ".join(f"{name}: {place}" for name, place in zip(joined.names, on, strict=True))
    return (
        f"The runs were measured in different ways ({each}); only the {len(joined.y):,} photos "
        "that all answered without having trained on them count."
    )


def _folds(joined: Joined) -> str | None:
    several = [len(np.unique(fold)) > 1 for fold in joined.fold]
    if not any(several):
        return (
            "All photos are of one fold, so the ranges hold for these trainings only; how much "
            "another training would change is not in them."
        )
    if not all(several) or all(np.array_equal(a, b) for a, b in pairwise(joined.fold)):
        return None
    return (
        "The runs put the photos into other folds, so the luck of the folds is part of every "
        "difference; train with the same seed and folds to be rid of it."
    )


def _groups(joined: Joined) -> str | None:
    """Name the runs whose folds part what another run keeps together."""
    parted = [
        name
        for name, fold in zip(joined.names, joined.fold, strict=True)
        if len(np.unique(np.column_stack([joined.group, fold]), axis=0))
        > len(np.unique(joined.group))
    ]
    if not parted or len(parted) == len(joined.names):
        return None
    return (
        f"Photos that belong together are in several folds of {', '.join(parted)}, whose numbers "
        "are too good for new ones; train it with the groups of the others."
    )


def _settings(joined: Joined) -> str | None:
    differ = [key for key, _ in settings_that_differ(joined.runs)]
    if differ == ["seed"]:
        return "Nothing but the seed differs: what is seen here is luck, not a better method."
    if not differ and all(np.array_equal(a, b) for a, b in pairwise(joined.proba)):
        return "The runs have the same settings and gave the same answers."
    return None


def _in_words(value: Any) -> str:
    """Describe a setting as a person would write it; a phase by what it does."""
    if isinstance(value, list):
        return ", ".join(map(_in_words, value)) or "none"
    if isinstance(value, dict):
        name = value.get("do", "")
        rest = ", ".join(f"{k} {_in_words(v)}" for k, v in value.items() if k != "do")
        return f"{name} ({rest})" if name and rest else str(name or rest)
    return "none" if value is None else str(value)
