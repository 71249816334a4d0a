"""Predictions: probabilities, labels and status of a table of photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import Bar, Tabular, bar_chart, make_folder, notebook_card, or_plain_text, write_atomic
from ..errors import UnreadablePhoto
from ..metrics import LabelRules
from ..photos import NONE, Photos, is_unreachable
from ._rows import predictions_csv, predictions_table

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]

__all__ = ["LabelPredictions", "Predictions", "label_by_label", "row_status"]

_SHOWN, _BARS = 10, 12  # rows and labels in a notebook


class Predictions(Tabular):
    """Predictions for a table of photos, one row each, also for photos that cannot be read.

    Attributes
    ----------
    paths : list of str
        Paths of the photos, which are the keys of the rows.
    classes : list of str
        Class names in the order of the probabilities.
    proba : ndarray of float64, shape (n, K)
        Calibrated probabilities; NaN in the row of a photo that could not be read.
    status : list of str
        ``"ok"``, or ``"unreadable: "`` and the reason.

    Examples
    --------
    >>> import numpy as np
    >>> from pawlens import Predictions
    >>> proba = np.array([[0.9, 0.1], [np.nan, np.nan]])
    >>> status = ["ok", "unreadable: the file is empty"]
    >>> predictions = Predictions(["1.jpg", "2.jpg"], ["cat", "dog"], proba, status)
    >>> predictions.labels
    ['cat', None]
    >>> predictions.unreadable
    [('2.jpg', 'unreadable: the file is empty')]
    """

    def __init__(
        self,
        paths: list[str],
        classes: list[str],
        proba: npt.NDArray[np.float64],
        status: list[str],
    ) -> None:
        self.paths = paths
        self.classes = classes
        self.proba = proba
        self.status = status

    @property
    def labels(self) -> list[str | None]:
        """The most probable class of each photo; None where it could not be read."""
        best = np.nan_to_num(self.proba).argmax(axis=1)
        return [
            self.classes[b] if s == "ok" else None for b, s in zip(best, self.status, strict=True)
        ]

    @property
    def scores(self) -> dict[str, npt.NDArray[np.float64]]:
        """Scores float64 (n,) of answers that are not classes (the bundled classifier's)."""
        return {}

    @property
    def unreadable(self) -> list[tuple[str, str]]:
        """The path and the status of each photo that could not be read."""
        return [(p, s) for p, s in zip(self.paths, self.status, strict=True) if s != "ok"]

    def __len__(self) -> int:
        return len(self.paths)

    def __repr__(self) -> str:
        lost = f", {len(self.unreadable)} unreadable" if self.unreadable else ""
        return f"{type(self).__name__}({len(self)} photos{lost}; {', '.join(self.classes)})"

    @or_plain_text
    def _repr_html_(self) -> str:
        labels = self.labels
        counts = Counter(label for label in labels if label is not None)
        best = [f"{value:.4f}" for value in np.nan_to_num(self.proba).max(axis=1, initial=0)]
        rows = zip(self.paths, [label or "" for label in labels], best, self.status, strict=True)
        left = len(self) - _SHOWN
        return notebook_card(
            f"Answers to {len(self)} photos",
            header=("photo", "label", "largest probability", "status"),
            rows=list(rows)[:_SHOWN],
            pictures=[(bar_chart([Bar(name, n) for name, n in counts.most_common(_BARS)]), "")]
            if counts
            else [],
            notes=[f"and {left} more"] if left > 0 else [],
        )

    def to_arrow(self) -> pa.Table:
        """Return the answers as a pyarrow table, a row a photo.

        Its columns are ``path``, ``status``, ``label`` and ``p:CLASS``; those of the bundled
        classifier have ``neither_score`` and ``both_score`` too. What is not known of a photo that
        cannot be read is null.
        """
        return predictions_table(self)

    def to_csv(self, path: str | Path | None = None) -> str | None:
        """Write the same columns as CSV, or return the text where no path is given.

        Raises
        ------
        RunError
            The file cannot be written.
        """
        text = predictions_csv(self)
        if path is None:
            return text
        make_folder(Path(path).parent)
        write_atomic(Path(path), text.encode())
        return None


class LabelPredictions(Predictions):
    """Predictions of a model that gives several labels; rows of `proba` do not sum to 1.

    Attributes
    ----------
    rules : LabelRules
        The rules of the labels, with the thresholds that probabilities must reach.
    """

    def __init__(
        self,
        paths: list[str],
        classes: list[str],
        proba: npt.NDArray[np.float64],
        status: list[str],
        rules: LabelRules,
    ) -> None:
        super().__init__(paths, classes, proba, status)
        self.rules = rules

    @property
    def label_sets(self) -> list[tuple[str, ...] | None]:
        """The labels that each photo is given; None where the photo could not be read."""
        answers = self.rules.answers(np.nan_to_num(self.proba))
        return [
            tuple(name for name, yes in zip(self.classes, row, strict=True) if yes)
            if status == "ok"
            else None
            for row, status in zip(answers.tolist(), self.status, strict=True)
        ]

    @property
    def labels(self) -> list[str | None]:
        """The label sets as text: joined by ``;``, ``none`` for no label."""
        return [None if names is None else ";".join(names) or NONE for names in self.label_sets]


def label_by_label(
    join: Callable[[npt.NDArray[np.floating]], Floats],
) -> Callable[[npt.NDArray[np.floating]], Floats]:
    """Join answers of several looks for each label against its absence.

    `join` maps probabilities (..., m, 2), whose rows sum to 1, to (m, 2); the returned function
    maps (..., n, K), whose rows need not sum to 1, to (n, K).
    """

    def joined(proba: npt.NDArray[np.floating]) -> Floats:
        present = np.asarray(proba, np.float64)
        pairs = np.stack([1 - present, present], axis=-1)
        merged = join(pairs.reshape(*present.shape[:-2], -1, 2))
        return merged[:, 1].reshape(present.shape[-2:])

    return joined


def row_status(photos: Photos, values: npt.NDArray[np.floating]) -> list[str]:
    """Return ``"ok"``, or why there is no answer, for each row of answers (n, K)."""
    status = ["ok"] * len(photos)
    for row, reason in _reasons(photos, np.flatnonzero(np.isnan(values[:, 0])).tolist()):
        status[row] = reason if is_unreachable(reason) else f"unreadable: {reason}"
    return status


def _reasons(photos: Photos, rows: Iterable[int]) -> Sequence[tuple[int, str]]:
    """Return the reason why each of these photos cannot be read."""
    reasons = []
    for row in rows:
        try:
            photos.decode(row)
            reasons.append((row, "it changed while it was read"))
        except (UnreadablePhoto, ImportError) as error:
            reasons.append((row, str(error)))
    return reasons
