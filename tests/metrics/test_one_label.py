import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from pawlens.errors import UsageError
from pawlens.metrics import (
    class_accuracy,
    confusion,
    confusion_shares,
    evaluate,
    mean_interval,
    paired_difference,
)
from pawlens.metrics._built_in import CALIBRATION_BINS
from pawlens.metrics._interval import Floats, Ints


def drawn(n: int, k: int, seed: int = 0, sharpness: float = 2.0) -> tuple[Ints, Floats]:
    """Calibrated probabilities, and labels drawn from them."""
    rng = np.random.default_rng(seed)
    powers = np.exp(sharpness * rng.normal(size=(n, k)))
    proba = powers / powers.sum(axis=1, keepdims=True)
    return (proba.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1), proba


def names(k: int) -> list[str]:
    return [f"class {i}" for i in range(k)]


@pytest.mark.parametrize("k", [2, 5])
def test_values_equal_those_of_scikit_learn(k: int) -> None:
    y, proba = drawn(600, k)
    proba = proba.round(2)  # ties
    proba[:, 0] += 1 - proba.sum(axis=1)
    proba = np.abs(proba) / np.abs(proba).sum(axis=1, keepdims=True)
    answer = proba.argmax(axis=1)
    of_last = proba[:, 1] if k == 2 else proba
    expected = {
        "log_loss": sk.log_loss(y, proba, labels=range(k)),
        "accuracy": sk.accuracy_score(y, answer),
        "balanced_accuracy": sk.balanced_accuracy_score(y, answer),
        "brier": np.mean((np.eye(k)[y] - proba) ** 2) * (k if k > 2 else 1),
        "roc_auc": sk.roc_auc_score(y, of_last, multi_class="ovr", average="macro"),
    }
    found = evaluate(y, proba, names(k), draws=50)
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-12), name


def test_binary_brier_equals_scikit_learn() -> None:
    y, proba = drawn(300, 2)
    expected = sk.brier_score_loss(y, proba[:, 1])
    assert evaluate(y, proba, names(2), draws=50)["brier"].value == pytest.approx(expected)


def test_log_loss_of_certain_answers_equals_scikit_learn() -> None:
    proba = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    y = np.array([0, 1, 1])
    expected = sk.log_loss(y, proba)
    assert evaluate(y, proba, names(2), draws=50)["log_loss"].value == pytest.approx(expected)


def test_calibration_error_follows_its_definition() -> None:
    y, proba = drawn(750, 3)
    proba = proba**2 / (proba**2).sum(axis=1, keepdims=True)  # overconfident
    right, confidence = proba.argmax(axis=1) == y, proba.max(axis=1)
    bins = np.array_split(np.argsort(confidence), CALIBRATION_BINS)
    gaps = [abs(right[b].mean() - confidence[b].mean()) * len(b) for b in bins]
    found = evaluate(y, proba, names(3), draws=200)["calibration_error"]
    assert found.value == pytest.approx(sum(gaps) / 750, abs=2e-3)
    assert found.low < found.value < found.high


def test_every_interval_holds_its_value() -> None:
    for k in (2, 4):
        for one in evaluate(*drawn(500, k), names(k), draws=300).values():
            assert one.low <= one.value <= one.high


def test_auc_interval_is_the_plain_bootstraps_and_a_little_more() -> None:
    y, proba = drawn(400, 2)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(600):
        rows = rng.integers(400, size=400)
        draws.append(sk.roc_auc_score(y[rows], proba[rows, 1]))
    low, high = np.quantile(draws, (0.025, 0.975))
    found = evaluate(y, proba, names(2), draws=2000)["roc_auc"]
    assert low - 0.012 < found.low < low + 0.002
    assert high - 0.002 < found.high < high + 0.012


def test_duplicates_widen_the_interval_when_grouped() -> None:
    y, proba = drawn(300, 2)
    y4, proba4, groups = np.tile(y, 4), np.tile(proba, (4, 1)), np.tile(np.arange(300), 4)
    alone = evaluate(y4, proba4, names(2))["log_loss"]
    grouped = evaluate(y4, proba4, names(2), groups=groups)["log_loss"]
    assert grouped.value == pytest.approx(alone.value)
    ratio = (grouped.high - grouped.low) / (alone.high - alone.low)
    assert ratio == pytest.approx(2.0, rel=0.15)  # a quarter of the evidence


def test_duplicates_widen_the_interval_of_a_difference_when_grouped() -> None:
    y, proba = drawn(300, 2)
    other = np.where(np.arange(300)[:, None] % 5, proba, proba[:, ::-1])
    y4, groups = np.tile(y, 4), np.tile(np.arange(300), 4)
    pair = np.tile(proba, (4, 1)), np.tile(other, (4, 1))
    for metric in ("log_loss", "accuracy"):
        alone = paired_difference(y4, *pair, metric=metric)
        grouped = paired_difference(y4, *pair, metric=metric, groups=groups)
        assert grouped.value == pytest.approx(alone.value)
        ratio = (grouped.high - grouped.low) / (alone.high - alone.low)
        assert ratio == pytest.approx(2.0, rel=0.15)  # a quarter of the evidence


