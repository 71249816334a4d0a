"""The papers of a run, for others: the card of its model and the description of its photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..backbones import BackboneSpec
from ..models import load
from ..pages import CardFacts, dataset_name, render_croissant, render_model_card
from ..runs import Papers, Run, rewrite_papers

__all__ = ["card", "papers_of"]


def card(
    run: Run | str | Path,
    *,
    name: str | None = None,
    licence: str = "",
    creator: str = "",
    citation: str = "",
) -> list[Path]:
    """Write the papers of a finished run anew: ``model-card.md`` and ``dataset.croissant.json``.

    Every run writes both by itself. They are made from the files of the run alone, so that a run of
    an earlier version gets them too. What only a person knows can be put in.

    Parameters
    ----------
    run : Run or path
    name : str, optional
        What the photos are called; by default as their folder or archive.
    licence : str
        Licence of the photos, as a name or an address.
    creator : str
        Who made the set of photos.
    citation : str
        How to cite it.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    RunError
        There is no finished run, or its folder cannot be written.

    Examples
    --------
    >>> from pawlens import card
    >>> [file.name for file in card("runs/first", licence="CC BY 4.0")]
    ['model-card.md', 'dataset.croissant.json']
    """
    found = run if isinstance(run, Run) else Run(run)
    facts = CardFacts(
        run=found,
        backbones=load(found).facts.backbones,
        name=name or dataset_name(found),
        licence=licence,
        creator=creator,
        citation=citation,
    )
    return rewrite_papers(found.path, _rendered(facts))


def papers_of(run: Run, backbones: Sequence[BackboneSpec]) -> Papers:
    """Make the papers of a run that is being written, from the files that are there."""
    return _rendered(CardFacts(run=run, backbones=backbones, name=dataset_name(run)))


def _rendered(facts: CardFacts) -> Papers:
    return Papers(render_model_card(facts), render_croissant(facts))
