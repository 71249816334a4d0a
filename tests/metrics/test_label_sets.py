"""Metrics of several labels, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from pawlens.errors import UsageError
from pawlens.metrics import (
    clopper_pearson,
    co_occurrence,
    evaluate,
    evaluate_labels,
    label_difference,
    label_loss_range,
    label_losses,
)

NAMES = ["cat", "dog", "owl"]


def made_up(n: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    targets = rng.random((n, 3)) < [0.5, 0.4, 0.1]
    proba = 1 / (1 + np.exp(-np.where(targets, 1.5, -1.5) - rng.normal(0, 1.5, (n, 3))))
    return targets, proba.round(2), proba.round(2) >= [0.5, 0.4, 0.6]


def test_values_are_scikit_learns() -> None:
    targets, proba, answers = made_up()
    found = evaluate_labels(targets, proba, answers, NAMES, draws=50)
    expected = {
        "subset_accuracy": sk.accuracy_score(targets, answers),
        "hamming_loss": sk.hamming_loss(targets, answers),
        "macro_f1": sk.f1_score(targets, answers, average="macro"),
        "micro_f1": sk.f1_score(targets, answers, average="micro"),
        "mean_average_precision": sk.average_precision_score(targets, proba),
    }
    for name, value in expected.items():
        assert found.overall[name].value == pytest.approx(value), name
    for k, label in enumerate(NAMES):
        y, p, a = targets[:, k], proba[:, k], answers[:, k]
        one = {name: interval.value for name, interval in found.by_label[label].items()}
        assert one["accuracy"] == pytest.approx(sk.accuracy_score(y, a))
        assert one["precision"] == pytest.approx(sk.precision_score(y, a))
        assert one["recall"] == pytest.approx(sk.recall_score(y, a))
        assert one["f1"] == pytest.approx(sk.f1_score(y, a))
        assert one["average_precision"] == pytest.approx(sk.average_precision_score(y, p))
        assert one["roc_auc"] == pytest.approx(sk.roc_auc_score(y, p))
    mean = np.mean([found.by_label[label]["log_loss"].value for label in NAMES])
    assert found.overall["log_loss"].value == pytest.approx(mean)


def test_intervals_hold_their_values_and_groups_widen_them() -> None:
    targets, proba, answers = made_up()
    alone = evaluate_labels(targets, proba, answers, NAMES)
    twins = np.repeat(np.arange(300), 4)
    grouped = evaluate_labels(targets[twins], proba[twins], answers[twins], NAMES, groups=twins)
    each = [found.overall | found.by_label["owl"] for found in (alone, grouped)]
    for name, one in each[0].items():
        assert one.low <= one.value <= one.high, name
        assert each[1][name].value == pytest.approx(one.value)
        ratio = (each[1][name].high - each[1][name].low) / (one.high - one.low)
        assert ratio == pytest.approx(1, abs=0.15), name


def test_nothing_wrong_is_no_certainty() -> None:
    targets, _, _ = made_up()
    found = evaluate_labels(targets, np.where(targets, 0.99, 0.01), targets, NAMES, draws=50)
    owl = found.by_label["owl"]
    assert owl["recall"].value == 1
    assert 0.8 < owl["recall"].low < owl["f1"].low < owl["accuracy"].low < 1
    assert found.overall["hamming_loss"].high > 0
    assert found.overall["macro_f1"].low < found.overall["micro_f1"].low < 1


def test_copies_of_photos_add_no_certainty_where_nothing_is_wrong() -> None:
    targets, _, _ = made_up()
    proba, twins = np.where(targets, 0.99, 0.01), np.repeat(np.arange(300), 4)
    alone = evaluate_labels(targets, proba, targets, NAMES, draws=50)
    grouped = evaluate_labels(
        targets[twins], proba[twins], targets[twins], NAMES, draws=50, groups=twins
    )
    for name in ("subset_accuracy", "hamming_loss", "macro_f1", "micro_f1"):
        assert grouped.overall[name] == alone.overall[name], name
    for name in ("accuracy", "precision", "recall", "f1"):
        assert grouped.by_label["owl"][name] == alone.by_label["owl"][name], name
    carried = int(targets[:, 2].sum())
    assert alone.by_label["owl"]["recall"].low == pytest.approx(
        float(clopper_pearson(carried, carried)[0]), abs=0.01
    )


def test_a_label_on_no_photo_has_few_metrics() -> None:
    targets, proba, answers = made_up()
    targets[:, 2] = answers[:, 2] = False
    found = evaluate_labels(targets, proba, answers, NAMES, draws=50)
    assert set(found.by_label["owl"]) == {"accuracy", "log_loss", "brier", "calibration_error"}
    assert 0 < found.overall["macro_f1"].value < 1


def test_intervals_of_a_label_are_those_of_two_classes_with_the_same_seed() -> None:
    targets, proba, answers = made_up()
    first, again, other = (
        evaluate_labels(targets, proba, answers, NAMES, draws=60, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    two = evaluate(
        targets[:, 2].astype(np.int64),
        np.column_stack([1 - proba[:, 2], proba[:, 2]]),
        ["without", "with"],
        draws=60,
        seed=1,
    )
    assert other.by_label["owl"]["log_loss"] == two["log_loss"]
    assert other.by_label["owl"]["log_loss"] != first.by_label["owl"]["log_loss"]


def test_no_label_on_any_photo_leaves_what_has_a_meaning() -> None:
    targets, proba, _ = made_up()
    nothing = np.zeros_like(targets)
    found = evaluate_labels(nothing, proba, nothing, NAMES, draws=20).overall
    assert set(found) == {"log_loss", "subset_accuracy", "hamming_loss"}
    assert found["subset_accuracy"].value == 1


def test_the_mean_over_labels_is_no_surer_than_its_draws_and_its_labels() -> None:
    """Labels that are right and wrong together do not make their mean surer than one of them."""
    targets = np.repeat(np.random.default_rng(1).random((200, 1)) < 0.5, 3, axis=1)
    wrong = np.repeat(np.random.default_rng(2).random((200, 1)) < 0.3, 3, axis=1)
    proba, answers = np.where(targets ^ wrong, 0.8, 0.2), targets ^ wrong
    found = evaluate_labels(targets, proba, answers, NAMES, draws=500)
    one = found.by_label["cat"]["f1"]
    macro = found.overall["macro_f1"]
    assert macro.value == pytest.approx(one.value)
    assert macro.high - macro.low == pytest.approx(one.high - one.low, rel=0.1)
    pot = found.overall["micro_f1"]
    assert pot.high - pot.low == pytest.approx(one.high - one.low, rel=0.25)


def test_average_precision_varies_with_the_photos_that_are_drawn() -> None:
    """Its interval is that of scikit-learn's figure on bootstrap samples."""
    targets, proba, answers = made_up()
    found = evaluate_labels(targets, proba, answers, NAMES, draws=1000)
    drawn = []
    rng = np.random.default_rng(5)
    for _ in range(400):
        rows = rng.integers(0, 300, 300)
        drawn.append(sk.average_precision_score(targets[rows, 0], proba[rows, 0]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    interval = found.by_label["cat"]["average_precision"]
    assert interval.low == pytest.approx(low, abs=0.02)
    assert interval.high == pytest.approx(high, abs=0.02)


def test_the_loss_of_a_label_stays_finite_and_has_its_range() -> None:
    targets = np.array([[True, False]])
    proba = np.array([[0.0, 1.0]])
    assert np.isfinite(label_losses(targets, proba)).all()
    best, worst = label_loss_range(np.array([[0.5, 0.9]]))
    assert best == pytest.approx((-np.log(0.5) - np.log(0.9)) / 2)
    assert worst == pytest.approx((-np.log(0.5) - np.log(0.1)) / 2)


def test_who_occurs_with_whom() -> None:
    targets = np.array([[1, 1], [1, 0], [0, 0]], bool)
    answers = np.array([[1, 0], [1, 0], [0, 1]], bool)
    assert co_occurrence(targets, answers).tolist() == [[2, 0, 0], [1, 0, 0], [0, 1, 0]]


def test_shapes_must_fit() -> None:
    targets, proba, answers = made_up()
    with pytest.raises(UsageError, match=r"must all have shape \(300, 3\)"):
        evaluate_labels(targets, proba[:, :2], answers, NAMES)


def test_a_difference_of_labels_is_paired_and_never_a_point() -> None:
    targets, proba, _ = made_up()
    worse = np.clip(proba + np.where(targets, -0.05, 0.05), 0.001, 0.999)
    found = label_difference(targets, worse, proba)
    gain = (label_losses(targets, worse) - label_losses(targets, proba)).mean()
    assert found.value == pytest.approx(gain)
    assert 0 < found.low < found.value < found.high
    back = label_difference(targets, proba, worse)
    assert (back.low, back.high) == pytest.approx((-found.high, -found.low), rel=0.1)
    same = label_difference(targets, proba, proba)
    assert same.low < 0 == same.value < same.high
