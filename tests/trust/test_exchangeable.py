"""Whether promises hold elsewhere: tests that say so, and no more often than they may."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kstest

from pawlens.trust import (
    Answered,
    AnswerRules,
    earlier_half,
    exchangeability,
    find_rules,
    fit_sets,
    fits_of,
    measure_answers,
    measure_split,
    measured_rules,
    parts_of,
    undercoverage,
)


def _drawn(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels that are as probable as they are said to be."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 2)) * 1.5
    proba = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    y = (rng.random(n) < proba[:, 1]).astype(np.int64)
    return y, proba


def test_the_p_values_hold_where_photos_are_exchangeable() -> None:
    alike, few = [], []
    for seed in range(300):
        y, proba = _drawn(seed, 260)
        known, new = slice(0, 200), slice(200, 260)
        alike.append(exchangeability(fits_of(y[known], proba[known]), fits_of(y[new], proba[new])))
        sets = fit_sets(y[known], proba[known], 0.9)
        inside = sets.members(proba[new])[np.arange(60), y[new]]
        few.append(undercoverage(inside, 0.9, 200))
    assert kstest(alike, "uniform").pvalue > 0.01
    for level in (0.05, 0.2):  # a count is no continuous number: its p values are a little larger
        assert np.mean(np.array(few) <= level) <= level + 0.04
    assert np.mean(np.array(few) <= 0.2) > 0.1  # but not without power


def test_too_few_in_their_sets_are_noticed_and_plenty_are_not() -> None:
    # The second least fitting of 19 photos is the threshold: one of 20 places is below it, and its.
    assert undercoverage(np.zeros(1, bool), 0.9, 19) == pytest.approx(2 / 20)
    inside = np.arange(200) < 170
    assert undercoverage(inside, 0.95, 1000) < 1e-4
    assert undercoverage(inside, 0.85, 1000) > 0.4
    assert undercoverage(np.ones(200, bool), 0.95, 1000) == 1.0
    assert undercoverage(~np.ones(200, bool), 0.99, 50) == 1.0  # no threshold: all labels are in
    # Luck of the threshold counts: of few known photos the same count says less.
    assert undercoverage(inside, 0.9, 40) > 2 * undercoverage(inside, 0.9, 4000)


def test_photos_of_one_group_are_one_piece_of_evidence() -> None:
    inside = np.repeat([True, False], [90, 10])
    alone = np.concatenate([np.arange(90), np.full(10, 90)])
    assert undercoverage(inside, 0.95, 1000) < 0.05 < undercoverage(inside, 0.95, 1000, alone)
    y, proba = np.zeros(4, np.int64), np.array([[0.9, 0.1], [0.5, 0.5], [0.7, 0.3], [0.2, 0.8]])
    assert fits_of(y, proba).tolist() == [0.9, 0.5, 0.7, 0.2]
    assert fits_of(y, proba, np.array([7, 2, 7, 2])).tolist() == pytest.approx([0.35, 0.8])


def test_halves_by_time_keep_groups_whole_and_leave_out_what_has_none() -> None:
    when = np.concatenate([np.arange(60.0), [np.nan] * 5])
    halves = earlier_half(when)
    assert halves is not None
    earlier, later = halves
    assert earlier.sum() == later.sum() == 30
    assert not (earlier | later)[60:].any()
    groups = np.arange(65)
    groups[0] = groups[59]  # the first and the last photo are of one group
    halves = earlier_half(when, groups)
    assert halves is not None
    assert halves[1][0] == halves[1][59] != halves[0][0]
    assert earlier_half(when, np.zeros(65, np.int64)) is None
    assert earlier_half(np.full(50, np.nan)) is None
    assert earlier_half(np.arange(39.0)) is None


@pytest.mark.parametrize(("drift", "found"), [(False, False), (True, True)])
def test_later_photos_that_fit_worse_are_told(drift: bool, found: bool) -> None:
    y, proba = _drawn(5, 400)
    if drift:
        rng = np.random.default_rng(1)
        worse = np.arange(400) >= 200
        y = np.where(worse & (rng.random(400) < 0.25), 1 - y, y)
    part = np.arange(400) % 5
    _, facts = measured_rules(y, proba, ["a", "b"], part, sets=0.9, when=np.arange(400.0))
    told = facts["over_time"]
    assert (told["p"] < 0.01) == found
    assert told["earlier"]["photos"] == told["later"]["photos"] == 200
    assert (told["earlier"]["covered"]["value"] - told["later"]["covered"]["value"] > 0.1) == found
    assert 0.5 < told["later"]["right"]["value"] < told["earlier"]["right"]["value"] + 0.1


def test_without_times_nothing_is_said_of_them() -> None:
    y, proba = _drawn(5, 100)
    found = [(np.ones(100, bool), AnswerRules())]
    for when in (None, np.full(100, np.nan)):
        assert "over_time" not in measure_answers(y, proba, ["a", "b"], found, when=when)


def test_a_split_of_another_kind_is_told_by_both_tests() -> None:
    y, proba = _drawn(1, 600)
    other, theirs = _drawn(2, 200)
    rules = find_rules(y, proba, sets=0.95)
    known = Answered(y, proba, np.arange(600))
    same = measure_split(rules, known, Answered(other, theirs, np.arange(200)), ["a", "b"])
    assert same["exchangeable_p"] > 0.05
    assert same["sets"]["too_few_p"] > 0.05
    wrong = np.where(np.arange(200) < 60, theirs.argmin(axis=1), other)
    for by_class in (False, True):
        rules = find_rules(y, proba, sets=0.95, sets_by_class=by_class)
        told = measure_split(rules, known, Answered(wrong, theirs, np.arange(200)), ["a", "b"])
        assert told["exchangeable_p"] < 0.001
        assert told["sets"]["too_few_p"] < 0.001


def test_each_part_is_judged_by_the_others() -> None:
    fold = np.zeros(40, np.int64)
    groups = np.arange(40) // 2
    part = parts_of(fold, groups, 3)
    assert sorted(set(part.tolist())) == [0, 1, 2, 3, 4]
    assert (part[::2] == part[1::2]).all()
    assert parts_of(np.arange(40) % 2, groups).tolist() == (np.arange(40) % 2).tolist()
    # A part that is answered all wrong is not saved by a threshold of its own.
    proba = np.tile([0.9, 0.1], (100, 1))
    part = np.repeat(np.arange(5), 20)
    y = (part == 0).astype(np.int64)
    _, facts = measured_rules(y, proba, ["a", "b"], part, sets=0.75)
    assert facts["sets"]["covered"]["value"] == pytest.approx(0.8)
