from __future__ import annotations

import pytest

from pawlens.photos.layout._part_names import as_parts, series_among


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        ({"images_001", "images_002"}, True),
        ({"100CANON", "101CANON"}, True),
        ({"100APPLE", "101APPLE"}, True),
        ({"100___01", "100___02"}, True),
        ({"2024-05-01", "2024-05-02"}, True),
        ({"2019", "2020"}, True),
        ({"photos", "pictures"}, True),
        ({"0", "1"}, False),
        ({"class1", "class2"}, False),
        ({"images_001", "cat"}, False),
        ({"photos", "cat"}, False),
        ({"100CANON", "105CANON"}, True),
        ({"100_FUJI", "103_FUJI"}, True),
        ({"100EUROS", "200EUROS"}, False),
        ({"01.05.2024", "02.05.2024"}, True),
        ({"2024-05-01 12.30.00", "2024-05-02 08.15.30"}, True),
        ({"1.0", "1.5"}, False),
        ({"0-10", "11-20"}, False),
        ({"#1", "#2"}, False),
        ({"+", "-"}, False),
        ({"🐱", "🐶"}, False),
        ({"★", "★★"}, False),
    ],
)
def test_parts_of_a_collection(names: set[str], parts: bool) -> None:
    assert as_parts(names) is parts


@pytest.mark.parametrize(
    ("names", "named"),
    [
        (["fold1", "fold2", "extra"], ["fold1", "fold2"]),
        (["images_001", "images_002", "docs"], ["images_001", "images_002"]),
        (["2019", "2020", "misc"], ["2019", "2020"]),
        (["1000", "1900", "2000"], []),
        (["fold1", "cat", "dog"], []),
        (["set1", "set2", "cat", "dog"], []),
    ],
)
def test_folds_and_parts_among_other_folders(names: list[str], named: list[str]) -> None:
    assert series_among(names)[1] == named
