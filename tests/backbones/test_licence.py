"""What licences of weights restrict, in a few words and in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pawlens.backbones import Backbone, licence_notes, licence_terms


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("Apache-2.0", ""),
        ("BSD-3-Clause", ""),
        ("MIT (trained from scratch on photos of research use)", ""),
        ("cc-by-4.0", ""),
        ("cc-by-nc-4.0", "non-commercial"),
        ("CC-BY-NC-SA-4.0", "non-commercial"),
        ("fair-noncommercial-research-license", "non-commercial"),
        ("apple-amlr", "non-commercial"),
        ("dinov3-license", "terms of its own"),
        ("gemma", "terms of its own"),
        ("unknown", "not stated"),
        ("", "not stated"),
    ],
)
def test_terms(licence: str, terms: str) -> None:
    assert licence_terms(licence) == terms


def test_there_is_a_note_for_each_network_that_may_not_simply_be_sold(paw: Backbone) -> None:
    def of(name: str, licence: str) -> object:
        return replace(paw.spec, name=name, licence=licence)

    specs = [paw.spec, of("a", "cc-by-nc-4.0"), of("a", "cc-by-nc-4.0"), of("b", "unknown")]
    notes = licence_notes(specs)  # type: ignore[arg-type]
    assert [note.partition(" under ")[0] for note in notes[:1]] == ["The weights of a are"]
    assert "non-commercial" in notes[0]
    assert notes[1].startswith("The licence of the weights of b is not stated")
    assert len(notes) == 2
