"""Plain sentences about counts and shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.pages import headline
from pawlens.pages._exploration_words import of_hundred, short
from pawlens.photos import Counts


def counts(unlabelled: int = 0, **classes: int) -> Counts:
    total = sum(classes.values()) + unlabelled
    by_class = {name: {"": number} for name, number in classes.items()}
    return Counts(total, {"": total}, by_class, {"": unlabelled} if unlabelled else {}, {})


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (counts(cat=4400, dog=4400), "8,800 photos in 2 classes, balanced 1 to 1."),
        (counts(cat=51, dog=37), "88 photos in 2 classes, nearly balanced, 1.4 to 1."),
        (counts(cat=50, dog=20), "70 photos in 2 classes, uneven, 2.5 to 1."),
        (counts(cat=9000, dog=9), "9,009 photos in 2 classes, unbalanced, 1,000 to 1."),
        (counts(cat=1), "1 photo in 1 class, cat."),
        (counts(5), "5 photos without labels."),
        (counts(50, a=2, b=2), "4 photos in 2 classes, balanced 1 to 1; 50 more without a label."),
    ],
)
def test_headline(made: Counts, words: str) -> None:
    assert headline(made) == words


@pytest.mark.parametrize(
    ("part", "total", "words"),
    [
        (0, 9, "none"),
        (9, 9, "all"),
        (28, 80, "28 of 80"),
        (370, 1000, "37 of 100"),
        (8799, 8800, "over 99 of 100"),
        (2, 8800, "2 of 8,800"),
    ],
)
def test_shares(part: int, total: int, words: str) -> None:
    assert of_hundred(part, total) == words


@given(st.text(max_size=60), st.integers(1, 40))
def test_what_is_too_long_loses_its_middle(text: str, longest: int) -> None:
    shown = short(text, longest)
    assert len(shown) == min(len(text), longest)
    assert shown == text or "…" in shown
