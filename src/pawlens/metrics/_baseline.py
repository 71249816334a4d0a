"""The baseline: what answers are worth that are given without a look at any photo."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ._interval import percent

__all__ = ["Baseline"]


@dataclass(frozen=True)
class Baseline:
    """The commonest answer of the photos that train, given to every photo that is measured.

    A classifier is worth what it has above this, not what it has above half.

    Attributes
    ----------
    answer : str
        The commonest class; of several labels a photo, the commonest set of them, joined by "and".
    right : float
        Share of photos, 0 to 1, for which that is the right answer.
    log_loss : float
        Log loss where every photo gets the shares of the classes as its probabilities; of several
        labels the mean over them, as in `evaluate_labels`.

    Examples
    --------
    >>> always = Baseline.of([("cat",)] * 98 + [("dog",)] * 2, ["cat", "dog"])
    >>> print(always.in_words())
    always cat: 98.0 %
    >>> round(always.log_loss, 3)
    0.098
    """

    answer: str
    right: float
    log_loss: float

    @classmethod
    def of(
        cls,
        labels: Sequence[Sequence[str]],
        classes: Sequence[str],
        *,
        learnt: Sequence[Sequence[str]] | None = None,
        several: bool = False,
    ) -> Baseline:
        """Measure the baseline on photos.

        Parameters
        ----------
        labels : sequence of sequence of str, length n
            Labels of the photos that are measured, one or more each.
        classes : sequence of str, length K
        learnt : sequence of sequence of str, optional
            Labels of the photos that train; by default those that are measured.
        several : bool
            Whether a photo may have several labels, or none.
        """
        known = [frozenset(row) & frozenset(classes) for row in labels]
        seen = known if learnt is None else [frozenset(row) & frozenset(classes) for row in learnt]
        answer = min(Counter(seen).items(), key=lambda item: (-item[1], sorted(item[0])))[0]
        true, taught = (
            np.array([[name in row for name in classes] for row in rows]) for rows in (known, seen)
        )
        floor = 1 / (len(taught) + 1)  # what was never seen may still happen
        shares = np.clip(taught.mean(axis=0), floor, 1 - floor)
        if several:
            losses = -np.where(true, np.log(shares), np.log(1 - shares)).mean(axis=1)
        else:
            losses = -np.log(shares / shares.sum())[true.argmax(axis=1)]
        return cls(
            " and ".join(name for name in classes if name in answer) or "none",
            float(np.mean([row == answer for row in known])),
            float(losses.mean()),
        )

    def in_words(self) -> str:
        """Return the answer and how often it is right, such as ``always cat: 98.0 %``."""
        return f"always {self.answer}: {percent(self.right)}"
