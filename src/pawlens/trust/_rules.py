"""How probabilities become answers: costs, sets, abstention, and photos of neither class."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import UsageError
from ..metrics import Floats, Ints
from ._conformal import LabelSets

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["ALARM", "ASK", "NEITHER", "AnswerRules", "Costs", "cost_matrix"]

NEITHER, ASK = "neither", "ask a person"
"""Answers that are no class."""

ALARM = 0.5
"""Score of *neither* from which on a photo is called that."""

Costs = Mapping[str, Mapping[str, float]]
"""What an answer costs, by the true class and then by the answer; 1 for what is not named."""

_MOST_COST = 1e9
_LONGEST = 10_000_000  # characters of rules


@dataclass(frozen=True)
class AnswerRules:
    """The rules by which a model answers, beside its probabilities.

    Attributes
    ----------
    sets : LabelSets or None
        What makes a set of labels of the probabilities.
    least_confidence : float or None
        Confidence under which a person is asked (`confidence`).
    promise : str
        What `least_confidence` was found for, in words.
    costs : tuple of tuple of float, or None
        Cost of each answer (column) for each true class (row); the answer is the one with the least
        expected cost. None where all errors cost the same.
    false_alarms : float or None
        Share of photos like those of training that may be called neither; None where the model has
        no score of *neither*.
    """

    sets: LabelSets | None = None
    least_confidence: float | None = None
    promise: str = ""
    costs: tuple[tuple[float, ...], ...] | None = None
    false_alarms: float | None = None

    def answers(self, proba: Floats) -> Ints:
        """Choose the class of each photo: the most probable, or that of least expected cost."""
        return np.asarray(self._merit(proba).argmax(axis=1), np.int64)

    def confidence(self, proba: Floats) -> Floats:
        """Compute how sure each answer is, float64 (n,).

        It is the largest probability; with costs, 1 less the least expected cost.
        """
        return np.asarray(self._merit(proba).max(axis=1))

    def labels(
        self, proba: Floats, classes: Sequence[str], neither: Floats | None = None
    ) -> list[str]:
        """Give the answer to each photo: a class, ``neither``, or ``ask a person``.

        Parameters
        ----------
        proba : ndarray of float64, shape (n, K)
            Without NaN.
        classes : sequence of str, length K
        neither : ndarray of float64, shape (n,), optional
            Scores of *neither*.

        Examples
        --------
        >>> import numpy as np
        >>> rules = AnswerRules(least_confidence=0.9)
        >>> rules.labels(np.array([[0.95, 0.05], [0.6, 0.4]]), ["cat", "dog"])
        ['cat', 'ask a person']
        >>> rules.labels(np.array([[0.95, 0.05]]), ["cat", "dog"], np.array([0.8]))
        ['neither']
        """
        named = np.array(classes, object)[self.answers(proba)]
        if self.least_confidence is not None:
            named[self.confidence(proba) < self.least_confidence] = ASK
        if neither is not None:
            named[neither >= ALARM] = NEITHER
        return [str(name) for name in named]

    def to_json(self) -> str:
        """Write the rules as one line of JSON."""
        fields = self.__dict__ | {"sets": None if self.sets is None else self.sets.as_json()}
        return json.dumps(fields, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, classes: int) -> AnswerRules:
        """Read what `to_json` wrote for a model of so many classes; ValueError where it did not."""
        try:
            data = json.loads(text) if len(text) <= _LONGEST else {}
            sets, costs = data.pop("sets"), data.pop("costs")
            rules = cls(
                sets=None if sets is None else LabelSets.from_json(sets),
                costs=None if costs is None else tuple(tuple(map(float, row)) for row in costs),
                **data,
            )
            rules._check(classes)
        except (AttributeError, KeyError, TypeError, RecursionError) as error:
            raise ValueError("its rules of answers are damaged") from error
        return rules

    def _check(self, classes: int) -> None:
        for number in (self.least_confidence, self.false_alarms):
            if number is not None and not (isinstance(number, float) and abs(number) < _MOST_COST):
                raise ValueError("a number of its rules of answers is out of range")
        shapes = [] if self.sets is None else [len(self.sets.thresholds)]
        shapes += [] if self.costs is None else [len(self.costs), *map(len, self.costs)]
        if any(shape != classes for shape in shapes):
            raise ValueError("its rules of answers are not those of its classes")
        if self.costs is not None and not np.isfinite(self.costs).all():
            raise ValueError("a cost of its rules of answers is no number")
        if not isinstance(self.promise, str):
            raise ValueError("the promise of its rules of answers is no text")

    def _merit(self, proba: Floats) -> npt.NDArray[np.float64]:
        """How good each answer is: its probability, or 1 less its expected cost, (n, K)."""
        return proba if self.costs is None else 1 - proba @ np.array(self.costs)


def cost_matrix(
    costs: Costs | None, classes: Sequence[str]
) -> tuple[tuple[float, ...], ...] | None:
    """Spell out costs by true class (row) and answer (column); None where there are none.

    Raises
    ------
    UsageError
        A class is unknown, or a right answer costs something.

    Examples
    --------
    >>> cost_matrix({"sick": {"healthy": 10.0}}, ["healthy", "sick"])
    ((0.0, 1.0), (10.0, 0.0))
    """
    if not costs:
        return None
    for name in [*costs, *(answer for row in costs.values() for answer in row)]:
        if name not in classes:
            raise UsageError(f"costs: {name!r} is no class; there are {', '.join(classes)}")
    for name, row in costs.items():
        if row.get(name, 0.0) != 0:
            raise UsageError(
                f"costs: {name} called {name} is right and costs nothing; leave it out"
            )
    return tuple(
        tuple(
            0.0 if answer == truth else float(costs.get(truth, {}).get(answer, 1.0))
            for answer in classes
        )
        for truth in classes
    )
