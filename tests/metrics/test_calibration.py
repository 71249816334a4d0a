import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pawlens.errors import UsageError
from pawlens.metrics import (
    apply_clip,
    apply_temperature,
    calibrate_out_of_fold,
    choose_clip,
    clip_sweep,
    fit_temperature,
    photo_losses,
)
from pawlens.metrics._interval import Floats, Ints


def planted(n: int, k: int, temperature: float, seed: int = 0) -> tuple[Ints, Floats]:
    """Labels drawn from softmax(z), and the logits z times `temperature`."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, k))
    proba = apply_temperature(logits, 1.0)
    y = (proba.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    return y, logits * temperature


@pytest.mark.parametrize("k", [2, 7])
@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
def test_a_planted_temperature_is_recovered(k: int, temperature: float) -> None:
    assert fit_temperature(*planted(20_000, k, temperature)) == pytest.approx(temperature, rel=0.05)


def test_the_temperature_minimises_log_loss() -> None:
    y, logits = planted(5000, 3, 2.5)
    found = fit_temperature(y, logits)
    losses = [
        photo_losses(y, apply_temperature(logits, found * factor)).mean()
        for factor in (0.97, 1.0, 1.03)
    ]
    assert losses[1] == min(losses)


def test_logits_without_an_error_do_not_become_certain() -> None:
    y = np.arange(30) % 2
    logits = 10 * np.eye(2)[y]
    temperature = fit_temperature(y, logits)
    # One more photo, of unknown class, would have an even chance to be wrong.
    assert apply_temperature(logits, temperature)[0, 0] == pytest.approx(1 - 0.5 / 31, abs=1e-3)


def test_the_temperature_of_extreme_logits_is_finite() -> None:
    y = np.arange(10) % 2
    assert 0.05 <= fit_temperature(y, 1e6 * np.eye(2)[y]) <= 20.001
    assert 0.05 <= fit_temperature(y, -1e6 * np.eye(2)[y]) <= 20.001
    assert 0.049 <= fit_temperature(y, 1e-6 * np.eye(2)[y]) <= 20


finite = st.floats(-1e4, 1e4)


@given(arrays(np.float64, (5, 4), elements=finite), st.floats(0.05, 20))
def test_rows_sum_to_one(logits: Floats, temperature: float) -> None:
    proba = apply_temperature(logits, temperature)
    assert proba.dtype == np.float64
    assert (proba >= 0).all()
    np.testing.assert_allclose(proba.sum(axis=1), 1)


def test_float32_logits_give_float64_probabilities() -> None:
    assert apply_temperature(np.zeros((2, 2), np.float32), 1.0).dtype == np.float64


@given(arrays(np.float64, (5, 4), elements=finite), st.floats(0, 0.24))
def test_clipped_rows_keep_their_bounds_and_order(logits: Floats, clip: float) -> None:
    proba = apply_temperature(logits, 1.0)
    clipped = apply_clip(proba, clip)
    np.testing.assert_allclose(clipped.sum(axis=1), 1)
    assert clipped.max() <= 1 - clip + 1e-12
    assert clipped.min() >= clip / (1 + 4 * clip) - 1e-12
    order = np.argsort(proba, axis=1, kind="stable")
    assert (np.diff(np.take_along_axis(clipped, order, axis=1)) >= -1e-15).all()


def test_two_classes_are_clipped_exactly() -> None:
    clipped = apply_clip(np.array([[1.0, 0.0], [0.3, 0.7]]), 0.005)
    np.testing.assert_allclose(clipped, [[0.995, 0.005], [0.3, 0.7]])


@pytest.mark.parametrize("clip", [-0.1, 0.5, 0.7])
def test_a_clip_out_of_range_is_refused(clip: float) -> None:
    with pytest.raises(UsageError, match=r"below 0\.5"):
        apply_clip(np.full((1, 2), 0.5), clip)


def test_the_sweep_picks_its_minimum() -> None:
    y = np.zeros(1000, np.int64)
    proba = np.tile([1.0, 0.0], (1000, 1))
    proba[:10] = [0.0, 1.0]  # 1 % wrong, all of them certain: the best clip is 1 %
    rows = clip_sweep(y, proba)
    best = min(rows, key=lambda row: row["log_loss"])
    assert choose_clip(y, proba) == best["clip"] == 0.01
    assert next(row["clip"] for row in rows) == 0.0
    assert choose_clip(y, np.tile([1.0, 0.0], (1000, 1))) == 0.0


def test_the_sweep_leaves_out_what_many_classes_do_not_allow() -> None:
    rows = clip_sweep(np.zeros(1, np.int64), np.full((1, 40), 1 / 40))
    assert max(row["clip"] for row in rows) == 0.02


def test_no_fold_calibrates_itself() -> None:
    y, logits = planted(4000, 2, 1.0)
    fold = np.arange(4000) % 4
    logits[fold == 3] *= 8  # one wild fold
    found = calibrate_out_of_fold(y, logits, fold, clip=0.0)
    calm = fit_temperature(y[fold != 3], logits[fold != 3])
    np.testing.assert_allclose(
        found.proba[fold == 3], apply_temperature(logits[fold == 3], calm), atol=1e-12
    )
    assert calm == pytest.approx(1, rel=0.1)
    assert found.temperature == pytest.approx(fit_temperature(y, logits))
    assert found.temperature > 1.2


def test_own_labels_do_not_change_own_probabilities() -> None:
    y, logits = planted(300, 3, 2.0)
    fold = np.arange(300) % 3
    before = calibrate_out_of_fold(y, logits, fold, clip="auto")
    flipped = np.where(fold == 1, (y + 1) % 3, y)
    after = calibrate_out_of_fold(flipped, logits, fold, clip="auto")
    np.testing.assert_array_equal(before.proba[fold == 1], after.proba[fold == 1])
    assert not np.array_equal(before.proba[fold == 0], after.proba[fold == 0])


def test_calibration_by_sweep_or_as_given() -> None:
    y, logits = planted(500, 2, 3.0)
    logits[:20] = 400 * np.eye(2)[1 - y[:20]]  # certain and wrong
    fold = np.arange(500) % 5
    found = calibrate_out_of_fold(y, logits, fold, clip="auto")
    assert found.clip == min(found.sweep, key=lambda row: row["log_loss"])["clip"] > 0
    given = calibrate_out_of_fold(y, logits, fold, clip=0.004)
    assert given.clip == 0.004
    assert given.proba.min() >= 0.004 - 1e-12
    assert 0.004 in [row["clip"] for row in given.sweep]


def test_one_fold_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 2 folds"):
        calibrate_out_of_fold(np.zeros(3, int), np.zeros((3, 2)), np.zeros(3, int), clip=0)
