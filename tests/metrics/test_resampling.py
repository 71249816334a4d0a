import numpy as np
import pytest

from pawlens.metrics._resampling import Units, resampled_sums, resampled_weights


def test_resampled_sums_have_the_mean_and_spread_of_the_photos() -> None:
    values = np.random.default_rng(0).normal(3, 2, (400, 1))
    sums = resampled_sums(values, draws=4000, seed=1)[:, 0]
    assert sums.mean() == pytest.approx(values.sum(), rel=0.01)
    assert sums.std() == pytest.approx(values.std() * np.sqrt(400), rel=0.05)


def test_resampled_sums_do_not_depend_on_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    whole = resampled_sums(values, draws=40, seed=5)
    monkeypatch.setattr("pawlens.metrics._resampling._CELLS", 50 * 7)
    np.testing.assert_allclose(resampled_sums(values, draws=40, seed=5), whole)


def test_weights_have_the_sum_of_the_units() -> None:
    (weights,) = resampled_weights(7, draws=30, seed=0)
    assert weights.shape == (7, 30)
    assert (weights > 0).all()
    np.testing.assert_allclose(weights.sum(axis=0), 7)


def test_groups_are_drawn_whole() -> None:
    groups = np.array([7, 7, 7, -1])
    sums = resampled_sums(np.eye(4), draws=200, seed=0, groups=groups)
    np.testing.assert_allclose(sums[:, 1:3], sums[:, :1].repeat(2, axis=1))
    np.testing.assert_allclose(sums[:, 0] + sums[:, 3], 2)
    assert np.ptp(sums[:, 3]) > 1.5


def test_groups_of_different_sizes_count_as_fewer_equal_ones() -> None:
    groups = np.repeat([3, 5, 9], [4, 4, 1])
    assert Units().count(np.arange(9) < 6) == 6
    assert Units(groups).count(groups < 9) == 2
    assert Units(groups).count(np.ones(9, bool)) == pytest.approx(81 / 33)
    assert Units(groups).count(np.zeros(9, bool)) == 0
