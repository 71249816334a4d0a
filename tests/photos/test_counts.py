"""Photos are counted by class, split and combination of labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pawlens import Photo, Photos
from pawlens.photos._counts import count_photos
from pawlens.photos.stores._stores import FolderStore

LABELS = st.lists(st.sampled_from(("cat", "dog", "猫", "class 10", "class 9")), unique=True)
SPLITS = st.sampled_from((None, "train", "valid", "test"))


def table(rows: Sequence[tuple[Sequence[str], str | None]]) -> Photos:
    photos = [Photo(f"{i}.jpg", tuple(labels), split) for i, (labels, split) in enumerate(rows)]
    return Photos(photos, FolderStore(Path()), name="photos")


def test_classes_and_splits() -> None:
    rows = [(["cat"], "train")] * 6 + [(["dog"], "train")] * 2 + [([], "test")] * 3
    counts = count_photos(table([*rows, (["dog", "cat"], "train")]))
    assert counts.splits == {"train": 9, "test": 3}
    assert counts.of_class == {"cat": 7, "dog": 3}
    assert counts.unlabelled == {"test": 3}
    assert counts.combinations == {("cat", "dog"): 1}
    assert counts.imbalance == 7 / 3


def test_nothing_is_compared_with_itself() -> None:
    assert count_photos(table([(["cat"], None)])).imbalance is None
    assert count_photos(table([([], None)])).of_class == {}


@given(st.lists(st.tuples(LABELS, SPLITS), max_size=40))
def test_every_photo_is_counted_once_per_label(
    rows: list[tuple[list[str], str | None]],
) -> None:
    counts = count_photos(table(rows))
    assert sum(counts.splits.values()) == counts.photos == len(rows)
    assert sum(counts.of_class.values()) == sum(len(labels) for labels, _ in rows)
    assert counts.without_label == sum(not labels for labels, _ in rows)
    assert counts.with_several == sum(len(labels) > 1 for labels, _ in rows)
    assert list(counts.of_class.values()) == sorted(counts.of_class.values(), reverse=True)
