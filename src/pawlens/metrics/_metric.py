"""Metrics: functions of sums over photos, means over photos, or any function of the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from ._answers import Answers
from ._interval import Floats, Interval, Ints, bounded_interval

__all__ = ["FunctionMetric", "MeanMetric", "Metric", "SumMetric"]


class Metric(ABC):
    """A number that says how good answers are, for classifiers of one label a photo.

    Its name is that of its entry point, and the key in ``metrics.json``. Other packages derive
    from `MeanMetric` or `SumMetric`, or offer a plain function.

    Attributes
    ----------
    title : str
        Heading on pages, such as ``"Balanced accuracy"``.
    meaning : str
        A sentence or two for a reader who is new to it.
    share : bool
        Whether it is a share, which pages write in per cent.
    least, most : float
        Bounds of its values, where they are known. The interval of such a metric allows for photos
        unlike any that was measured; see `bounded_interval`.
    """

    title: str
    meaning: str = ""
    share: bool = False
    least: float = -np.inf
    most: float = np.inf

    @abstractmethod
    def measure(self, answers: Answers) -> Interval | None:
        """Measure the answers; None where the metric has no meaning for them."""

    def bounds(self, answers: Answers) -> tuple[float, float]:
        """Tell the bounds of values on other photos; `least` and `most` if not overridden."""
        return self.least, self.most

    def interval(self, value: float, draws: Floats, answers: Answers) -> Interval:
        """Tell the 95 % interval of a value by its bootstrap draws.

        Parameters
        ----------
        value : float
            Value on the photos at hand.
        draws : ndarray of float64, shape (draws,)
            Value on each bootstrap sample; NaN where it has no meaning there.
        answers : Answers
            All photos.

        Raises
        ------
        ValueError
            The value is infinite, which no file can hold.
        """
        if not np.isfinite(value):
            raise ValueError(f"the value is {value}, which is no finite number")
        least, most = self.bounds(answers)
        return bounded_interval(value, draws, answers.count_units(), least=least, most=most)


class SumMetric(Metric):
    """A metric that is a function of sums over photos, which makes its bootstrap fast."""

    @abstractmethod
    def columns(self, answers: Answers) -> Any | None:
        """Tell what each photo adds to each sum.

        Returns
        -------
        ndarray or scipy.sparse array or None
            Columns to sum, shape (n, m); None where the metric has no meaning for these answers.
        """

    @abstractmethod
    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        """Compute the metric from sums of the columns.

        Parameters
        ----------
        sums : ndarray of float64, shape (s, m)
            Sums over all photos, or over those of `s` bootstrap samples.
        answers : Answers
            All photos.

        Returns
        -------
        ndarray of float64, shape (s,)
            Values; NaN where the metric has no meaning.
        """

    def measure(self, answers: Answers) -> Interval | None:
        """Measure the answers with a bootstrap of its own."""
        columns = self.columns(answers)
        if columns is None:
            return None
        return self.measure_sums(total(columns), answers.sums(columns), answers)

    def measure_sums(self, whole: Floats, drawn: Floats, answers: Answers) -> Interval | None:
        """Measure from the sums over all photos, (1, m), and over bootstrap samples, (draws, m)."""
        value = float(self.of_sums(whole, answers)[0])
        if np.isnan(value):
            return None
        return self.interval(value, np.asarray(self.of_sums(drawn, answers)), answers)


class MeanMetric(SumMetric):
    """A metric that is the mean of a value of each photo."""

    @abstractmethod
    def values(self, answers: Answers) -> Any:
        """Tell the value of each photo, shape (n,)."""

    def columns(self, answers: Answers) -> Any:
        """Return the values, and a one for each photo."""
        return np.column_stack([self.values(answers), np.ones(len(answers))])

    def of_sums(self, sums: Floats, answers: Answers) -> Floats:
        """Compute the mean."""
        return np.asarray(sums[:, 0] / sums[:, 1])


class FunctionMetric(Metric):
    """A plain function of labels and probabilities, computed anew for each bootstrap sample.

    Parameters
    ----------
    function : callable
        Function that gets the labels, int64 (n,), and the probabilities, float64 (n, K), and
        returns a number; NaN where it has no meaning.
    title, meaning, share, least, most
        See `Metric`.

    Examples
    --------
    >>> import numpy as np
    >>> surest = FunctionMetric(lambda y, proba: proba.max(), title="Surest")
    >>> surest.measure(Answers(np.array([0, 1]), np.array([[0.9, 0.1], [0.6, 0.4]]))).value
    0.9
    """

    def __init__(
        self,
        function: Callable[[Ints, Floats], float],
        *,
        title: str,
        meaning: str = "",
        share: bool = False,
        least: float = -np.inf,
        most: float = np.inf,
    ) -> None:
        self._function = function
        self.title, self.meaning, self.share = title, meaning, share
        self.least, self.most = least, most

    def measure(self, answers: Answers) -> Interval | None:
        """Measure the answers."""
        value = float(self._function(answers.y, answers.proba))
        if np.isnan(value):
            return None
        draws = [
            float(self._function(answers.y[rows], answers.proba[rows]))
            for rows in answers.samples()
        ]
        return self.interval(value, np.array(draws), answers)


def total(columns: Any) -> Floats:
    """Sum columns (n, m) photo by photo, as the bootstrap adds them up: float64 (1, m)."""
    from scipy import sparse

    return np.asarray(sparse.csr_array(columns).sum(axis=0), np.float64)[None]
