"""The results of an exploration in plain sentences, which come before any picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..photos import Counts, Exploration, Shapes, shortcut_notes

__all__ = ["SPLIT_WORDS", "headline", "of_hundred", "photos_of", "sentences", "short"]

SPLIT_WORDS = {"train": "train", "valid": "valid", "test": "test", "": "no split"}

_EVEN = 1.1  # ratio of the largest to the smallest class up to which classes are called balanced
_NEARLY_EVEN = 1.5
_UNEVEN = 3.0
_FEW_PHOTOS = 20  # of a class
_NEARLY_ALL = 0.9
_OFTEN = 0.05
_NAMED = 2  # number of photos that a sentence names
_KINDS = {
    "larger": "much larger than the others",
    "smaller": "much smaller than the others",
    "longer": "much longer and narrower than the others",
}


def headline(counts: Counts) -> str:
    """Write counts and balance: ``8,800 photos in 2 classes, balanced 1 to 1.``"""
    labelled = counts.photos - counts.without_label
    classes = counts.of_class
    if not classes:
        return f"{photos_of(counts.photos)} without labels."
    if counts.imbalance is None:
        within = f"in 1 class, {short(next(iter(classes)), 40)}"
    else:
        within = f"in {len(classes):,} classes, {_balance(counts.imbalance)}"
    if labelled == counts.photos:
        return f"{photos_of(labelled)} {within}."
    return f"{photos_of(labelled)} {within}; {counts.without_label:,} more without a label."


def sentences(exploration: Exploration) -> list[str]:
    """Write sentences on classes, sizes, shapes, odd photos and files; empty ones are left out."""
    said = [
        _classes(exploration.counts),
        _sizes(exploration.shapes),
        _odd(exploration),
        _files(exploration),
        *_unread_classes(exploration),
        *shortcut_notes(exploration.shortcuts),
        *(f"{note[0].upper()}{note[1:]}." for note in exploration.notes),
    ]
    return [sentence for sentence in said if sentence]


def photos_of(count: int) -> str:
    """Write a number of photos: ``1 photo``, ``2,000 photos``."""
    return f"{count:,} {'photo' if count == 1 else 'photos'}"


def of_hundred(part: int, total: int) -> str:
    """Write a share: ``all``, ``over 99 of 100``, ``37 of 100``, ``3 of 12``, ``none``."""
    if part in (0, total):
        return "none" if part == 0 else "all"
    if total <= 100:
        return f"{part} of {total}"
    share = 100 * part / total
    if share > 99:
        return "over 99 of 100"
    return f"{round(share)} of 100" if share >= 1 else f"{part:,} of {total:,}"


def short(text: str, longest: int) -> str:
    """Shorten a text that is too long, by its middle."""
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}…{text[len(text) - (longest - longest // 2 - 1) :]}"


def _balance(imbalance: float) -> str:
    if imbalance <= _EVEN:
        return "balanced 1 to 1"
    word = "nearly balanced" if imbalance <= _NEARLY_EVEN else "uneven"
    word = word if imbalance <= _UNEVEN else "unbalanced"
    ratio = f"{imbalance:.1f}" if imbalance < 10 else f"{imbalance:,.0f}"
    return f"{word}, {ratio} to 1"


def _classes(counts: Counts) -> str:
    said = []
    if (counts.imbalance or 1) > _EVEN:
        (large, most), *_, (small, fewest) = counts.of_class.items()
        said.append(
            f"The largest class, {short(large, 40)}, has {photos_of(most)}, the smallest, "
            f"{short(small, 40)}, {fewest:,}."
        )
    few = sum(number < _FEW_PHOTOS for number in counts.of_class.values())
    if few == len(counts.classes) > 1:
        said.append(f"Every class has fewer than {_FEW_PHOTOS} photos.")
    elif few:
        has = "class has" if few == 1 else "classes have"
        said.append(f"{few:,} {has} fewer than {_FEW_PHOTOS} photos.")
    if counts.with_several:
        have = "photo has" if counts.with_several == 1 else "photos have"
        said.append(f"{counts.with_several:,} {have} several labels, each of which is counted.")
    if len(counts.splits) > 1:
        parts = [f"{SPLIT_WORDS[split]} {n:,}" for split, n in counts.splits.items()]
        said.append(f"Splits: {', '.join(parts)}.")
    return " ".join(said)


def _sizes(shapes: Shapes) -> str:
    total = len(shapes.row)
    if not total:
        return ""
    ((width, height), most), *_ = shapes.sizes.most_common(1)
    if most == total:
        return f"All are {width} x {height} pixels."
    longer = shapes.longer
    if most >= _NEARLY_ALL * total:
        first = f"Nearly all ({of_hundred(most, total)}) are {width} x {height} pixels"
        reach = f"the longer sides of all reach from {longer.min():,} to {longer.max():,}"
        return f"{first}; {reach}. {_shape(shapes)}"
    low, high, limit = np.quantile(longer, (0.25, 0.75, 0.99), method="inverted_cdf").tolist()
    span = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    first = f"Half of the photos are {span} pixels on the longer side, 99 of 100 at most {limit:,}"
    if total < 2 * _FEW_PHOTOS:
        first = f"Longer sides reach from {longer.min():,} to {longer.max():,} pixels"
    if most >= _OFTEN * total and most > 1:
        first += f"; {width} x {height} is the most frequent size ({of_hundred(most, total)})"
    return f"{first}. {_shape(shapes)}"


def _shape(shapes: Shapes) -> str:
    total = len(shapes.row)
    within = of_hundred(shapes.within_two, total)
    name, count = next(iter(shapes.named.items()), ("", 0))
    if count < _OFTEN * total:
        return f"{within.capitalize()} lie between 1:2 and 2:1."
    often = of_hundred(count, total)
    return f"The most frequent shape is {name} ({often}); {within} lie between 1:2 and 2:1."


def _odd(exploration: Exploration) -> str:
    said = []
    for kind, words in _KINDS.items():
        rows = [odd.row for odd in exploration.shapes.odd if odd.kind == kind]
        if rows:
            are = "is" if len(rows) == 1 else "are"
            said.append(f"{photos_of(len(rows))} {are} {words}: {_named(exploration, rows)}.")
    return " ".join(said)


def _named(exploration: Exploration, rows: Sequence[int]) -> str:
    at = {int(row): place for place, row in enumerate(exploration.shapes.row)}
    named = [
        f"{short(exploration.photos[row].path, 60)} "
        f"({exploration.shapes.width[at[row]]} x {exploration.shapes.height[at[row]]})"
        for row in rows[:_NAMED]
    ]
    if len(rows) > _NAMED:
        named.append(f"{len(rows) - _NAMED:,} more")
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]


def _unread_classes(exploration: Exploration) -> list[str]:
    """Name the classes of which no photo can be read, with the reason for one of them."""
    problems = dict(exploration.unreadable)
    read = {label for p in exploration.photos if p.path not in problems for label in p.labels}
    first: dict[str, str] = {}
    for photo in exploration.photos:
        for label in photo.labels:
            if label not in read:
                first.setdefault(label, photo.path)
    return [
        f"No photo of class {short(label, 40)} can be read, as {path}: {problems[path]}."
        for label, path in first.items()
    ]


def _files(exploration: Exploration) -> str:
    facts = [
        (len(exploration.unreadable), "unreadable"),
        (len(exploration.misnamed), "of another format than the name says"),
        (exploration.same_bytes, "with the same bytes as another one"),
    ]
    said = [f"{number:,} {words}" for number, words in facts if number]
    return f"Files: {', '.join(said)}." if said else ""
