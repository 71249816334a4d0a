"""Decisions that need no person: only what was right often enough where it was measured."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..metrics import percent
from ._decisions import Action, Decision

__all__ = ["LEAST_PRECISION", "RULES", "Rule", "automatic_decisions"]

LEAST_PRECISION = 0.95
"""A rule that was right less often is not applied."""

_EXCLUDED = 0.02

Columns = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Rule:
    """What to do with photos of one kind, and how often that is right.

    Attributes
    ----------
    kind : str
        Column ``is_<kind>`` of the audit's table.
    action : {"drop", "relabel", "trim", "keep"}
    precision : float
        Share of the photos concerned of which a person said the same.
    measured : str
        On how many photos of which set.
    applies : callable
        Of the photos of this kind, the rows concerned.
    """

    kind: str
    action: Action
    precision: float
    measured: str
    applies: Callable[[Columns, int], bool] = lambda columns, row: True

    @property
    def in_words(self) -> str:
        """How often it was right, and where."""
        return f"right in {percent(self.precision)} ({self.measured})"


def _surely_another(columns: Columns, row: int) -> bool:
    """Whether a model that did not see the photo all but excludes its one label."""
    labels = columns["labels"][row]
    own = columns[f"p:{labels[0]}"][row] if len(labels) == 1 else None
    return own is not None and own < _EXCLUDED


RULES: tuple[Rule, ...] = (
    Rule("border", "trim", 0.956, "65 of 68 found among 8,800 photos of Dogs vs. Cats"),
    Rule(
        "label_error",
        "drop",
        0.556,
        "5 of the 9 whose label got less than 2 % among 8,800 photos of Dogs vs. Cats",
        _surely_another,
    ),
)


def automatic_decisions(
    columns: Columns, *, decided: Container[str] = (), least_precision: float = LEAST_PRECISION
) -> list[Decision]:
    """What can be decided without a person.

    Parameters
    ----------
    columns : mapping of str to sequence
        The audit's table: ``path``, ``sha256``, ``labels``, ``is_<kind>``, ``p:<class>``.
    decided : container of str
        SHA-256 of photos about which something was decided already; they are left alone.
    least_precision : float
        Rules that were right less often than this are not applied.

    Returns
    -------
    list of Decision
        By ``"auto"``, at most one for each content, with the rule's precision in its reason.
    """
    found: dict[str, Decision] = {}
    for rule in RULES:
        if rule.precision < least_precision or f"is_{rule.kind}" not in columns:
            continue
        reason = f"{rule.kind}: {rule.in_words}"
        for row, flagged in enumerate(columns[f"is_{rule.kind}"]):
            content = columns["sha256"][row]
            if not flagged or not content or content in decided or content in found:
                continue
            if rule.applies(columns, row):
                path = columns["path"][row]
                found[content] = Decision(content, rule.action, path=path, by="auto", reason=reason)
    return list(found.values())
