"""The failures of a model, grouped by what can be seen to be hard about the photos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ._interval import Floats, Ints

__all__ = ["REASONS", "Advice", "Evidence", "FailureGroup", "Reason", "group_failures"]

# The probability at which a part or a turn speaks for a class; docs/report.md has the figures.
_SURE = 0.98
# A label may be wrong where every look at the photo gives it less probability than this.
_DOUBT = 0.1


@dataclass(frozen=True)
class Reason:
    """A reason why a photo may be hard, and what to do about it, in words."""

    title: str
    meaning: str
    advice: str


REASONS: Mapping[str, Reason] = {
    "unread": Reason(
        "Cannot be read any more",
        "The photo vanished or became unreadable after it was measured, so that nobody can say "
        "why it was answered wrongly.",
        "Put the photos back where they lay, then train again.",
    ),
    "both": Reason(
        "Shows two classes",
        "One half of the photo surely shows the one class, another half the other.",
        "Set them aside in the review, or train with several labels a photo.",
    ),
    "label": Reason(
        "The label may be wrong",
        "Whole, turned and in halves, every look at the photo contradicts its label.",
        "Look at them in the review and correct the labels that are wrong; then train again.",
    ),
    "turned": Reason(
        "Turned",
        "Wrong as it is, and surely right when it is turned by a quarter or a half.",
        "Predict with the view rotations, or train with an augmentation that rotates.",
    ),
    "quality": Reason(
        "A poor picture",
        "Blurred, very dark or very light, nearly empty, or with a plain border around it.",
        "Take such photos again, or leave them to a person; borders can be cut off.",
    ),
    "small": Reason(
        "A small subject",
        "What the model looks at covers a small part of the photo.",
        "Predict with the view subject, use a larger input size, or crop the photos.",
    ),
    "unlike": Reason(
        "Unlike the other photos",
        "Drawn, staged or otherwise far from what the model knows of this class.",
        "Add more photos of this kind, or leave them out if the model need not know them.",
    ),
    "other": Reason(
        "None of these",
        "Nothing measurable stands out: a hidden face, an unusual pose, or a class that simply "
        "looks like another.",
        "More photos like these help most; a larger backbone or fine-tuning may help, too.",
    ),
}
"""Reasons in the order in which they are tried: a photo belongs to the first that holds."""


@dataclass(frozen=True)
class Advice:
    """A step to take next: what, why, and the command that does it, if there is one."""

    headline: str
    words: str
    command: str


@dataclass(frozen=True)
class Evidence:
    """Everything that was measured of n wrongly answered photos.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        Their rows among the photos that were measured.
    label : ndarray of int64, shape (n,)
        Number of the class that the label names.
    turned : ndarray of float64, shape (4, n, K)
        Probabilities upright, and turned by 90, 180 and 270 degrees; NaN where the photo could
        not be read for it.
    parts : ndarray of float64, shape (P, n, K)
        Probabilities of parts of the photo; NaN likewise.
    small, poor, unlike : ndarray of bool, shape (n,)
        Whether the subject is small, the picture poor, or the photo far from all others.
    """

    rows: Ints
    label: Ints
    turned: Floats
    parts: Floats
    small: np.typing.NDArray[np.bool_]
    poor: np.typing.NDArray[np.bool_]
    unlike: np.typing.NDArray[np.bool_]


@dataclass(frozen=True)
class FailureGroup:
    """Photos that are hard for the same reason; `rows` are those of `Evidence`."""

    name: str
    reason: Reason
    rows: Ints


def group_failures(evidence: Evidence) -> list[FailureGroup]:
    """Put every photo into the group of the first reason that holds; leave out empty groups."""
    holds = _holds(evidence)
    left = np.ones(len(evidence.rows), bool)
    groups = []
    for name, reason in REASONS.items():
        own = left & holds.get(name, left)
        left &= ~own
        if own.any():
            groups.append(FailureGroup(name, reason, evidence.rows[own]))
    return groups


def _holds(evidence: Evidence) -> dict[str, np.typing.NDArray[np.bool_]]:
    """Find out which reasons hold, bool (n,) each; a missing look (NaN) speaks for none."""
    each = np.arange(len(evidence.label))
    own_turned, own_parts = (
        looks[:, each, evidence.label] for looks in (evidence.turned, evidence.parts)
    )
    others = evidence.parts.copy()
    others[:, each, evidence.label] = np.nan
    own_looks = np.concatenate([own_turned, own_parts])
    return {
        "unread": np.isnan(own_looks).all(axis=0),
        "both": (own_parts >= _SURE).any(axis=0) & (others >= _SURE).any(axis=(0, 2)),
        "label": (own_looks < _DOUBT).all(axis=0),
        "turned": (own_turned[1:] >= _SURE).any(axis=0) & (own_turned[0] < 0.5),
        "quality": evidence.poor,
        "small": evidence.small,
        "unlike": evidence.unlike,
    }
