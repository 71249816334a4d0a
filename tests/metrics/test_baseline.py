import numpy as np
import pytest

from pawlens.metrics import Baseline

CATS = [("cat",)] * 6 + [("dog",)] * 2


def test_the_commonest_class_and_the_entropy_of_the_shares() -> None:
    found = Baseline.of(CATS, ["cat", "dog"])
    assert (found.answer, found.right) == ("cat", 0.75)
    assert found.log_loss == pytest.approx(-0.75 * np.log(0.75) - 0.25 * np.log(0.25))
    assert found.in_words() == "always cat: 75.0 %"


def test_what_is_commonest_is_learnt_elsewhere() -> None:
    found = Baseline.of([("cat",), ("dog",), ("dog",), ("dog",)], ["cat", "dog"], learnt=CATS)
    assert (found.answer, found.right) == ("cat", 0.25)
    assert found.log_loss == pytest.approx(-0.25 * np.log(0.75) - 0.75 * np.log(0.25))


def test_a_class_that_did_not_train_has_a_finite_loss() -> None:
    found = Baseline.of([("owl",)], ["cat", "dog", "owl"], learnt=CATS)
    assert found.right == 0
    assert found.log_loss == pytest.approx(-np.log(1 / 9 / (1 + 1 / 9)))


def test_of_several_labels_the_commonest_set_counts() -> None:
    rows = [("cat", "dog"), ("cat", "dog"), ("cat",), ()]
    found = Baseline.of(rows, ["cat", "dog"], several=True)
    assert (found.answer, found.right) == ("cat and dog", 0.5)
    cat = -0.75 * np.log(0.75) - 0.25 * np.log(0.25)
    assert found.log_loss == pytest.approx((cat + np.log(2)) / 2)
    assert Baseline.of([(), (), ("dog",)], ["cat", "dog"], several=True).answer == "none"


def test_of_equally_common_classes_it_is_always_the_same() -> None:
    rows = [("dog",), ("cat",)]
    assert Baseline.of(rows, ["cat", "dog"]) == Baseline.of(rows[::-1], ["cat", "dog"])
