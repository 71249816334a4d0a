"""The description of a run's photos in Croissant 1.1, the JSON-LD of MLCommons for data sets."""

from __future__ import annotations

import json
from typing import Any

from ..base import plain, sha256_of
from ..runs import PHOTOS
from ._model_card import CardFacts

__all__ = ["render_croissant"]

_CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_TYPE = "application/x-parquet"
_OWN = [
    "arrayShape",
    "citeAs",
    "column",
    "conformsTo",
    "containedIn",
    "equivalentProperty",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "samplingRate",
    "separator",
    "source",
    "subField",
    "transform",
]
"""Terms of Croissant itself; the standard fixes the context, term by term."""

_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("path", "sc:Text", "Path of the photo in the folder or archive that was read."),
    ("sha256", "sc:Text", "SHA-256 of the photo's file; empty where it could not be read."),
    ("labels", "sc:Text", "Labels of the photo, after decisions about single photos."),
    ("split", "sc:Text", "Split that the user gave: train, valid or test."),
    ("role", "sc:Text", "What the photo was for in this run."),
    ("fold", "sc:Integer", "Fold of the cross-validation in which it was answered; -1 for none."),
    ("group", "sc:Integer", "Photos of one group show the same picture or subject."),
)


def render_croissant(card: CardFacts) -> str:
    """Render the description of the photos behind a run, as JSON-LD.

    The table of photos with content hashes, splits and labels is a file of the run folder, whose
    columns and SHA-256 are told. No photo is in it, nor a path of the machine.
    """
    run = card.run
    table = run.path / PHOTOS
    names, splits = run.classes, _splits(card)
    text = f"{len(run.photos()):,} photos with labels of {len(names)} classes: "
    values: dict[str, Any] = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "name": plain(card.name),
        "description": plain(
            text + ", ".join(names) + ". The photos themselves are not part of this description; "
            "their SHA-256 tell whether others have the same ones."
        ),
        "conformsTo": _CONFORMS_TO,
        "version": "1.0.0",
        "license": plain(card.licence) or "not stated",
        **(
            {"creator": {"@type": "sc:Person", "name": plain(card.creator)}} if card.creator else {}
        ),
        **({"citeAs": plain(card.citation)} if card.citation else {}),
        **({"dateCreated": run.environment["date"]} if "date" in run.environment else {}),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": PHOTOS,
                "name": PHOTOS,
                "description": "The table of photos.",
                "contentUrl": PHOTOS,
                "contentSize": f"{table.stat().st_size} B",
                "encodingFormat": _TYPE,
                "sha256": sha256_of(table),
            }
        ],
        "recordSet": [
            _enumeration("classes", names),
            *([_enumeration("splits", splits)] if splits else []),  # an empty one is not valid
            _rows(),
        ],
    }
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


def _context() -> dict[str, Any]:
    return {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "sc": "https://schema.org/",
        **{term: f"cr:{term}" for term in _OWN},
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "name": {"@container": "@language"},
        "description": {"@container": "@language"},
    }


def _splits(card: CardFacts) -> list[str]:
    return sorted({split for split in card.run.photos()["split"].to_pylist() if split})


def _enumeration(name: str, values: list[str]) -> dict[str, Any]:
    key = f"{name}/name"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "dataType": "sc:Enumeration",
        "key": {"@id": key},
        "field": [{"@type": "cr:Field", "@id": key, "name": "name", "dataType": "sc:Text"}],
        "data": [{key: plain(value)} for value in values],
    }


def _rows() -> dict[str, Any]:
    """Return the record set of photos: one record a photo, from the table's columns."""
    fields = []
    for name, kind, text in _COLUMNS:
        source = {"fileObject": {"@id": PHOTOS}, "extract": {"column": name}}
        field: dict[str, Any] = {"@type": "cr:Field", "@id": f"photos/{name}", "name": name}
        field |= {"description": text, "dataType": kind, "source": source}
        if name == "labels":
            field |= {"isArray": True, "arrayShape": "-1"}
        fields.append(field)
    return {
        "@type": "cr:RecordSet",
        "@id": "photos",
        "name": "photos",
        "description": "One record for each photo that was read.",
        "key": {"@id": "photos/path"},
        "field": fields,
    }