def test_without_an_error_accuracy_still_has_an_interval() -> None:
    y = np.arange(40) % 2
    proba = np.eye(2)[y] * 0.8 + 0.1
    found = evaluate(y, proba, names(2), draws=50)
    assert found["accuracy"].high == 1
    assert found["accuracy"].low == pytest.approx(0.912, abs=0.001)  # Wilson, 40 of 40
    balanced = found["balanced_accuracy"]
    assert (balanced.value, balanced.high) == (1, 1)
    assert 0.8 < balanced.low < 0.95  # 20 photos of each class
    grouped = evaluate(y, proba, names(2), draws=50, groups=np.arange(40) // 4)
    for name in ("accuracy", "balanced_accuracy"):
        assert grouped[name].low < found[name].low


def test_a_class_without_photos_is_no_obstacle() -> None:
    y, proba = drawn(200, 4)
    keep = y != 2
    found = evaluate(y[keep], proba[keep], names(4), draws=50)
    recalls = [sk.recall_score(y[keep] == c, proba[keep].argmax(axis=1) == c) for c in (0, 1, 3)]
    assert found["balanced_accuracy"].value == pytest.approx(np.mean(recalls))
    assert list(class_accuracy(y[keep], proba[keep], names(4))) == ["class 0", "class 1", "class 3"]


def test_roc_auc_of_one_class_is_left_out() -> None:
    found = evaluate(np.zeros(5, np.int64), np.full((5, 2), 0.5), names(2), draws=20)
    assert "roc_auc" not in found
    assert found["log_loss"].value == pytest.approx(np.log(2))


def test_same_seed_same_intervals() -> None:
    y, proba = drawn(200, 3)
    assert evaluate(y, proba, names(3), seed=4) == evaluate(y, proba, names(3), seed=4)
    assert evaluate(y, proba, names(3), seed=4) != evaluate(y, proba, names(3), seed=5)


def test_pairing_finds_what_separate_intervals_hide() -> None:
    y, a = drawn(2000, 2)
    b = 0.9 * a + 0.05
    separate = [evaluate(y, proba, names(2))["log_loss"] for proba in (a, b)]
    assert separate[0].high > separate[1].low
    paired = paired_difference(y, a, b)
    assert paired.value == pytest.approx(separate[0].value - separate[1].value)
    assert paired.high < 0  # A is better, and surely so


def test_paired_accuracy() -> None:
    y = np.zeros(10, np.int64)
    a = np.tile([0.9, 0.1], (10, 1))
    b = a.copy()
    b[:3] = [0.2, 0.8]
    found = paired_difference(y, a, b, metric="accuracy")
    assert found.value == pytest.approx(0.3)
    assert -0.2 < found.low < 0 < 0.3 < found.high <= 1
    assert paired_difference(y, a, a).value == 0


def test_a_mean_has_an_interval() -> None:
    one_photo = found = mean_interval(np.array([0.0, 1.0] * 50), least=0.0, most=1.0)
    assert found.value == 0.5
    assert 0.35 < found.low < 0.5 < found.high < 0.65
    halves = mean_interval(
        np.array([0.0, 1.0] * 50), least=0.0, most=1.0, groups=np.arange(100) // 50
    )
    assert halves.value == 0.5
    assert halves.low < one_photo.low < one_photo.high < halves.high  # two groups say little


def test_confusion_equals_scikit_learn() -> None:
    y, proba = drawn(300, 4)
    counts = confusion(y, proba)
    np.testing.assert_array_equal(counts, sk.confusion_matrix(y, proba.argmax(axis=1)))
    assert counts.dtype == np.int64


def test_confusion_shares_have_an_interval_in_every_cell() -> None:
    counts = np.array([[28, 0, 2], [0, 0, 0], [5, 5, 10]])
    y, answer = (np.repeat(axis.ravel(), counts.ravel()) for axis in np.indices((3, 3)))
    shares = confusion_shares(y, np.eye(3)[answer])
    np.testing.assert_allclose(shares.value[[0, 2]].sum(axis=1), 1)
    assert shares.low[0, 1] == 0
    assert shares.high[0, 1] == pytest.approx(0.1157, abs=1e-3)
    np.testing.assert_array_equal(shares.high[1], 1)  # nothing seen, nothing known
    twice = confusion_shares(
        np.repeat(y, 2), np.eye(3)[np.repeat(answer, 2)], groups=np.repeat(np.arange(len(y)), 2)
    )
    np.testing.assert_allclose(twice.high, shares.high)
    recall = class_accuracy(y, np.eye(3)[answer], names(3), groups=np.arange(len(y)) // 5)
    assert recall["class 0"].high > shares.high[0, 0]


@pytest.mark.parametrize(
    ("y", "proba", "said"),
    [
        ([0, 1], [[0.5, 0.5]], "shape"),
        ([], np.empty((0, 2)), "at least one photo"),
        ([0, 2], [[0.5, 0.5]] * 2, "0..1"),
        ([0, 1], [[0.5, 0.6]] * 2, "sum to 1"),
        ([0, 1], [[np.nan, 0.5]] * 2, "sum to 1"),
        ([0, 1], [[1.5, -0.5]] * 2, "sum to 1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(y: list[int], proba: Floats, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        evaluate(np.array(y, np.int64), np.array(proba), names(2))


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(2, 6), st.integers(0, 1000))
def test_metrics_stay_in_their_bounds(n: int, k: int, seed: int) -> None:
    found = evaluate(*drawn(n, k, seed), names(k), draws=30)
    for name, one in found.items():
        assert 0 <= one.low <= one.high, name
        if name != "log_loss":
            assert one.high <= 2 if name == "brier" else one.high <= 1


def test_memory_and_time_stay_small() -> None:
    y, proba = drawn(88_000, 2)
    tracemalloc.start()
    start = time.process_time()
    evaluate(y, proba, names(2), draws=60)
    spent = time.process_time() - start
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6
    assert spent < 5
