"""Automatic decisions, by rules whose precision was measured and is high enough."""

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
    """A rule for photos of one kind of finding, and its measured precision.

    Attributes
    ----------
    kind : str
        Column ``is_<kind>`` of the audit's table.
    action : {"drop", "relabel", "trim", "keep"}
    precision : float
        Share of the affected photos on which a person decided the same.
    measured : str
        Number and source of the photos that the precision was measured on.
    applies : callable
        Function that selects the affected rows among the photos of this kind.
    """

    kind: str
    action: Action
    precision: float
    measured: str
    applies: Callable[[Columns, int], bool] = lambda columns, row: True

    @property
    def in_words(self) -> str:
        """Write the precision of the rule, and the photos that it was measured on."""
        return f"right in {percent(self.precision)} ({self.measured})"


def _surely_another(columns: Columns, row: int) -> bool:
    """Return whether a model that did not see the photo nearly excludes its only label."""
    labels = columns["labels"][row]
    belief = columns[f"p:{labels[0]}"][row] if len(labels) == 1 else None
    return belief is not None and belief < _EXCLUDED


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
    """Make the decisions that need no person.

    Parameters
    ----------
    columns : mapping of str to sequence
        The audit's table: ``path``, ``sha256``, ``labels``, ``is_<kind>``, ``p:<class>``.
    decided : container of str
        SHA-256 of photos that have a decision already; they are left alone.
    least_precision : float
        Rules that were right less often than this are not applied.

    Returns
    -------
    list of Decision
        Decisions by ``"auto"``, at most one for each content, with the rule's precision in the
        reason.
    """
    decisions: dict[str, Decision] = {}
    for rule in RULES:
        if rule.precision < least_precision or f"is_{rule.kind}" not in columns:
            continue
        reason = f"{rule.kind}: {rule.in_words}"
        for row, flagged in enumerate(columns[f"is_{rule.kind}"]):
            content = columns["sha256"][row]
            if not flagged or not content or content in decided or content in decisions:
                continue
            if rule.applies(columns, row):
                path = columns["path"][row]
                decisions[content] = Decision(
                    content, rule.action, path=path, by="auto", reason=reason
                )
    return list(decisions.values())
