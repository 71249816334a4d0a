import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pawlens.errors import UsageError
from pawlens.training import suggest

Floats = npt.NDArray[np.float64]
RULES = ("valley", "slide", "steep", "minimum")
RATE = np.geomspace(1e-6, 1, 60)
DECADES = np.log10(RATE)


def fall(middle: float = -3.5, start: float = 0.7, end: float = 0.2) -> Floats:
    """A loss that is level, falls about `middle` (a power of ten), and rises two decades later."""
    falling = end + (start - end) / (1 + np.exp(4 * (DECADES - middle)))
    return falling + start * 0.03 * np.exp(5 * (DECADES - middle - 2))


def noisy(curve: Floats, noise: float, sweeps: int = 3, seed: int = 0) -> Floats:
    return curve * np.exp(noise * np.random.default_rng(seed).normal(size=(sweeps, len(curve))))


@given(middle=st.floats(-5, -3), start=st.floats(0.05, 20))
@settings(max_examples=30)
def test_rules_keep_their_order_along_a_fall(middle: float, start: float) -> None:
    found = suggest(RATE, fall(middle, start, start / 4)[None]).suggestions
    assert set(found) == set(RULES)
    assert abs(np.log10(found["steep"]) - middle) < 0.35
    assert found["slide"] < found["steep"] < 10 * found["minimum"]
    assert RATE[0] <= found["valley"] < 10 * found["minimum"]
    assert 10 * found["minimum"] < 10 ** (middle + 3)


def test_a_bowl_has_its_minimum_at_the_bottom_and_its_steepest_place_at_the_rim() -> None:
    bowl = 1 + 0.2 * (DECADES + 2) ** 2
    found = suggest(RATE, bowl[None]).suggestions
    assert found["minimum"] == pytest.approx(1e-3, rel=0.15)
    assert found["steep"] < 1e-5
    # From the rim at 1e-6 to the bottom at 1e-2 it falls all the way: midway is 1e-4.
    assert found["valley"] == pytest.approx(1e-4, rel=0.4)


@given(scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
@settings(max_examples=25)
def test_the_unit_of_the_loss_does_not_matter(scale: float, seed: int) -> None:
    curves = noisy(fall(), 0.1, seed=seed)
    one, other = suggest(RATE, curves), suggest(RATE, scale * curves)
    assert one.suggestions == other.suggestions
    assert one.singles == other.singles
    assert one.words == other.words


@given(shift=st.floats(-2, 2))
@settings(max_examples=25)
def test_the_unit_of_the_rate_goes_through(shift: float) -> None:
    curves = noisy(fall(), 0.1)
    one, other = suggest(RATE, curves), suggest(RATE * 10**shift, curves)
    for rule in RULES:
        assert other.suggestions[rule] == pytest.approx(one.suggestions[rule] * 10**shift)


@pytest.mark.parametrize("rule", RULES)
def test_noise_moves_suggestions_little(rule: str) -> None:
    clear = suggest(RATE, fall()[None]).suggestions[rule]
    found = [suggest(RATE, noisy(fall(), 0.1, seed=s)).suggestions[rule] for s in range(20)]
    assert np.exp(np.abs(np.log(np.array(found) / clear)).max()) < 5


@given(
    end=st.integers(45, 59),
    tail=st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 1e9, 0.0]), min_size=15, max_size=15),
)
@settings(max_examples=40)
def test_what_follows_a_loss_that_is_no_number_does_not_matter(end: int, tail: list[float]) -> None:
    ended = noisy(fall(), 0.05)
    ended[:, end:] = np.nan
    other = ended.copy()
    other[:, end + 1 :] = tail[: 59 - end]
    one = suggest(RATE, ended)
    assert one.suggestions == suggest(RATE, other).suggestions
    assert one.chosen is not None
    assert max(one.suggestions.values()) < RATE[end]


def test_one_sweep_that_ends_early_does_not_end_the_median() -> None:
    curves = noisy(fall(), 0.02)
    curves[0, 50:] = np.nan
    assert np.isfinite(suggest(RATE, curves).loss).all()
    curves[1, 40:] = np.inf
    assert np.isinf(suggest(RATE, curves).loss[50:]).all()


def test_divergence_is_cut_off_whatever_its_height() -> None:
    one, other = noisy(fall(), 0.02), noisy(fall(), 0.02)
    one[:, 45:], other[:, 45:] = 10.0, 1e12
    assert suggest(RATE, one).suggestions == suggest(RATE, other).suggestions


