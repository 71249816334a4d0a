"""New photos compared with those behind a run: kind, shares, pictures, worth of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PhotosError, RunError
from ..metrics import Interval, clopper_pearson, holm, percent
from ..pages import Check, Monitored, NextPhoto, Share
from ..photos import Side, make_thumbnail
from ..runs import Run
from ..trust import (
    ALARM,
    ClassShares,
    Unlike,
    class_shares,
    compare_counts,
    compare_values,
    expected_accuracy,
    find_unlike,
    label_next,
    two_samples,
    with_shares,
)
from ._arrivals import Arrivals
from ._reference import Reference

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Past", "compare_with_past"]

_NEXT = 20
_SURE = 0.9  # a probability beyond which an answer is no doubtful one
_FEWEST = 20  # photos under which nothing is compared
_MEASURES = {
    "brightness": "Are they as bright?",
    "sharpness": "Are they as sharp?",
    "entropy": "Is there as much to see in them?",
    "pixels": "Are they of the same size?",
}
_WHATEVER = (
    "It holds as long as answers of equal confidence are right as often as out-of-fold: on photos "
    "of the same kind, also if more of them are hard or easy."
)
_SHARES = (
    "The shares of the classes have moved, and the estimate allows for that. It holds as long as "
    "nothing else has changed."
)
_BROKEN = (
    "Its condition is not met: these photos are of another kind, on which answers of equal "
    "confidence may be right less often. Label some to know: the list below has the most telling."
)


@dataclass(frozen=True)
class Past:
    """The out-of-fold answers of a run.

    Attributes
    ----------
    run : str
        Name of the run.
    classes : list of str, length K
    proba : ndarray of float64, shape (m, K)
    label : ndarray of int64, shape (m,)
        Number of the true class.
    accuracy : Interval
        Accuracy out-of-fold.
    """

    run: str
    classes: list[str]
    proba: Floats
    label: Ints
    accuracy: Interval

    @classmethod
    def of(cls, run: Run) -> Past:
        """Read the answers of a run."""
        table, classes = run.oof(), run.classes
        proba = np.column_stack([table[f"p:{name}"].to_numpy() for name in classes])
        number = {name: place for place, name in enumerate(classes)}
        label = np.array([number[name] for name in table["label"].to_pylist()], np.int64)
        name = run.path.resolve().name
        return cls(name, classes, proba, label, run.out_of_fold["accuracy"])

    @cached_property
    def shares(self) -> Floats:
        """Share of each class, float64 (K,)."""
        counts = np.bincount(self.label, minlength=len(self.classes))
        return np.asarray(counts / len(self.label), np.float64)

    @cached_property
    def answers(self) -> Ints:
        """Photos that were answered with each class, int64 (K,)."""
        return np.bincount(self.proba.argmax(axis=1), minlength=len(self.classes))

    def expected(self, proba: Floats, moved: Floats | None = None, *, seed: int = 0) -> Interval:
        """Estimate the accuracy of new answers.

        Parameters
        ----------
        proba : ndarray of float64, shape (n, K)
            Probabilities of new photos.
        moved : ndarray of float64, shape (K,), optional
            Shares of the classes among the new photos, where they differ.
        seed : int
        """
        weight, own = None, self.proba
        if moved is not None:
            weight = (moved / np.maximum(self.shares, 1e-6))[self.label]
            own, proba = (with_shares(some, self.shares, moved) for some in (own, proba))
        right = (own.argmax(axis=1) == self.label).astype(np.int64)
        return expected_accuracy(
            own.max(axis=1), right, proba.max(axis=1), weight=weight, seed=seed
        )


def compare_with_past(
    past: Past, reference: Reference, new: Arrivals, *, level: float, seed: int
) -> Monitored:
    """Ask everything about new photos that can be asked; see `pawlens.monitor`.

    Raises
    ------
    PhotosError
        There are fewer than 20 photos.
    RunError
        The reference of the run is that of another model.
    """
    if len(new.paths) < _FEWEST:
        raise PhotosError(
            f"{len(new.paths)} photos: of fewer than {_FEWEST} nothing can be told; wait for more"
        )
    if len(new.features) and new.features.shape[1] != reference.features.shape[1]:
        raise RunError(
            f"{past.run}: reference.parquet is damaged (its features are not those of the model); "
            "copy the whole run folder again, or train the run again"
        )
    shares = class_shares(new.proba, past.shares, seed=seed)
    unlike = _unlike(reference, new)
    checks = _corrected(
        [
            _kind(past, reference, new, seed),
            _unlike_words(unlike, new),
            *_neither(new),
            _shares(past, new, shares),
            *_pictures(reference, new),
        ],
        level,
    )
    alarms = {check.name for check in checks if check.alarm}
    holds = not alarms & {"kind", "unlike", "neither"}
    moved = shares.true if "shares" in alarms and holds else None
    condition = _BROKEN if not holds else _WHATEVER if moved is None else _SHARES
    return Monitored(
        run=past.run,
        photos=len(new.paths),
        looked_at=len(new.features),
        unreadable=new.unreadable,
        level=level,
        checks=checks,
        shares=_shares_by_name(past, shares),
        measured=past.accuracy,
        expected=past.expected(new.proba, moved, seed=seed),
        holds=holds,
        condition=condition,
        shares_moved=moved is not None,
        next=_next(past, new, unlike),
        days=(),
    )


def _corrected(checks: Sequence[Check], level: float) -> list[Check]:
    """Correct p values for the number of questions, and decide which answers are alarms."""
    asked = [check for check in checks if check.p is not None]
    corrected = dict(
        zip([c.name for c in asked], holm([c.p for c in asked if c.p is not None]), strict=True)
    )
    return [
        check
        if check.p is None
        else replace(
            check, p=float(corrected[check.name]), alarm=bool(corrected[check.name] < level)
        )
        for check in checks
    ]


def _kind(past: Past, reference: Reference, new: Arrivals, seed: int) -> Check:
    question = "Are they of the same kind?"
    if not len(new.features):
        return Check("kind", question, f"not asked: {new.lacking}", None)
    number = {name: place for place, name in enumerate(past.classes)}
    before = np.array([number[name] for name in reference.answers], np.int64)
    now = new.proba[new.looked_at].argmax(axis=1)
    tests = two_samples(reference.features, new.features, strata=(before, now), seed=seed)
    found = (
        f"a classifier that tries to tell new photos from old ones of the same answer reaches "
        f"{tests.auc:.2f} (area under the ROC curve), where 0.50 is guessing"
    )
    return Check("kind", question, found, tests.p)


def _unlike(reference: Reference, new: Arrivals) -> Unlike | None:
    return find_unlike(reference.features, new.features) if len(new.features) else None


def _unlike_words(unlike: Unlike | None, new: Arrivals) -> Check:
    question = "Are some unlike all that the run knows?"
    if unlike is None:
        return Check("unlike", question, f"not asked: {new.lacking}", None)
    found = (
        f"{percent(float(unlike.found.mean()))} of the photos are farther from all others than "
        "99 of 100 photos of the run are"
    )
    return Check("unlike", question, found, unlike.p, share=float(unlike.found.mean()))


def _neither(new: Arrivals) -> list[Check]:
    """Ask whether the model calls more photos neither than it may of photos like its own."""
    from scipy.stats import binomtest

    if new.neither is None or not new.false_alarms:
        return []
    called, n = int((new.neither >= ALARM).sum()), len(new.neither)
    p = float(binomtest(called, n, new.false_alarms, alternative="greater").pvalue)
    low, high = (float(end) for end in clopper_pearson(called, n))
    found = (
        f"{Interval(called / n, low, high):.1%} of the photos are answered neither, where "
        f"{percent(new.false_alarms)} of photos like those of the run may be"
    )
    return [Check("neither", "Does the model know them?", found, p, share=called / n)]


def _shares(past: Past, new: Arrivals, shares: ClassShares) -> Check:
    counts = np.bincount(new.proba.argmax(axis=1), minlength=len(past.classes))
    p = compare_counts(past.answers, counts)
    before = past.answers / past.answers.sum()
    most = int(np.abs(shares.answered - before).argmax())
    found = (
        f"{past.classes[most]} is the answer to {percent(float(shares.answered[most]))} of them, "
        f"out-of-fold to {percent(float(before[most]))}"
    )
    return Check("shares", "Are the classes as frequent?", found, p)


def _pictures(reference: Reference, new: Arrivals) -> list[Check]:
    checks = []
    for name, question in _MEASURES.items():
        if name not in new.measures:
            checks.append(Check(name, question, "not asked: there are no pictures", None))
            continue
        before, now = reference.measures[name], new.measures[name]
        middle, other = (float(np.nanmedian(values)) for values in (before, now))
        form = ",.0f" if name == "pixels" else ".2f"
        found = f"{name} {other:{form}} in the middle, {middle:{form}} in the run"
        checks.append(Check(name, question, found, compare_values(before, now)))
    return checks


def _shares_by_name(past: Past, shares: ClassShares) -> dict[str, Share]:
    columns = zip(
        past.shares.tolist(),
        zip(shares.answered, shares.answered_low, shares.answered_high, strict=True),
        zip(shares.true, shares.true_low, shares.true_high, strict=True),
        strict=True,
    )
    return {
        name: Share(trained, Interval(*map(float, answered)), Interval(*map(float, true)))
        for name, (trained, answered, true) in zip(past.classes, columns, strict=True)
    }


def _next(past: Past, new: Arrivals, unlike: Unlike | None) -> list[NextPhoto]:
    if unlike is None:
        return []
    proba = new.proba[new.looked_at]
    rows = label_next(
        1 - proba.max(axis=1), new.features, unlike.distance, count=_NEXT, close=unlike.close
    )
    chosen = []
    for row in rows.tolist():
        place, best = int(new.looked_at[row]), int(proba[row].argmax())
        why = "unlike all photos of the run" if unlike.found[row] else "between two answers"
        if not unlike.found[row] and proba[row, best] > _SURE:
            why = "among the least like the photos of the run"
        picture = None if new.photos is None else make_thumbnail(new.photos, place, Side.SHEET)
        answer, sure = past.classes[best], float(proba[row, best])
        chosen.append(NextPhoto(new.paths[place], answer, sure, why, picture))
    return chosen
