import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.metrics._interval import (
    Interval,
    bounded_interval,
    bounded_range,
    clopper_pearson,
    mean_of_intervals,
    percent,
)
from pawlens.metrics._resampling import resampled_sums


def test_clopper_pearson_matches_published_values() -> None:
    # Newcombe 1998, table I, method 5.
    low, high = clopper_pearson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2527, 0.0578, 0.0, 0.0009], atol=5e-5)
    np.testing.assert_allclose(high, [0.3676, 0.1617, 0.1684, 0.1776], atol=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_clopper_pearson_holds_the_share_and_stays_a_share(a: int, b: int) -> None:
    hits, trials = min(a, b), max(a, b)
    low, high = clopper_pearson(hits, trials)
    share = hits / trials if trials else 0.5
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0


def test_without_trials_nothing_is_known() -> None:
    low, high = clopper_pearson(0, 0)
    assert (float(low), float(high)) == (0, 1)


def of_mean(values: np.ndarray, least: float, most: float, draws: int = 1000) -> Interval:
    sums = resampled_sums(values[:, None], draws=draws, seed=0)[:, 0] / len(values)
    return bounded_interval(float(values.mean()), sums, len(values), least=least, most=most)


@pytest.mark.parametrize("hits", [0, 1, 17, 40])
def test_for_shares_it_is_the_exact_interval(hits: int) -> None:
    found = of_mean(np.repeat([1.0, 0.0], [hits, 40 - hits]), 0.0, 1.0, draws=20_000)
    low, high = clopper_pearson(hits, 40)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)), abs=0.004)


@pytest.mark.parametrize("n", [30, 100])
def test_a_rare_costly_error_is_allowed_for(n: int) -> None:
    """One photo in 200 costs 6 and the others 0.01: a bootstrap holds the mean 1 to 4 times in 10.

    The seed is fixed, so that the figures are the same each time.
    """
    truth = 0.995 * 0.01 + 0.005 * 6
    held = bootstrap = 0
    for seed in range(400):
        values = np.where(np.random.default_rng([n, seed]).random(n) < 0.005, 6.0, 0.01)
        bounded = of_mean(values, 0, 6, 400)
        plain = of_mean(values, -np.inf, np.inf, 400)
        held += bounded.low <= truth <= bounded.high
        bootstrap += plain.low <= truth <= plain.high
    assert held / 400 >= 0.94
    assert bootstrap / 400 < 0.5


def test_for_many_photos_it_is_the_bootstraps() -> None:
    values = np.random.default_rng(1).random(4000)
    one, plain = of_mean(values, 0.0, 1.0), of_mean(values, -np.inf, np.inf)
    assert one.high - one.low == pytest.approx(plain.high - plain.low, rel=0.02)
    assert one.high - one.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(4000), rel=0.1)


def test_an_imagined_photo_never_draws_an_end_inwards() -> None:
    draws = np.linspace(0.3, 0.5, 101)
    inside = bounded_interval(0.4, draws, 3, least=0.45, most=0.35)
    assert (inside.low, inside.high) == pytest.approx((0.305, 0.495))


def test_draws_without_a_meaning_are_left_out() -> None:
    draws = np.concatenate([np.full(100, np.nan), np.linspace(0.4, 0.6, 900)])
    assert bounded_interval(0.5, draws, 1e9, least=0.0, most=1.0).low == pytest.approx(
        0.405, abs=1e-6
    )
    never = bounded_interval(1.0, np.full(5, np.nan), 3, least=0.0, most=1.0)
    assert never.low == pytest.approx(float(clopper_pearson(3, 3)[0]), abs=0.01)


def test_independent_intervals_add_up_as_squares() -> None:
    one = mean_of_intervals([Interval(0.9, 0.6, 1.0), Interval(0.5, 0.1, 0.6)])
    assert one.value == pytest.approx(0.7)
    assert one.low == pytest.approx(0.7 - 0.5 / 2)
    assert one.high == pytest.approx(0.7 + np.hypot(0.1, 0.1) / 2)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (".4f", "0.0179 (-0.0140 to 0.0230)"),
        ("+.3f", "+0.018 (-0.014 to +0.023)"),
        (".2%", "1.79 % (-1.40 to 2.30)"),
        (".0%", "2 % (-1 to 2)"),
        ("+.2p", "+1.79 points (-1.40 to +2.30)"),
    ],
)
def test_an_interval_is_written_like_a_number(spec: str, said: str) -> None:
    gap = Interval(0.0179, -0.014, 0.023)
    assert format(gap, spec) == said
    assert gap.ends(spec) == said.partition("(")[2].rstrip(")")


def test_without_a_format_an_interval_shows_its_fields() -> None:
    assert f"{Interval(1.0, 0.5, 2.0)}" == "Interval(value=1.0, low=0.5, high=2.0)"


@pytest.mark.parametrize(
    ("share", "digits", "said"),
    [(0.9904, 1, "99.0 %"), (0.9904, 0, "99 %"), (0.8611, 2, "86.11 %"), (0.001, None, "0.1 %")],
)
def test_per_cent(share: float, digits: int | None, said: str) -> None:
    assert percent(share, digits) == said


def test_many_means_have_the_intervals_that_each_has_alone() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal((0.3, 0.6, 0.9), 0.05, (2000, 3))
    value, least, most = np.array([0.3, 0.6, 0.9]), np.array([0.0, 0.1, 0.5]), np.ones(3)
    low, high = bounded_range(value, draws, 50, least=least, most=most)
    for k in range(3):
        alone = bounded_interval(value[k], draws[:, k], 50, least=least[k], most=most[k])
        assert (low[k], high[k]) == pytest.approx((alone.low, alone.high))
    assert (low < value).all()
    assert (value < high).all()
