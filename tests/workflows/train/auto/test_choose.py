"""The choice of backbones, on drawn features and under a clock of its own."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from pawlens.base import Progress
from pawlens.errors import BackboneError
from pawlens.features import FeatureMatrix
from pawlens.workflows.train.auto import Candidate, Chooser, Deadline
from pawlens.workflows.train.auto._deadline import OutOfTime

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

N = 3000
CANDIDATES = [
    Candidate("paw", 100),
    Candidate("weak", 400),
    Candidate("strong", 1000),
    Candidate("other", 1100),
    Candidate("huge", 90_000),
]


@dataclass
class Drawn:
    """Trials whose answers and costs are drawn beforehand, and whose clock they move on.

    A backbone sees each photo's class through noise of its own; side by side, noise averages out.
    """

    clearness: Mapping[str, float]
    seconds: Mapping[str, float]  # of a photo
    now: float = 0.0
    noise: Mapping[str, int] = field(default_factory=dict)  # seeds: equal ones see the same
    broken: tuple[str, ...] = ()
    head: float = 1.0
    conversion: float = 5.0
    int8_noise: float = 0.0
    asked: list[tuple[str, int, bool]] = field(default_factory=list)
    n: int = N

    def __post_init__(self) -> None:
        self.rows = np.arange(self.n)
        self.label = np.random.default_rng(0).integers(0, 2, self.n)
        self.group = np.arange(self.n)

    def is_ready(self, name: str) -> bool:
        return name == "paw"

    def open(self, name: str, seconds: float) -> None:
        took = 0.1 if name == "paw" else self.conversion
        self.now += min(took, seconds)
        if took > seconds:
            raise OutOfTime(name)
        if name in self.broken:
            raise BackboneError(f"{name} cannot be converted")

    def terms(self, name: str) -> str:
        return "non-commercial" if name == "strong" else ""

    def extract(
        self, name: str, rows: Container[int] | None, *, int8: bool, progress: Progress
    ) -> FeatureMatrix:
        count = self.n if rows is None else sum(row in rows for row in range(self.n))
        self.asked.append((name, count, int8))
        each = self.seconds[name] / (1.6 if int8 else 1.0)
        for done in range(count):
            self.now += each
            progress(f"features of {name}", done + 1, count)
        rng = np.random.default_rng(self.noise.get(name, sum(map(ord, name))))
        sign = 2.0 * self.label - 1
        values = (self.clearness[name] * sign + rng.normal(size=self.n))[:, None]
        if int8:
            values = values + self.int8_noise * rng.normal(size=values.shape)
        scaled = np.asarray(2 * self.clearness[name] * values, np.float32)
        return FeatureMatrix(scaled, np.arange(self.n), [], ["f32 on cpu"], count)

    def answers(
        self, matrices: Sequence[FeatureMatrix], rows: Ints, *, progress: Progress
    ) -> Floats:
        self.now += self.head * len(matrices) * len(rows) / self.n
        logit = np.sum([matrix.values[rows, 0] for matrix in matrices], axis=0, dtype=np.float64)
        dog = 1 / (1 + np.exp(-logit))
        return np.column_stack([1 - dog, dog])


def trials(**changes: Any) -> Drawn:
    values: dict[str, Any] = {
        "clearness": {"paw": 1.0, "weak": 0.6, "strong": 2.0, "other": 1.9, "huge": 3.0},
        "seconds": {"paw": 0.001, "weak": 0.004, "strong": 0.01, "other": 0.012, "huge": 0.9},
    }
    return Drawn(**values | changes)


def choose(drawn: Drawn, seconds: float, candidates: Sequence[Candidate] = CANDIDATES) -> Any:
    deadline = Deadline(seconds, now=lambda: drawn.now)
    return Chooser(drawn, candidates, deadline).choose()


def why(choice: Any, *names: str) -> list[str]:
    return [row.why for row in choice.tried if row.backbones == names]


def test_the_best_and_what_is_worth_fusing_are_taken() -> None:
    drawn = trials()
    choice = choose(drawn, 600)
    assert choice.backbones == ("strong", "other")
    assert choice.precision == "auto"
    assert why(choice, "weak") == ["worse on the sample"]
    assert why(choice, "strong") == [
        "promising on the sample (weights: non-commercial)",
        "better than paw",
    ]
    assert why(choice, "strong", "other") == ["better than strong"]
    assert ("weak", N, False) not in drawn.asked  # what is worse on a sample costs no more
    row = next(row for row in choice.tried if row.backbones == ("strong", "other"))
    assert row.taken
    assert row.photos == N
    assert row.difference.high < 0
    assert row.log_loss < 0.1
    assert choice.spent == drawn.now


def test_what_adds_nothing_is_not_fused() -> None:
    alike = {"strong": 5, "other": 5}
    choice = choose(trials(noise=alike), 600)
    assert choice.backbones == ("strong",)
    assert why(choice, "strong", "other")[0].endswith("than strong")


def test_without_anything_better_the_default_stays() -> None:
    worse = {"paw": 2.0, "weak": 0.6, "strong": 1.9, "other": 1.5, "huge": 1.0}
    same = {"paw": 3, "strong": 3}
    choice = choose(trials(clearness=worse, noise=same), 900)
    assert choice.backbones == ("paw",)
    assert [row.backbones for row in choice.tried if row.taken] == [("paw",)]


def test_luck_is_not_taken_for_better() -> None:
    lucky = 0
    for seed in range(20, 30):
        drawn = trials(clearness={"paw": 1.5, "strong": 1.5}, noise={"strong": seed}, n=150)
        choice = choose(drawn, 600, [CANDIDATES[0], CANDIDATES[2]])
        row = choice.tried[-1]
        assert row.backbones == ("strong",)
        assert row.taken == (-row.difference.low > 3 * max(row.difference.high, 0))
        assert choice.backbones == (("strong",) if row.taken else ("paw",))
        lucky += row.difference.value < 0 and not row.taken
    assert lucky


def test_few_photos_do_not_hold_up_what_is_much_better() -> None:
    drawn = trials(clearness={"paw": 1.0, "strong": 2.0}, n=80)
    choice = choose(drawn, 600, [CANDIDATES[0], CANDIDATES[2]])
    assert choice.backbones == ("strong",)
    assert why(choice, "strong")[-1] in ("likely better than paw", "better than paw")


def test_two_are_only_taken_together_where_that_is_surely_better() -> None:
    drawn = trials(clearness={"paw": 0.5, "strong": 1.5, "other": 0.4}, n=300)
    choice = choose(drawn, 600, [CANDIDATES[0], CANDIDATES[2], CANDIDATES[3]])
    together = [row for row in choice.tried if len(row.backbones) == 2]
    assert all(row.taken == (row.difference.high < 0) for row in together)
    assert together


@pytest.mark.parametrize("seconds", [20, 30, 60, 120, 240, 1000, 4000])
def test_the_time_is_kept_with_enough_left_to_train(seconds: float) -> None:
    drawn = trials()
    choice = choose(drawn, seconds)
    assert choice.spent <= seconds
    each = sum(drawn.seconds[name] for name in choice.backbones)
    finish = 5 + 1e-3 * N + drawn.head * len(choice.backbones) + 3500 * each
    assert choice.spent + finish <= 1.1 * seconds
    assert choice.backbones[0] in ("paw", "strong", "other", "huge")


def test_more_time_is_never_worse() -> None:
    losses = []
    for seconds in (15, 60, 240, 4000):
        choice = choose(trials(), seconds)
        row = [row for row in choice.tried if row.taken][-1]
        assert row.backbones == choice.backbones
        losses.append(row.log_loss)
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 4


def test_a_clock_that_slows_down_ends_an_extraction_in_time() -> None:
    class Slowing(Drawn):
        def extract(
            self, name: str, rows: Container[int] | None, *, int8: bool, progress: Progress
        ) -> FeatureMatrix:
            if name == "strong" and rows is None:
                self.seconds = {**self.seconds, "strong": 1.0}
            return super().extract(name, rows, int8=int8, progress=progress)

    drawn = Slowing(**{k: v for k, v in vars(trials()).items() if k in ("clearness", "seconds")})
    choice = choose(drawn, 200)
    assert choice.spent <= 200
    assert choice.backbones == ("paw",)
    assert why(choice, "strong")[-1].startswith("would take about")


@pytest.mark.parametrize(("seconds", "judged"), [(60, True), (45, False)])
def test_the_first_one_may_take_half_of_the_time(seconds: float, judged: bool) -> None:
    """Its conversion is thought to take 20 s; while it is not judged, nothing can be chosen."""
    drawn = trials(seconds={"paw": 0.0002, "strong": 0.002})
    choice = choose(drawn, seconds, [CANDIDATES[0], CANDIDATES[2]])
    assert choice.backbones == (("strong",) if judged else ("paw",))
    assert why(choice, "strong")[0].startswith("promising" if judged else "would take about 22 s")


def test_later_ones_leave_more_of_the_time() -> None:
    """Its sample is thought to take 23 s of about 50, which only a first one might."""
    large = Candidate("huge", 10_000)
    drawn = trials(seconds={"paw": 0.0002, "strong": 0.002, "huge": 0.03})
    choice = choose(drawn, 70, [CANDIDATES[0], CANDIDATES[2], large])
    assert choice.backbones == ("strong",)
    assert why(choice, "huge")[0].startswith("would take about 23 s")


def test_a_conversion_is_ended_in_time() -> None:
    """One may hang, as where libraries are read from a disk for the first time."""
    drawn = trials(conversion=1000.0)
    choice = choose(drawn, 120)
    assert choice.backbones == ("paw",)
    finish = 5 + 1e-3 * N + drawn.head + 3500 * drawn.seconds["paw"]
    assert choice.spent + finish <= 120
    assert all(row.photos == 0 for row in choice.tried[1:])


def test_the_same_candidates_and_clock_give_the_same_choice() -> None:
    first, again = choose(trials(), 300), choose(trials(), 300)
    assert first.as_json() == again.as_json()


def test_a_candidate_that_cannot_be_used_is_named_and_passed_over() -> None:
    choice = choose(trials(broken=("strong",)), 600)
    assert why(choice, "strong") == ["cannot be used: strong cannot be converted"]
    assert choice.backbones == ("other",)


def test_int8_is_taken_where_it_fits_and_loses_nothing() -> None:
    slow = {"paw": 0.001, "weak": 0.004, "strong": 0.13, "other": 1.0, "huge": 9.0}
    drawn = trials(seconds=slow)
    choice = choose(drawn, 1040)
    assert (choice.backbones, choice.precision) == (("strong",), "int8")
    assert ("strong", N, False) not in drawn.asked
    assert "int8 loses nothing on the sample" in why(choice, "strong")
    noisy = choose(trials(seconds=slow, int8_noise=3.0), 1040)
    assert (noisy.backbones, noisy.precision) == (("paw",), "auto")
    assert "int8 loses on the sample" in why(noisy, "strong")


def test_few_photos_are_their_own_sample() -> None:
    drawn = trials(n=200)
    choice = choose(drawn, 600)
    assert {count for name, count, _ in drawn.asked if name == "strong"} == {24, 200}
    assert choice.backbones != ("paw",)


def test_a_time_too_short_for_the_default_takes_it_unmeasured() -> None:
    slow = {"paw": 1.0, "weak": 1.0, "strong": 1.0, "other": 1.0, "huge": 1.0}
    choice = choose(trials(seconds=slow), 20)
    assert choice.backbones == ("paw",)
    assert choice.tried[0].why == "the default; there was no time to measure it"
    assert {row.why for row in choice.tried[1:]} == {"no time was left for trials"}
    assert choice.in_words().startswith("paw, by 0 measured trials in 10 s of 20 s")
    assert choice.spent <= 22
