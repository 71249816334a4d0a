"""What is wrong with the photos, and what a person decided about them."""

from ._decisions import DECISIONS, Action, Decision, Journal, read_decisions

__all__ = [
    "DECISIONS",
    "Action",
    "Decision",
    "Journal",
    "read_decisions",
]
