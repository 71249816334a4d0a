"""Samples are few, repeatable, readable, and spread over their class."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pawlens import Photo, Photos
from pawlens.photos._representatives import MOST_SAMPLES, choose_samples
from pawlens.photos.stores._stores import FolderStore


def table(*labels: str | None) -> Photos:
    photos = [Photo(f"{i}.jpg", (label,) if label else ()) for i, label in enumerate(labels)]
    return Photos(photos, FolderStore(Path()), name="photos")


def test_one_of_each_stretch() -> None:
    (sheet,) = choose_samples(table(*["cat"] * 210), [True] * 210, seed=3)
    assert [row // 10 for row in sheet.rows] == list(range(21))
    assert sheet == choose_samples(table(*["cat"] * 210), [True] * 210, seed=3)[0]
    assert sheet != choose_samples(table(*["cat"] * 210), [True] * 210, seed=4)[0]


def test_only_readable_ones_and_unlabelled_last() -> None:
    photos = table("dog", "cat", None, "dog", "dog")
    sheets = choose_samples(photos, [True, True, True, False, True])
    assert sheets == [("cat", [1]), ("dog", [0, 4]), ("", [2])]


def test_of_many_classes_some_spread_over_all() -> None:
    photos = table(*[f"class {i}" for i in range(1000)])
    sheets = choose_samples(photos, [True] * 1000)
    assert len(sheets) == MOST_SAMPLES
    assert int(sheets[-1].name.split()[1]) > 985


@given(st.lists(st.integers(1, 60), min_size=1, max_size=150), st.integers(0, 5))
def test_a_page_never_has_too_many(sizes: list[int], seed: int) -> None:
    labels = [f"class {i}" for i, size in enumerate(sizes) for _ in range(size)]
    sheets = choose_samples(table(*labels), [True] * len(labels), seed=seed)
    assert sum(len(sheet.rows) for sheet in sheets) <= MOST_SAMPLES
    for sheet in sheets:
        assert sheet.rows == sorted(set(sheet.rows))
        assert {labels[row] for row in sheet.rows} == {sheet.name}


def test_the_same_photos_are_chosen_without_a_seed() -> None:
    photos, readable = table(*["cat"] * 90), [True] * 90
    assert choose_samples(photos, readable) == choose_samples(photos, readable, seed=0)
