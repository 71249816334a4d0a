"""Slices: a planted one is found, none is called worse where none is."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.trust import _slices as module
from pawlens.trust import measure_slices, short_numbers


@pytest.fixture(autouse=True)
def _fewer_permutations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PERMUTATIONS", 999)


def draw(rng: np.random.Generator, worse: bool, n: int = 800) -> tuple[np.ndarray, ...]:
    """Answers of which those of camera C in the evening are worse, or none."""
    camera = rng.choice(["A", "B", "C"], n, p=[0.6, 0.3, 0.1])
    bright = rng.random(n)
    bad = (camera == "C") & worse
    right = rng.random(n) < np.where(bad, 0.7, 0.95)
    losses = np.where(right, 0.05, 2.0) * rng.uniform(0.5, 1.5, n)
    return right, losses, camera, bright


def test_none_is_called_worse_where_none_is() -> None:
    wrong = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        right, losses, camera, bright = draw(rng, worse=False)
        found = measure_slices(right, losses, {"camera": camera.tolist(), "brightness": bright})
        combined = found.worst is not None and found.worst.verdict == "worse"
        wrong += bool(found.worse) or combined
    assert wrong <= 3  # 1 of 20 is promised at most on average


def test_a_planted_slice_is_found_and_its_number_holds() -> None:
    rng = np.random.default_rng(0)
    right, losses, camera, bright = draw(rng, worse=True)
    found = measure_slices(right, losses, {"camera": camera.tolist(), "brightness": bright})
    (worse,) = found.worse
    assert (worse.trait, worse.value, worse.photos) == ("camera", "C", int((camera == "C").sum()))
    assert worse.accuracy.value == pytest.approx(right[camera == "C"].mean())
    assert worse.accuracy.low < 0.7 < worse.accuracy.high
    assert worse.log_loss.value == pytest.approx(losses[camera == "C"].mean())
    assert "camera C" in found.in_words()
    assert found.slices[0] is worse


def test_a_combination_is_found_by_one_half_and_tested_on_the_other() -> None:
    rng = np.random.default_rng(3)
    n = 3000
    camera, bright = rng.choice(["A", "B"], n), rng.random(n)
    bad = (camera == "A") & (bright < 0.3)
    right = rng.random(n) < np.where(bad, 0.6, 0.95)
    losses = np.where(right, 0.05, 2.0)
    worst = measure_slices(right, losses, {"camera": camera.tolist(), "brightness": bright}).worst
    assert worst is not None
    assert worst.verdict == "worse"
    assert worst.value == "camera is A and brightness at most 0.204"
    assert worst.photos < n / 2 * 0.25  # of the half that the tree has not seen


def test_photos_of_a_group_count_as_one() -> None:
    rng = np.random.default_rng(0)
    camera = np.repeat(np.array(["A", "B"]), [50, 50])
    groups = np.arange(100)
    right, losses = np.ones(100, bool), rng.random(100)
    once = measure_slices(right, losses, {"camera": camera.tolist()}, groups=groups)
    each = np.repeat(np.arange(100), 5)
    fivefold = measure_slices(
        right[each], losses[each], {"camera": camera[each].tolist()}, groups=groups[each]
    )
    assert (once.photos, fivefold.photos) == (100, 100)
    assert [one.accuracy for one in once.slices] == [one.accuracy for one in fivefold.slices]


def test_small_slices_and_unknown_values_are_left_out() -> None:
    values = ["A"] * 60 + ["B"] * 30 + ["C"] * 5 + [""] * 25
    numbers = np.where(np.arange(120) < 40, np.nan, 1.0)
    right, losses = np.arange(120) % 7 > 0, np.ones(120)
    found = measure_slices(right, losses, {"kind": values, "number": numbers})
    assert {(one.trait, one.value) for one in found.slices} >= {("kind", "A"), ("kind", "B")}
    assert all(one.value not in ("C", "") for one in found.slices)
    nothing = measure_slices(right, losses, {"kind": ["A"] * 120})
    assert (nothing.slices, nothing.worst) == ([], None)
    assert "no trait has two values" in nothing.in_words()


def test_numbers_that_lie_close_are_told_apart() -> None:
    right, losses, _, _ = draw(np.random.default_rng(0), worse=False, n=2400)
    years, size = np.repeat(np.arange(2019.0, 2027.0), 300), np.linspace(60_214, 90_000, 2400)
    found = measure_slices(right, losses, {"year": years, "bytes": size})
    named = sorted(one.value for one in found.slices if one.trait == "year")
    assert named == ["from 2021 to 2023", "from 2023 to 2025", "from 2025", "under 2021"]
    assert all("e+" not in one.value for one in found.slices)
    assert "from 82,600" in {one.value for one in found.slices if one.trait == "bytes"}


def test_the_worst_combination_says_between_which_numbers_it_begins() -> None:
    rng = np.random.default_rng(0)
    year = rng.choice([2019.0, 2020.0, 2021.0, 2022.0], 3000)
    right = rng.random(3000) < np.where(year <= 2020, 0.6, 0.95)
    worst = measure_slices(right, np.where(right, 0.05, 2.0), {"year": year}).worst
    assert worst is not None
    assert worst.value.startswith("year at most 2020.5")


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0, 1.0], ["0", "1"]),
        ([20180101.0, 20180102.0], ["20,180,101", "20,180,102"]),
        ([0.1234, 0.1235], ["0.1234", "0.1235"]),
        ([1e-9, -2.5], ["0.000000001", "-2.5"]),
        ([5.0, 5.0], ["5", "5"]),
        ([], []),
    ],
)
def test_numbers_have_the_digits_that_tell_them_apart(
    values: list[float], texts: list[str]
) -> None:
    assert short_numbers(values) == texts
