from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from pawlens.audit._beliefs import Beliefs, fit_beliefs
from pawlens.audit._labels import find_high_loss, find_label_errors
from pawlens.features._neighbours import nearest
from pawlens.heads import unit_rows
from pawlens.trust import NoiseModel

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def blobs(count: int, classes: int, seed: int = 0) -> tuple[npt.NDArray[np.float32], Ints]:
    rng = np.random.default_rng(seed)
    truth = np.arange(count) % classes
    centres = 4 * rng.standard_normal((classes, 16))
    values = centres[truth] + rng.standard_normal((count, 16))
    return unit_rows(values.astype(np.float32)), truth


def believe(classes: int, share: float) -> tuple[Beliefs, Ints, Flags]:
    values, truth = blobs(600, classes)
    labels = truth.copy()
    wrong = np.zeros(600, bool)
    wrong[np.random.default_rng(1).choice(600, round(share * 600), replace=False)] = True
    others = np.random.default_rng(2).integers(1, classes, np.count_nonzero(wrong))
    labels[wrong] = (labels[wrong] + others) % classes
    rows = np.arange(600)
    beliefs = fit_beliefs(
        values, rows, labels, rows // classes % 5, rows, nearest(values, 32), n_classes=classes
    )
    return beliefs, labels, wrong


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_changed_labels_are_found_and_counted(classes: int, share: float) -> None:
    beliefs, labels, wrong = believe(classes, share)
    names = [f"class {i}" for i in range(classes)]
    found = find_label_errors(beliefs, labels, names)
    assert (found.found == wrong).mean() > 0.99
    assert beliefs.noise == pytest.approx(max(share, 0.005), abs=0.05)
    assert np.allclose(beliefs.proba.sum(axis=1), 1)
    for row, why in found.why.items():
        assert names[labels[row]] in why
        assert found.suggestion[row] == f"relabel:{names[int(beliefs.proba[row].argmax())]}"
    high = find_high_loss(beliefs, labels, names)
    assert (high.found == wrong).mean() > 0.99


def test_photos_without_a_label_or_features_have_no_score() -> None:
    values, truth = blobs(200, 2)
    labels, row, fold = truth.copy(), np.arange(200), np.arange(200) // 2 % 4
    labels[0] = fold[0] = -1
    row[1] = fold[1] = -1
    beliefs = fit_beliefs(
        values, row, labels, fold, np.arange(200), nearest(values, 8), n_classes=2
    )
    assert np.isnan(beliefs.wrong[:2]).all()
    assert np.isfinite(beliefs.wrong[2:]).all()
    assert np.isfinite(beliefs.proba[0]).all()
    assert np.isnan(beliefs.proba[1]).all()


def test_copies_do_not_vote_on_each_other() -> None:
    values, truth = blobs(200, 2)
    values[1] = values[0]  # two copies with the same wrong label
    labels = truth.copy()
    labels[[0, 1]] = 1 - truth[0]
    groups = np.arange(200)
    groups[1] = 0
    fold = np.arange(200) // 2 % 4
    fold[1] = fold[0]
    beliefs = fit_beliefs(
        values, np.arange(200), labels, fold, groups, nearest(values, 8), n_classes=2
    )
    assert (beliefs.wrong[:2] > 0.5).all()


def test_the_probability_of_a_wrong_label_is_bayes() -> None:
    model = NoiseModel(noise=0.1, head=1.0, votes=0.0)
    proba = np.array([[0.2, 0.8], [0.5, 0.5]])
    expected = [0.1 * 0.8 / (0.1 * 0.8 + 0.9 * 0.2), 0.1]
    assert model.wrong(proba, np.array([0, 0])) == pytest.approx(expected)
