import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.metrics._interval import Interval, percent, percentiles, resampled_sums, wilson


def test_wilson_matches_published_values() -> None:
    # Newcombe 1998, table I, method 3.
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share_and_stays_a_share(a: int, b: int) -> None:
    hits, trials = min(a, b), max(a, b)
    low, high = wilson(hits, trials)
    share = hits / trials if trials else 0.5
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0


def test_wilson_without_trials_knows_nothing() -> None:
    low, high = wilson(0, 0)
    assert (float(low), float(high)) == (0, 1)


def test_resampled_sums_have_the_bootstrap_mean_and_spread() -> None:
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    sums = resampled_sums(values, draws=4000, seed=1)[:, 0]
    assert sums.mean() == pytest.approx(values.sum(), rel=0.01)
    assert sums.std() == pytest.approx(values.std() * np.sqrt(400), rel=0.05)


def test_resampled_sums_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    whole = resampled_sums(values, draws=40, seed=5)
    monkeypatch.setattr("pawlens.metrics._interval._CELLS", 50 * 7)
    np.testing.assert_allclose(resampled_sums(values, draws=40, seed=5), whole)


def test_groups_are_drawn_whole() -> None:
    groups = np.array([7, 7, 7, -1])
    columns = np.array([[1.0, 0], [1, 0], [1, 0], [0, 1]])
    sums = resampled_sums(columns, draws=200, seed=0, groups=groups)
    assert {tuple(row) for row in sums} == {(6.0, 0.0), (3.0, 1.0), (0.0, 2.0)}


def test_interval_covers_a_known_share() -> None:
    """95 % intervals of a binomial share hold the truth about 95 times in 100."""
    rng = np.random.default_rng(3)
    held = 0
    for seed in range(300):
        hits = (rng.random(200) < 0.8).astype(np.float64)[:, None]
        low, high = percentiles(resampled_sums(hits, draws=400, seed=seed)[:, 0] / 200)
        held += low <= 0.8 <= high
    assert 0.90 <= held / 300 <= 0.98


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
