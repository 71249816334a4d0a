from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import assign_folds, assign_label_folds, folds_possible


@st.composite
def labelled_groups(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Labels and groups, every class with two groups at least; some groups have both classes."""
    labels: list[int] = []
    groups: list[int] = []
    for group in range(draw(st.integers(4, 30))):
        size = draw(st.integers(1, 9))
        label = group % 2 if group < 4 else draw(st.integers(0, 2))
        labels += [draw(st.integers(0, 1)) for _ in range(size)] if label == 2 else [label] * size
        groups += [group] * size
    return labels, groups


@given(labelled_groups(), st.integers(2, 6), st.integers(0, 3))
def test_groups_are_whole_and_every_model_has_every_class(
    table: tuple[list[int], list[int]], n_folds: int, seed: int
) -> None:
    labels, groups = (np.array(column) for column in table)
    folds = assign_folds(labels, groups, n_folds=n_folds, seed=seed)
    assert np.array_equal(folds, assign_folds(labels, groups, n_folds=n_folds, seed=seed))
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1
    possible = min(len(set(groups[labels == label].tolist())) for label in (0, 1))
    assert folds_possible(labels, groups)[1] == possible
    assert set(folds.tolist()) == set(range(min(n_folds, possible)))
    for fold in set(folds.tolist()):
        assert set(labels[folds != fold].tolist()) == {0, 1}


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 40)), max_size=20), st.integers(0, 3))
def test_every_fold_has_every_class(drawn: list[tuple[int, int]], seed: int) -> None:
    sizes = [(0, 1), (1, 5), (0, 30), (1, 2), (0, 4), (1, 4), *drawn]
    labels = np.repeat([label for label, _ in sizes], [size for _, size in sizes])
    groups = np.repeat(np.arange(len(sizes)), [size for _, size in sizes])
    folds = assign_folds(labels, groups, n_folds=3, seed=seed)
    for label in (0, 1):
        assert set(folds[labels == label].tolist()) == {0, 1, 2}


def test_folds_are_stratified() -> None:
    labels = np.repeat([0, 1], [50, 20])
    folds = assign_folds(labels, np.arange(70), n_folds=5, seed=0)
    assert np.bincount(folds[labels == 0]).tolist() == [10] * 5
    assert np.bincount(folds[labels == 1]).tolist() == [4] * 5
    assert not np.array_equal(folds, assign_folds(labels, np.arange(70), n_folds=5, seed=1))


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_even_in_each_fold_although_groups_are_large(seed: int) -> None:
    """Six groups of each class in five folds: one fold has two of each, and none one too many."""
    groups = np.repeat(np.arange(12), 8)
    labels = groups % 2
    folds = assign_folds(labels, groups, n_folds=5, seed=seed)
    counts = np.array([np.bincount(labels[folds == fold], minlength=2) for fold in range(5)])
    assert (counts[:, 0] == counts[:, 1]).all()
    assert sorted(counts[:, 0].tolist()) == [8, 8, 8, 8, 16]


def test_groups_of_both_classes_are_dealt_by_their_photos() -> None:
    """Patients with a few or many photos, of which a third show it: shares and sizes are alike."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), rng.integers(4, 30, 60))
    labels = (rng.random(len(groups)) < rng.beta(1, 2, 60)[groups]).astype(np.int64)
    folds = assign_folds(labels, groups, n_folds=5, seed=0)
    shares = np.array([labels[folds == fold].mean() for fold in range(5)])
    sizes = np.bincount(folds) / len(folds)
    assert np.abs(shares - labels.mean()).max() < 0.02
    assert np.abs(sizes - 0.2).max() < 0.02


def test_a_class_needs_two_groups() -> None:
    with pytest.raises(PhotosError, match="fewer than 2 different photos"):
        assign_folds(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 2]), n_folds=2, seed=0)


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(0, 7)), min_size=6, max_size=25),
    st.integers(2, 5),
)
def test_groups_are_whole_with_several_labels(drawn: list[tuple[int, int]], n_folds: int) -> None:
    rows = [(3, number) for number in (0, 7, 0, 7)] + drawn
    groups = np.repeat(np.arange(len(rows)), [size for size, _ in rows])
    targets = np.array([[bool(code >> k & 1) for k in range(3)] for size, code in rows])[groups]
    folds = assign_label_folds(targets, groups, n_folds=n_folds, seed=0)
    for group in set(groups.tolist()):
        assert len(set(folds[groups == group].tolist())) == 1
    for fold in set(folds.tolist()):
        seen = targets[folds != fold]
        assert seen.any(axis=0).all()
        assert not seen.all(axis=0).any()
