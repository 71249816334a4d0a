"""Metrics as parts: a mean, a function of sums, a plain function, and those of other packages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pawlens.errors import PluginError
from pawlens.metrics import (
    METRICS,
    Answers,
    Floats,
    Interval,
    Ints,
    MeanMetric,
    SumMetric,
    accept_metric,
    evaluate,
    metric_words,
    sorted_metrics,
)
from pawlens.metrics._metric import FunctionMetric
from pawlens.testing import check_metric

CODE = """
from pawlens.plugins import MeanMetric, SumMetric

class Sure(MeanMetric):
    title, meaning, share, least, most = "Surety", "How sure.", True, 0.0, 1.0

    def values(self, answers):
        return answers.confidence

class Short(SumMetric):
    title = "Short"

    def columns(self, answers):
        return [[1.0]]

    def of_sums(self, sums, answers):
        return sums[:, 0]

def fails(y, proba):
    raise KeyError("weights")
"""


def drawn(n: int, k: int, *, groups: int | None = None) -> Answers:
    """Calibrated answers; they print their seed with the failing assertion, as n and k are it."""
    rng = np.random.default_rng(n + k)
    proba = rng.dirichlet(np.ones(k), n)
    y = (proba.cumsum(axis=1) > rng.random((n, 1))).argmax(axis=1)
    together = None if groups is None else rng.integers(groups, size=n)
    return Answers(y, proba, draws=400, groups=together)


def names(k: int) -> list[str]:
    return [f"class {i}" for i in range(k)]


class Sureness(MeanMetric):
    """Mean confidence."""

    title = "Sureness"
    least, most = 0.0, 1.0

    def values(self, answers: Answers) -> Floats:
        return answers.confidence


def test_built_in_metrics_come_in_the_order_in_which_they_were_always_told() -> None:
    found = evaluate(*_arrays(drawn(50, 3)), names(3), draws=20)
    assert list(found) == [
        *("log_loss", "accuracy", "balanced_accuracy", "brier", "calibration_error", "roc_auc")
    ]


def test_each_metric_alone_measures_what_all_together_do() -> None:
    for answers in (drawn(200, 2), drawn(200, 4, groups=50), drawn(4, 2)):
        together = evaluate(
            *_arrays(answers), names(answers.proba.shape[1]), draws=400, groups=answers.groups
        )
        for name, metric in zip(METRICS.names(), METRICS, strict=True):
            assert metric.measure(answers) == together.get(name), name


def test_only_what_is_asked_for_is_measured() -> None:
    found = evaluate(*_arrays(drawn(50, 2)), names(2), metrics=["brier", "accuracy"], draws=20)
    assert list(found) == ["brier", "accuracy"]


def test_a_function_has_the_interval_of_the_same_mean() -> None:
    for answers in (drawn(300, 3), drawn(300, 3, groups=40)):
        mean = Sureness().measure(answers)
        function = FunctionMetric(
            lambda y, proba: proba.max(axis=1).mean(), title="Sureness", least=0.0, most=1.0
        )
        found = function.measure(answers)
        assert mean is not None
        assert found is not None
        for one, other in zip(_ends(found), _ends(mean), strict=True):
            assert one == pytest.approx(other, abs=0.02)


def test_groups_are_drawn_together() -> None:
    answers = drawn(60, 2, groups=9)
    assert answers.groups is not None
    sizes = np.bincount(answers.groups, minlength=9)
    for rows in list(answers.samples())[:20]:
        times = np.bincount(rows, minlength=60)
        for group in np.unique(answers.groups):
            assert len(set(times[answers.groups == group])) == 1
        drawn_groups = np.bincount(answers.groups[rows], minlength=9)
        assert (drawn_groups % np.maximum(sizes, 1) == 0).all()


def test_few_photos_are_no_point_where_the_range_is_known() -> None:
    three = Answers(np.array([0, 1, 1]), np.array([[0.75, 0.25]] * 3))
    found = Sureness().measure(three)
    assert found is not None
    assert found.low < found.value < found.high
    known = FunctionMetric(lambda y, proba: 0.75, title="Fixed", least=0.5, most=1.0)
    bounded = known.measure(three)
    assert bounded is not None
    assert 0.5 < bounded.low < 0.75 < bounded.high < 1.0
    unknown = FunctionMetric(lambda y, proba: 0.75, title="Fixed").measure(three)
    assert unknown == Interval(0.75, 0.75, 0.75)


def test_draws_without_a_meaning_are_left_out() -> None:
    """Recall of a rare class: in many draws there is no photo of it."""

    def recall(y: Ints, proba: Floats) -> float:
        mine = y == 1
        return float((proba.argmax(axis=1) == 1)[mine].mean()) if mine.any() else float("nan")

    y = np.zeros(40, np.int64)
    y[:2] = 1
    proba = np.tile([0.8, 0.2], (40, 1))
    proba[0] = 0.1, 0.9
    found = FunctionMetric(recall, title="Recall", least=0.0, most=1.0).measure(Answers(y, proba))
    assert found is not None
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    of_none = Answers(np.zeros(5, np.int64), np.full((5, 2), 0.5))
    assert FunctionMetric(recall, title="Recall").measure(of_none) is None


def test_infinite_draws_are_left_out() -> None:
    def rare(y: Ints, proba: Floats) -> float:
        return float(1 / y.mean()) if y.any() else float("inf")

    y = np.zeros(40, np.int64)
    y[:2] = 1
    found = FunctionMetric(rare, title="Rare").measure(Answers(y, np.full((40, 2), 0.5)))
    assert found is not None
    assert found.value == 20
    assert np.isfinite(found.high)


def test_the_calibration_error_is_freed_of_what_noise_adds() -> None:
    answers = drawn(200, 2)
    found = METRICS.get("calibration_error").measure(answers)
    assert found is not None
    middle = (found.low + found.high) / 2
    assert middle == pytest.approx(found.value, abs=0.15 * (found.high - found.low))


def test_metrics_of_packages_stand_after_the_others(
    install_package: Callable[..., None],
) -> None:
    arrays = _arrays(drawn(80, 3))
    alone = evaluate(*arrays, names(3), draws=100)
    install_package(CODE, "pawlens.metrics", sure="Sure")
    found = evaluate(*arrays, names(3), draws=100)
    assert list(found) == [*alone, "sure"]
    assert {name: found[name] for name in alone} == alone
    assert found["sure"].value == pytest.approx(arrays[1].max(axis=1).mean())
    about = metric_words("sure")
    assert (about.title, about.meaning, about.share) == ("Surety", "How sure.", True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("fails", r"failed \(KeyError: 'weights'\)"),
        ("Short", r"failed \(ValueError: columns\(\) has 1 rows, not 30"),
        ("nothing", r"cannot be used \(AttributeError"),
    ],
)
def test_a_metric_that_fails_is_told_with_its_package(
    install_package: Callable[..., None], value: str, reason: str
) -> None:
    install_package(CODE, "pawlens.metrics", worse=value)
    with pytest.raises(PluginError, match=rf"acme 2\.0: its metric 'worse' .*{reason}") as caught:
        evaluate(*_arrays(drawn(30, 2)), names(2), draws=20)
    assert "\n" not in str(caught.value)


def test_what_is_no_metric_is_refused() -> None:
    with pytest.raises(TypeError, match="is no pawlens"):
        accept_metric("three", 3)
    with pytest.raises(TypeError, match="is no pawlens"):
        accept_metric("text", str)
    with pytest.raises(ValueError, match="small letters"):
        accept_metric("F 1", Sureness)
    untitled = type("Untitled", (MeanMetric,), {"values": Sureness.values})
    with pytest.raises(TypeError, match="no title"):
        accept_metric("untitled", untitled)


def test_a_function_is_called_by_its_name_and_explained_by_its_docstring() -> None:
    def surest(y: Ints, proba: Floats) -> float:
        """The largest probability.

        Of all photos.
        """
        return float(proba.max())

    metric = accept_metric("surest_of_all", surest)
    assert (metric.title, metric.meaning) == ("Surest of all", "The largest probability.")


def test_people_read_accuracies_first() -> None:
    assert sorted_metrics(["log_loss", "brier", "accuracy", "sure", "balanced_accuracy"]) == [
        *("accuracy", "balanced_accuracy", "log_loss", "brier", "sure")
    ]


class Wrong(SumMetric):
    """Divides by the labels of all photos, not by those of the sample."""

    title = "Wrong"

    def columns(self, answers: Answers) -> Floats:
        return answers.confidence[:, None]

    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        return np.asarray(sums[:, 0] / answers.y.sum())


class Overfull(Sureness):
    """Leaves the range that it says."""

    most = 0.5


class Meddler(Sureness):
    """Changes the probabilities."""

    def values(self, answers: Answers) -> Floats:
        answers.proba[:] = 1 / answers.proba.shape[1]
        return answers.confidence


def ordered(y: Ints, proba: Floats) -> float:
    """The first photo alone."""
    return float(proba[0, 0])


def endless(y: Ints, proba: Floats) -> float:
    """Not a finite number."""
    return float("inf")


def never(y: Ints, proba: Floats) -> float:
    """No meaning, whatever the answers."""
    return float("nan")


@pytest.mark.parametrize(
    ("metric", "sentence"),
    [
        (Overfull, "is not within 0.0 to 0.5"),
        (Meddler, "changes the labels or probabilities"),
        (ordered, "depends on the order"),
        (endless, "no finite number"),
        (never, "has no meaning for any"),
        (3, "is no pawlens"),
    ],
)
def test_an_unsound_metric_is_told_what_is_wrong(metric: object, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_metric(metric)


def test_sums_must_give_what_the_photos_give() -> None:
    with pytest.raises(AssertionError, match=r"of_sums\(\) gives"):
        check_metric(Wrong)
    check_metric(Sureness)
    with pytest.raises(AssertionError, match="pawlens itself has a metric"):
        check_metric(Sureness, name="brier")


def _arrays(answers: Answers) -> tuple[Ints, Floats]:
    return answers.y, answers.proba


def _ends(one: Interval) -> tuple[float, float, float]:
    return one.value, one.low, one.high
