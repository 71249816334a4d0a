import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.metrics import Interval, PlaceEstimate, estimate_place, is_cat_or_dog
from pawlens.metrics._leaderboard import ENTRIES, PLACES, PUBLISHED


def place(loss: float) -> PlaceEstimate:
    found = estimate_place(["cat", "dog"], {"log_loss": Interval(loss, loss, loss)})
    assert found is not None
    return found


def test_no_place_where_nothing_was_published() -> None:
    assert estimate_place(["cat", "dog"], {"log_loss": Interval(0.4, 0.3, 0.5)}) is None
    assert estimate_place(["cat", "owl"], {"log_loss": Interval(0.02, 0.01, 0.03)}) is None
    assert estimate_place(["cat", "dog"], {}) is None


def test_every_published_system_lies_in_its_own_range() -> None:
    for one in PUBLISHED:
        estimate = place(one.validation)
        assert estimate.low - 1e-9 <= one.leaderboard <= estimate.high + 1e-9


def test_places_follow_the_leaderboard() -> None:
    assert list(PLACES) == sorted(PLACES)
    assert list(PLACES.values()) == sorted(PLACES.values())
    searched = place(0.01112)
    assert searched.best_place <= 13 <= searched.worst_place


@given(st.floats(0, 0.09), st.floats(0, 0.09))
def test_a_smaller_loss_never_stands_lower(a: float, b: float) -> None:
    better, worse = (place(loss) for loss in sorted((a, b)))
    assert better.best_place <= worse.best_place
    assert better.worst_place <= worse.worst_place
    for one in (better, worse):
        assert one.low <= one.log_loss <= one.high
        assert 1 <= one.best_place <= one.worst_place <= ENTRIES


@pytest.mark.parametrize(
    ("classes", "expected"),
    [
        (["cat", "dog"], True),
        (["Dogs", "Cats"], True),
        (["狗", "猫"], True),
        (["cat", "horse"], False),
        (["cat", "cats"], False),
        (["cat", "dog", "dogs"], False),
    ],
)
def test_cat_or_dog_under_usual_names(classes: list[str], expected: bool) -> None:
    assert is_cat_or_dog(classes) is expected
