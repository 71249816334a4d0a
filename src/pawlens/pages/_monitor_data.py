"""What a monitoring found, as its page and its JSON tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..metrics import Interval
from ..photos import Thumbnail

__all__ = ["Check", "Day", "Monitored", "NextPhoto", "Share"]


@dataclass(frozen=True)
class Check:
    """One question about new photos, and its answer.

    Attributes
    ----------
    name : str
        Name in small letters.
    question : str
        In words.
    found : str
        What was found, in words.
    p : float or None
        P value, corrected for the number of questions (Holm); None where it could not be asked.
    alarm : bool
        Whether the answer is an alarm.
    share : float or None
        Share of the photos that it concerns, where it is a share.
    """

    name: str
    question: str
    found: str
    p: float | None
    alarm: bool = False
    share: float | None = None

    @property
    def p_in_words(self) -> str:
        """The p value as it is shown; a dash where there is none."""
        if self.p is None:
            return "–"
        return "under 0.001" if self.p < 0.001 else f"{self.p:.3f}"


@dataclass(frozen=True)
class Share:
    """The share of one class among new photos.

    Attributes
    ----------
    trained : float
        Its share among the photos that trained.
    answered : Interval
        Share of the new photos that is answered with it.
    true : Interval or None
        Share that is of the class, as far as the probabilities tell; None with several labels.
    """

    trained: float
    answered: Interval
    true: Interval | None


@dataclass(frozen=True)
class NextPhoto:
    """A photo to label next, and why."""

    path: str
    answer: str
    probability: float
    why: str
    picture: Thumbnail | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Day:
    """One row of the trend: a day of a record, or an earlier monitoring.

    Attributes
    ----------
    when : str
        Day, or day and time.
    photos : int
    expected : Interval or None
        Expected accuracy.
    unlike : float or None
        Share of photos unlike all of the reference.
    drift : bool or None
        Whether there was an alarm; None where nobody asked.
    """

    when: str
    photos: int
    expected: Interval | None = None
    unlike: float | None = None
    drift: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Monitored:
    """What `pawlens.monitor` found.

    Attributes
    ----------
    run : str
        Name of the run.
    photos : int
        Photos that were answered.
    looked_at : int
        Those of them whose features were compared.
    unreadable : sequence of (path, reason)
    level : float
        The promised rate of false alarms.
    checks : sequence of Check
    shares : mapping of str to Share
        By class.
    measured : Interval
        Accuracy out-of-fold.
    expected : Interval or None
        Expected accuracy on the new photos; None with several labels.
    holds : bool
        Whether the condition of the expectation is met, as far as the checks tell.
    condition : str
        The condition, in words.
    shares_moved : bool
        Whether the expectation allows for other shares of the classes than in training.
    next : sequence of NextPhoto
        Photos to label next.
    days : sequence of Day
        The trend, oldest first; the last one is this time.
    """

    run: str
    photos: int
    looked_at: int
    unreadable: Sequence[tuple[str, str]]
    level: float
    checks: Sequence[Check]
    shares: Mapping[str, Share]
    measured: Interval
    expected: Interval | None
    holds: bool
    condition: str
    shares_moved: bool
    next: Sequence[NextPhoto]
    days: Sequence[Day]

    def on_days(self, earlier: Sequence[Day], own: Sequence[Day]) -> Monitored:
        """Return the same with its trend: earlier rows, and its own, which know of its alarm.

        A day that is there already is told anew.
        """
        told = {day.when: day for day in earlier}
        for number, day in enumerate(own, start=1):
            last = number == len(own)
            unlike = next((c.share for c in self.checks if c.name == "unlike"), None)
            told[day.when] = replace(
                day, drift=self.drift if last else None, unlike=unlike if last else None
            )
        return replace(self, days=[told[when] for when in sorted(told)])

    @property
    def drift(self) -> bool:
        """Whether any check is an alarm."""
        return any(check.alarm for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """Return plain values; pictures are left out."""
        values = {k: v for k, v in self.__dict__.items() if k != "next"}
        return {
            "drift": self.drift,
            **values,
            "checks": [asdict(one) for one in self.checks],
            "shares": {name: asdict(one) for name, one in self.shares.items()},
            "measured": asdict(self.measured),
            "expected": None if self.expected is None else asdict(self.expected),
            "next": [
                {k: v for k, v in one.__dict__.items() if k != "picture"} for one in self.next
            ],
            "days": [one.as_json() for one in self.days],
        }