def test_one_odd_batch_is_no_divergence() -> None:
    curve = fall()
    curve[12] *= 12
    found = suggest(RATE, curve[None]).suggestions
    assert found["minimum"] == suggest(RATE, fall()[None]).suggestions["minimum"]


@given(noise=st.floats(0, 0.6), seed=st.integers(0, 30))
@settings(max_examples=30)
def test_a_plateau_suggests_next_to_never(noise: float, seed: int) -> None:
    tries = [noisy(np.full(60, 0.7), noise, seed=10 * seed + i) for i in range(10)]
    assert sum(suggest(RATE, curves).chosen is not None for curves in tries) <= 2


def test_a_loss_that_never_falls_is_said_to() -> None:
    level = suggest(RATE, np.full((3, 60), 0.7))
    assert level.chosen is None
    assert not level.suggestions
    assert not level.agree
    assert level.words.startswith("no rate of this sweep lowered the loss; try a greater high")


@pytest.mark.parametrize("first", [0, 1, 3, 20])
def test_immediate_divergence_asks_for_lower_rates(first: int) -> None:
    curves = np.full((2, 60), 0.7)
    curves[:, first:] *= 10.0 ** np.arange(60 - first)
    curves[:, 40:] = np.nan
    said = suggest(RATE, curves)
    assert said.chosen is None
    assert "it diverged from" in said.words
    assert "smaller low" in said.words
    assert suggest(RATE, np.full((1, 60), np.nan)).chosen is None


def test_sweeps_agree_within_a_factor_of_three() -> None:
    near = suggest(RATE, np.stack([fall(-3.5), fall(-3.3), fall(-3.6)]), "steep")
    assert near.agree
    assert "the 3 sweeps agree" in near.words
    assert max(near.singles) <= 3 * min(near.singles)
    far = suggest(RATE, np.stack([fall(-4.5), fall(-3.5), fall(-3.3)]), "steep")
    assert not far.agree
    assert "the 3 sweeps disagree (" in far.words
    level = suggest(RATE, np.stack([fall(), fall(), np.full(60, 0.7)]))
    assert not level.agree
    assert "1 of 3 sweeps never fell" in level.words
    assert suggest(RATE, fall()[None]).agree


def test_valley_is_that_of_fastai_where_the_fall_has_no_gap() -> None:
    said = suggest(RATE, fall()[None])
    lowest = int(np.argmin(np.abs(RATE - 10 * said.suggestions["minimum"])))
    # 1 + lowest points from the first on: halfway in thirds, counted from one before the start.
    third = (lowest + 1) / 3
    assert said.suggestions["valley"] == RATE[-1 + int(third) + int(third / 2)]


def test_a_short_sweep_has_all_rules() -> None:
    found = suggest([1e-3, 2e-3, 4e-3, 8e-3], [[4.0, 3.0, 2.0, 1.5]]).suggestions
    assert set(found) == set(RULES)
    assert found["slide"] == 1e-3


def test_the_row_is_plain_json() -> None:
    curves = noisy(fall(), 0.1)
    curves[:, 50:] = np.nan
    said = suggest(RATE, curves, "steep")
    row = json.loads(json.dumps(said.row(2), allow_nan=False))
    assert row["phase"] == 2
    assert row["do"] == "find_rate"
    assert row["chosen"] == row["suggestions"]["steep"] == said.chosen
    assert row["loss"][50:] == [None] * 10
    assert row["loss"][0] == pytest.approx(np.median(curves[:, 0]))
    assert len(row["curves"]) == 3


@pytest.mark.parametrize(
    ("rate", "curves", "what"),
    [
        (RATE[::-1], np.ones((1, 60)), "increase from above 0"),
        (RATE - 1e-6, np.ones((1, 60)), "increase from above 0"),
        (RATE, np.ones((1, 59)), "one loss each"),
        (RATE, np.ones((0, 60)), "one loss each"),
        (RATE, np.ones(60), "one loss each"),
        (RATE[:3], np.ones((1, 3)), "4 or more rates"),
    ],
)
def test_shapes_that_do_not_fit_are_named(rate: Floats, curves: Floats, what: str) -> None:
    with pytest.raises(UsageError, match=what):
        suggest(rate, curves)
