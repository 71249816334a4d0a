"""How the numbers of a run stand: beside the baseline, held-out photos, and what to doubt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..base import first_few
from ..metrics import Baseline, Interval, percent

__all__ = ["HeldOut", "Standing", "beside", "rare_classes"]

FEW = 20  # photos below which the recall of a class has an interval of over 17 points at best
_RARE = 0.2  # share of the commonest class's photos
_SHIFT = 0.1  # difference in a class's share
_NAMED = 3
_LEARN = ("train", "validates", "held out")

Labels = Sequence[Sequence[str]]


@dataclass(frozen=True)
class HeldOut:
    """A labelled split that the user kept from training, and the numbers of the model on it.

    Attributes
    ----------
    split : str
    photos : int
    metrics : mapping of str to Interval
    baseline : Baseline
        The commonest answer of the photos that trained, on these photos.
    """

    split: str
    photos: int
    metrics: Mapping[str, Interval]
    baseline: Baseline


@dataclass(frozen=True)
class Standing:
    """What stands beside the numbers of a run.

    Attributes
    ----------
    right : str
        The metric that says how many photos were answered right.
    metrics : mapping of str to Interval
        Metrics of answers to the photos that train, out-of-fold or on a held-out fold.
    baseline : Baseline
        On the same photos.
    held_out : sequence of HeldOut
        Splits that the user kept from training, which stand first.
    notes : sequence of str
        What to doubt, a sentence or two each, with what to do.
    """

    right: str
    metrics: Mapping[str, Interval]
    baseline: Baseline
    held_out: Sequence[HeldOut] = ()
    notes: Sequence[str] = field(default=())

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        labels: Labels,
        parts: Sequence[str],
        metrics: Mapping[str, Interval],
        held_out: Mapping[str, Mapping[str, Interval]],
    ) -> Standing:
        """Find how a run stands.

        Parameters
        ----------
        classes : sequence of str
        labels : sequence of sequence of str, length n
            Labels of each photo.
        parts : sequence of str, length n
            Part that each photo had: ``train``, ``held out`` (fold), ``valid``, ``test`` ...
        metrics : mapping of str to Interval
            Metrics of the photos that train, or of their held-out fold.
        held_out : mapping of str to mapping of str to Interval
            Metrics of the user's own splits.
        """
        several = "subset_accuracy" in metrics
        right = "subset_accuracy" if several else "accuracy"
        of_part: dict[str, list[Sequence[str]]] = {}
        for row, part in zip(labels, parts, strict=True):
            of_part.setdefault(part, []).append(row)
        learnt = [row for part in _LEARN for row in of_part.get(part, [])]
        measured = of_part.get("held out") or of_part.get("train", learnt)
        own = Baseline.of(measured, classes, several=several)
        splits = [
            HeldOut(
                split,
                len(of_part[split]),
                found,
                Baseline.of(of_part[split], classes, learnt=learnt, several=several),
            )
            for split, found in held_out.items()
            if of_part.get(split)
        ]
        notes = [
            *(
                note
                for one in splits
                if (note := _apart(one, right, metrics, classes, learnt, of_part[one.split]))
            ),
            *_above_baseline(metrics[right], own),
            *rare_classes(classes, learnt, several=several),
        ]
        return cls(right, metrics, own, splits, notes)

    def with_notes(self, notes: Sequence[str]) -> Standing:
        """Return the same with further notes at the end."""
        return replace(self, notes=[*self.notes, *notes])


def beside(metric: str, baseline: Baseline) -> str:
    """Return the baseline of a metric in words; empty where it has none."""
    if metric == "log_loss":
        return f"shares of the classes alone: {baseline.log_loss:.4f}"
    return (
        f"always {baseline.answer}: {baseline.right:.4f}"
        if metric in ("accuracy", "subset_accuracy")
        else ""
    )


def rare_classes(classes: Sequence[str], labels: Labels, *, several: bool = False) -> list[str]:
    """Name classes with few photos, and an imbalance, with what to do about them."""
    counts = {name: sum(name in row for row in labels) for name in classes}
    few = sorted((name for name in classes if counts[name] < FEW), key=counts.__getitem__)
    kind, many = ("label", "labels") if several else ("class", "classes")
    notes = []
    if few:
        named = _listed([f"{name} ({counts[name]})" for name in few])
        notes.append(
            f"{len(few)} {kind if len(few) == 1 else many} of {len(classes)} with fewer than {FEW} "
            f"photos: {named}. How well such a {kind} is recognised is hardly known: add photos, "
            "and read the ranges rather than the numbers."
        )
    rarest, commonest = (pick(classes, key=counts.__getitem__) for pick in (min, max))
    if counts[rarest] < _RARE * counts[commonest]:
        share = percent(counts[rarest] / max(1, len(labels)))
        advice = (
            "look at precision, recall and F1 of each label rather than at its accuracy"
            if several
            else "look at the balanced accuracy, and try --class-weights balanced"
        )
        notes.append(
            f"The {many} are uneven: {rarest} is on {share} of the photos, {commonest} on "
            f"{percent(counts[commonest] / len(labels))}; {advice}."
        )
    return notes


def _above_baseline(share: Interval, baseline: Baseline) -> list[str]:
    if share.low > baseline.right:
        return []
    return [
        f"The answers are not measurably better than “{baseline.in_words()}”, which needs no "
        "photo: more photos or a larger backbone (--backbone) may help."
    ]


def _apart(
    split: HeldOut,
    right: str,
    metrics: Mapping[str, Interval],
    classes: Sequence[str],
    learnt: Labels,
    held: Labels,
) -> str:
    """Say that held-out numbers lie outside the out-of-fold interval, and why that may be."""
    own, other = split.metrics[right], metrics[right]
    if other.low <= own.value <= other.high:
        return ""
    side = "below" if own.value < other.low else "above"
    luck = (
        "Luck may be part of it, since the ranges overlap."
        if own.high >= other.low and own.low <= other.high
        else "That is more than luck."
    )
    here, there = (
        np.array([[name in row for name in classes] for row in rows]).mean(axis=0)
        for rows in (held, learnt)
    )
    most = int(np.abs(here - there).argmax())
    shares = (
        f"; {classes[most]} is on {percent(here[most], 0)} of these photos and on "
        f"{percent(there[most], 0)} of those that trained"
        if abs(here[most] - there[most]) >= _SHIFT
        else ""
    )
    why = (
        "Photos of one animal, camera or session may stand in several folds, which flatters the "
        "out-of-fold number (--group says which belong together); or these photos are of another "
        f"kind or source{shares}."
        if side == "below"
        else f"These photos may be easier than those that trained{shares}."
    )
    return (
        f"On the held-out {split.split} photos {percent(own.value)} ({own.ends('.1%')}) are right, "
        f"{side} the range of the out-of-fold answers, {other.ends('.1%')} %. {luck} {why} "
        "To look: pawlens explore PHOTOS, pawlens audit PHOTOS."
    )


def _listed(names: Sequence[str]) -> str:
    return first_few(names, _NAMED, str)
