"""Prediction sets keep what they promise on photos not seen."""

from __future__ import annotations

import numpy as np
import pytest

from pawlens.errors import UsageError
from pawlens.trust import LabelSets, fit_sets


def _drawn(rng: np.random.Generator, n: int, k: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Labels and the honest probabilities that they were drawn from, of classes of unlike size."""
    proba = rng.dirichlet(np.linspace(0.2, 0.8, k), n)
    y = (rng.random(n)[:, None] > proba.cumsum(axis=1)).sum(axis=1)
    return np.minimum(y, k - 1).astype(np.int64), proba


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_coverage_is_kept_on_new_photos(coverage: float) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(150):
        y, proba = _drawn(rng, 60)
        sets = fit_sets(y, proba, coverage)
        fresh, answers = _drawn(rng, 300)
        found.append(sets.members(answers)[np.arange(300), fresh].mean())
    assert coverage - 0.01 <= np.mean(found) <= coverage + 0.02  # and no sets larger than need be


def test_each_class_is_covered_where_that_is_promised() -> None:
    rng = np.random.default_rng(1)
    y, proba = _drawn(rng, 4000)
    fresh, answers = _drawn(rng, 4000)
    for by_class, least in ((True, 0.87), (False, 0.0)):
        sets = fit_sets(y, proba, 0.9, by_class=by_class)
        inside = sets.members(answers)[np.arange(4000), fresh]
        shares = [inside[fresh == c].mean() for c in range(4)]
        assert min(shares) > least
        assert (min(shares) < 0.87) is not by_class


def test_class_of_few_photos_is_in_every_set() -> None:
    y = np.array([0] * 40 + [1] * 5)
    proba = np.tile([0.999, 0.001], (45, 1))
    proba[40:] = proba[40:, ::-1]
    assert fit_sets(y, proba, 0.9, by_class=True).members(proba)[:, 1].all()
    assert not fit_sets(y, proba, 0.8, by_class=True).members(proba)[:40, 1].any()


def test_photos_of_one_group_have_one_vote() -> None:
    proba = np.tile([0.9, 0.1], (40, 1))
    proba[20:] = [0.3, 0.7]  # twenty shots of one thing, all doubted
    y, groups = np.zeros(40, np.int64), np.r_[np.arange(20), np.full(20, 99)]
    assert fit_sets(y, proba, 0.9).thresholds[0] == pytest.approx(0.3)
    assert fit_sets(y, proba, 0.9, groups=groups).thresholds[0] == pytest.approx(0.9)


def test_no_set_is_empty_and_unread_photos_have_none() -> None:
    sets = LabelSets(0.5, (1.0, 1.0), by_class=False)
    members = sets.members(np.array([[0.6, 0.4], [np.nan, np.nan]]))
    assert members.tolist() == [[True, False], [False, False]]


def test_rule_survives_json_and_a_damaged_one_is_refused() -> None:
    sets = LabelSets(0.95, (0.5, 0.0), by_class=True)
    assert LabelSets.from_json(sets.as_json()) == sets
    for harm in ({"coverage": 2}, {"by_class": 3}, {"thresholds": [float("nan")]}, {"more": 1}):
        with pytest.raises(ValueError, match="sets"):
            LabelSets.from_json(sets.as_json() | harm)
    with pytest.raises(UsageError, match="as 0"):
        fit_sets(np.array([0]), np.array([[0.5, 0.5]]), 1.0)
