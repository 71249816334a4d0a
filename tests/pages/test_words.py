import numpy as np
import pytest

from pawlens.metrics import Interval
from pawlens.pages._words import (
    duration,
    fact,
    interval,
    one_in,
    percent,
    percent_range,
    probability,
    tone,
    versus,
)


def test_shares_show_the_digits_that_their_interval_allows() -> None:
    assert percent(0.9904) == "99.0\N{NO-BREAK SPACE}%"
    assert percent_range(Interval(0.99, 0.988, 0.992))[1] == "98.8 to 99.2"
    assert percent_range(Interval(0.9961, 0.9953, 0.9969))[1] == "99.53 to 99.69"
    assert interval(Interval(0.99, 0.9, 1.0), ".1%") == "99.0\N{NO-BREAK SPACE}% (90.0 to 100.0)"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.5, "50.0 %"), (0.9999, "99.99 %"), (1.0, "100.000 %"), (0.00001, "0.001 %")],
)
def test_a_probability_is_told_apart_from_all_and_nothing(share: float, text: str) -> None:
    assert probability(share) == text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(("high", "verdict"), [(-0.001, "better"), (0.001, "no real difference")])
def test_a_search_against_the_default_head(high: float, verdict: str) -> None:
    losses = {
        "best": {"value": 0.018, "low": 0.014, "high": 0.023},
        "default": {"value": 0.02, "low": 0.015, "high": 0.025},
    }
    assert versus(losses, {"value": -0.002, "low": -0.004, "high": high}) == (
        "log loss 0.0180 (0.0140 to 0.0230), the default head on the same photos "
        f"0.0200 (0.0150 to 0.0250): -0.0020 (-0.0040 to {high:+.4f}), {verdict}"
    )


def test_only_real_differences_have_a_colour() -> None:
    assert [tone(one) for one in ("better", "worse", "no real difference")] == ["good", "bad", ""]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.0, "no photo"),
        (0.0096, "about 1 photo in 100"),
        (0.0004, "about 1 photo in 2,500"),
        (0.025, "about 1 photo in 40"),
        (0.2, "about 1 photo in 5"),
        (0.62, "about 6 photos in 10"),
    ],
)
def test_odds(share: float, said: str) -> None:
    assert one_in(share) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "yes"),
        (12500, "12,500"),
        (0.000123456, "0.0001235"),
        (float("nan"), "not known"),
        (["a", 2], "a, 2"),
        (None, "–"),
        ("paw", "paw"),
        (np.bool_(False), "no"),
        (np.int64(1000), "1,000"),
    ],
)
def test_facts(value: object, said: str) -> None:
    assert fact(value) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.84, "0.8 s"),
        (41.2, "41 s"),
        (59.9, "1 min"),
        (202.0, "3 min 20 s"),
        (3599.0, "1 h"),
        (7500.0, "2 h 5 min"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said
