"""Counts of photos by class, by split, and by combination of labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ._photo import natural_key
from ._photos import Photos

__all__ = ["Counts", "count_photos"]

_ORDER = ("train", "valid", "test", "")


@dataclass(frozen=True)
class Counts:
    """Photos by class and split.

    Attributes
    ----------
    photos : int
    splits : dict of str to int
        Photos of each split that occurs, in the order train, valid, test; the empty name stands
        for photos of no split.
    classes : dict of str to dict of str to int
        Class -> split -> photos, classes in natural order. A photo with several labels counts
        under each of them.
    unlabelled : dict of str to int
        Split -> photos without a label.
    combinations : dict of tuple of str to int
        Labels of the photos that have several -> photos, the most frequent first.
    """

    photos: int
    splits: dict[str, int]
    classes: dict[str, dict[str, int]]
    unlabelled: dict[str, int]
    combinations: dict[tuple[str, ...], int]

    @property
    def of_class(self) -> dict[str, int]:
        """Number of photos of each class, the largest class first."""
        totals = {name: sum(by_split.values()) for name, by_split in self.classes.items()}
        return dict(sorted(totals.items(), key=lambda item: -item[1]))

    @property
    def without_label(self) -> int:
        """Number of photos without a label."""
        return sum(self.unlabelled.values())

    @property
    def with_several(self) -> int:
        """Number of photos with more than one label."""
        return sum(self.combinations.values())

    @property
    def imbalance(self) -> float | None:
        """Size of the largest class divided by the smallest; None without two classes."""
        totals = list(self.of_class.values())
        return totals[0] / totals[-1] if len(totals) > 1 else None


def count_photos(photos: Photos) -> Counts:
    """Count photos by class and split, readable or not."""
    splits: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    unlabelled: Counter[str] = Counter()
    combinations: Counter[tuple[str, ...]] = Counter()
    for photo in photos:
        split = photo.split or ""
        splits[split] += 1
        pairs.update((label, split) for label in photo.labels)
        if not photo.labels:
            unlabelled[split] += 1
        elif len(photo.labels) > 1:
            combinations[tuple(sorted(photo.labels, key=natural_key))] += 1
    present = [split for split in _ORDER if splits[split]]
    names = sorted({label for label, _ in pairs}, key=natural_key)
    return Counts(
        len(photos),
        {split: splits[split] for split in present},
        {n: {s: pairs[n, s] for s in present if pairs[n, s]} for n in names},
        {split: unlabelled[split] for split in present if unlabelled[split]},
        dict(combinations.most_common()),
    )
