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
from ..trust import ALARM, NEITHER, AnswerRules
from ._rows import predictions_csv, predictions_table

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Floats = npt.NDArray[np.float64]

__all__ = ["LabelPredictions", "Predictions", "beside_score", "label_by_label", "row_status"]

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
    answer_rules : AnswerRules
        How the probabilities become labels and sets.
    neither : ndarray of float64, shape (n,), or None
        Score of how unlike all photos of training each photo is, from 0 to 1; from 0.5 on its label
        is ``neither``. None where the model has no such score.

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
        *,
        answer_rules: AnswerRules | None = None,
        neither: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self.paths = paths
        self.classes = classes
        self.proba = proba
        self.status = status
        self.answer_rules = answer_rules or AnswerRules()
        self.neither = neither

    @property
    def labels(self) -> list[str | None]:
        """The answer to each photo, as `answer_rules` say; None where it could not be read.

        That is the most probable class, ``neither``, or ``ask a person``.
        """
        neither = None if self.neither is None else np.nan_to_num(self.neither)
        named = self.answer_rules.labels(np.nan_to_num(self.proba), self.classes, neither)
        return [n if s == "ok" else None for n, s in zip(named, self.status, strict=True)]

    @property
    def sets(self) -> list[tuple[str, ...] | None] | None:
        """The set of labels of each photo, the most probable first; None where it was not read.

        None altogether where the model was not trained to give sets.
        """
        if self.answer_rules.sets is None:
            return None
        members = self.answer_rules.sets.members(self.proba)
        order = np.argsort(-np.nan_to_num(self.proba), axis=1, kind="stable")
        return [
            tuple(self.classes[k] for k in row if inside[k]) if status == "ok" else None
            for row, inside, status in zip(order.tolist(), members, self.status, strict=True)
        ]

    @property
    def scores(self) -> dict[str, npt.NDArray[np.float64]]:
        """Scores float64 (n,) of answers that are not classes: *neither*, where there is one."""
        return {} if self.neither is None else {NEITHER: self.neither}

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

        Its columns are ``path``, ``status``, ``label`` and ``p:CLASS``, ``set`` where the model
        gives sets, labels joined by ``;``, and ``neither_score`` where it has one; those of the
        bundled classifier have ``both_score`` too. What is not known of a photo that cannot be read
        is null.
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
        *,
        answer_rules: AnswerRules | None = None,
        neither: npt.NDArray[np.float64] | None = None,
    ) -> None:
        super().__init__(paths, classes, proba, status, answer_rules=answer_rules, neither=neither)
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
        """The label sets as text: joined by ``;``, ``none`` for no label, or ``neither``."""
        strange = np.zeros(len(self)) if self.neither is None else np.nan_to_num(self.neither)
        return [
            None if names is None else NEITHER if score >= ALARM else ";".join(names) or NONE
            for names, score in zip(self.label_sets, strange, strict=True)
        ]


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


def beside_score(
    join: Callable[[npt.NDArray[np.floating]], Floats], classes: int
) -> Callable[[npt.NDArray[np.floating]], Floats]:
    """Join answers of several looks where a score of *neither* may follow the probabilities.

    A photo is as strange as its least strange look: one that lies on a side is strange until it is
    turned.
    """

    def joined(columns: npt.NDArray[np.floating]) -> Floats:
        proba = join(columns[..., :classes])
        if columns.shape[-1] == classes:
            return proba
        scores = np.asarray(columns[..., classes:], np.float64)
        least = scores.reshape(-1, *scores.shape[-2:]).min(axis=0)
        return np.column_stack([proba, least])

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
