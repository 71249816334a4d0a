"""What the licence of weights allows, as far as one who ships a model must know."""

from __future__ import annotations

from collections.abc import Iterable

from ._spec import BackboneSpec

__all__ = ["licence_notes", "licence_terms"]

_FREE = ("apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "cc0-1.0", "cc-by-4.0")
_NOT_FOR_SALE = ("-nc", "noncommercial", "non-commercial", "research", "apple-amlr", "seer-license")
_NO_WORD = ("", "unknown", "none", "not stated")


def licence_terms(licence: str) -> str:
    """Say in a few words what a licence restricts; empty where a model may be sold.

    Parameters
    ----------
    licence : str
        As weights state it: ``"Apache-2.0"``, ``"cc-by-nc-4.0"``, ``"dinov3-license"``. What stands
        in brackets after it is a remark.

    Returns
    -------
    str
        ``"non-commercial"``, ``"terms of its own"``, ``"not stated"`` or ``""``. This is a warning,
        not advice of a lawyer: who ships a model reads the licence.

    Examples
    --------
    >>> licence_terms("Apache-2.0"), licence_terms("cc-by-nc-4.0"), licence_terms("dinov3-license")
    ('', 'non-commercial', 'terms of its own')
    """
    name = licence.partition("(")[0].strip().lower()
    if name in _NO_WORD:
        return "not stated"
    if any(part in name for part in _NOT_FOR_SALE):
        return "non-commercial"
    return "" if name in _FREE else "terms of its own"


def licence_notes(specs: Iterable[BackboneSpec]) -> list[str]:
    """Write a sentence for each backbone whose weights may not simply be sold with a model."""
    notes = {}
    for spec in specs:
        terms = licence_terms(spec.licence)
        if terms == "not stated":
            notes[spec.name] = (
                f"The licence of the weights of {spec.name} is not stated: ask who made them "
                "before a model with them is passed on."
            )
        elif terms:
            notes[spec.name] = (
                f"The weights of {spec.name} are under {spec.licence}, {terms}: it holds for every "
                "model with them; read it before one is passed on or sold."
            )
    return list(notes.values())
