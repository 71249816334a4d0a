"""Wrong answers in groups, on evidence made by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pawlens.metrics import REASONS, Evidence, group_failures


def evidence(
    turned: list[float],
    parts: list[float],
    *,
    small: bool = False,
    poor: bool = False,
    unlike: bool = False,
) -> Evidence:
    """One photo of class 0 of 2; its probability in each look."""
    own_turned, own_parts = (np.array(values)[:, None] for values in (turned, parts))
    return Evidence(
        rows=np.array([7]),
        label=np.array([0]),
        turned=np.stack([own_turned, 1 - own_turned], axis=2),
        parts=np.stack([own_parts, 1 - own_parts], axis=2),
        small=np.array([small]),
        poor=np.array([poor]),
        unlike=np.array([unlike]),
    )


def name(one: Evidence) -> str:
    (group,) = group_failures(one)
    assert group.rows.tolist() == [7]
    assert group.reason is REASONS[group.name]
    return group.name


def test_each_reason() -> None:
    assert name(evidence([0.3, 0.4, 0.4, 0.4], [0.99, 0.01, 0.5, 0.5])) == "both"
    assert name(evidence([0.02, 0.05, 0.01, 0.03], [0.04, 0.09, 0.01, 0.02])) == "label"
    assert name(evidence([0.2, 0.3, 0.99, 0.3], [0.3, 0.4, 0.2, 0.4])) == "turned"
    rest = [0.2, 0.3, 0.4, 0.3], [0.3, 0.4, 0.2, 0.4]
    assert name(evidence(*rest, poor=True, small=True)) == "quality"
    assert name(evidence(*rest, small=True, unlike=True)) == "small"
    assert name(evidence(*rest, unlike=True)) == "unlike"
    assert name(evidence(*rest)) == "other"


def test_a_label_is_doubted_where_every_look_leaves_it_less_than_a_tenth() -> None:
    assert name(evidence([0.09] * 4, [0.09] * 4)) == "label"
    assert name(evidence([0.11, 0.02, 0.02, 0.02], [0.02] * 4)) == "other"
    assert name(evidence([0.02] * 4, [0.02, 0.02, 0.02, 0.2])) == "other"


def test_a_turn_explains_only_what_was_answered_wrong_upright() -> None:
    rest = [0.3, 0.4, 0.2, 0.4]
    assert name(evidence([0.49, 0.3, 0.99, 0.3], rest)) == "turned"
    assert name(evidence([0.51, 0.3, 0.99, 0.3], rest)) == "other"
    assert name(evidence([0.2, 0.3, 0.97, 0.3], rest)) == "other"  # not sure enough


def test_a_photo_that_cannot_be_read_is_not_accused_of_a_wrong_label() -> None:
    unread = [float("nan")] * 4
    assert name(evidence(unread, unread)) == "unread"
    assert name(evidence(unread, unread, poor=True)) == "unread"


def test_a_look_that_is_missing_speaks_for_nothing() -> None:
    missing = float("nan")
    low = [0.02, 0.05, 0.01, 0.03]
    assert name(evidence(low, low)) == "label"
    assert name(evidence([*low[:3], missing], low)) == "other"  # not every look contradicts it
    assert name(evidence(low, [missing, *low[1:]])) == "other"
    assert name(evidence([0.4, *[missing] * 3], [missing] * 4)) == "other"
    assert name(evidence([missing, 0.3, 0.99, 0.3], low)) == "other"  # upright, it may be right
    assert name(evidence([0.3, missing, 0.99, 0.3], low)) == "turned"


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(2, 5))
def test_every_photo_is_in_one_group(seed: int, n: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    turned, parts = rng.dirichlet(np.full(k, 0.1), (2, 4, n))
    flags = rng.random((3, n)) < 0.2
    rows = rng.permutation(100)[:n]
    groups = group_failures(Evidence(rows, rng.integers(0, k, n), turned, parts, *flags))
    found = [row for group in groups for row in group.rows.tolist()]
    assert sorted(found) == sorted(rows.tolist())
    assert [group.name for group in groups] == [n for n in REASONS if n in {g.name for g in groups}]
