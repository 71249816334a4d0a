"""What is said of promises, and of where they need not hold."""

from __future__ import annotations

from typing import Any

import pytest

from pawlens.pages._trust import trust_lines, trust_section

SHARE = {"value": 0.9, "low": 0.85, "high": 0.95}
SETS: dict[str, Any] = {
    "promised": 0.95,
    "by_class": False,
    "covered": SHARE,
    "classes": {"cat": {"covered": SHARE, "mean_size": 1.5, "photos": 40}},
    "mean_size": 1.5,
    "sizes": {"1": 20, "2": 20},
    "alone": {"value": 0.8, "low": 0.75, "high": 0.85},
}


def _facts(p: float, *, too_few: float = 0.5, promised: bool = True) -> dict[str, Any]:
    half = {"photos": 50, "right": SHARE, "covered": SHARE}
    split = {"exchangeable_p": p, "sets": SETS | {"too_few_p": too_few}}
    facts = {
        "over_time": {"p": p, "earlier": half, "later": half | {"right": {"value": 0.7}}},
        "splits": {"test": split},
        "neither": {"false_alarms": 0.01},
    }
    return facts | ({"sets": SETS} if promised else {})


@pytest.mark.parametrize(
    ("p", "words"), [(0.2, "which speaks against nothing"), (0.001, "promises need not hold")]
)
def test_small_p_values_are_told_as_what_they_mean(p: float, words: str) -> None:
    lines = trust_lines(_facts(p))
    assert len(lines) == 3
    assert lines[0].startswith("sets for 95 %: hold the true label for 90.0 %")
    assert "90.0 % of the earlier half and 70.0 % of the later half are right" in lines[1]
    assert lines[2].startswith("test: ")
    for line in lines[1:]:
        assert f"p = {p:.2g}" in line
        assert words in line


def test_too_few_in_their_sets_are_told() -> None:
    assert "fewer than promised" not in trust_lines(_facts(0.5, too_few=0.2))[2]
    assert "fewer than promised (p = 0.003)" in trust_lines(_facts(0.5, too_few=0.003))[2]


def test_a_screen_says_nothing_of_promises_that_nobody_asked_for() -> None:
    facts = _facts(0.001, promised=False)
    assert trust_lines(facts) == []
    section = trust_section(facts)  # but the page does
    assert "promises need not hold for later photos" in section["over_time"]
    assert section["splits"][0]["name"] == "test"
    assert trust_section({}) == {}
    assert trust_lines({}) == []
