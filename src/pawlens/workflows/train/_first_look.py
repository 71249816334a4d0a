"""Scan and features in one pass, where that saves requests and costs nobody a late error."""

from __future__ import annotations

from pathlib import Path

from ...features import FeatureExtractors, FirstFeatures
from ...photos import Photos
from ._int8 import int8_pays, work_of
from ._method import RunOptions

__all__ = ["first_look"]

_LIGHT = 1e9  # multiply-adds of a photo: about as much work as to decode it


def first_look(
    photos: Photos, options: RunOptions, cache: Path
) -> tuple[FeatureExtractors, FirstFeatures] | None:
    """Open what extracts features while photos are scanned; None where features come later.

    They come later where photos are at hand, as to read them once more costs less than two kinds
    of work in turn on one core; where no head is trained on frozen features; where it is not known
    yet whether they will be in int8; and where a backbone takes much longer than a scan: what is
    wrong with photos and labels is then told before its work, and there is little to save.

    Raises
    ------
    BackboneError
        A backbone is not there, or cannot be run.
    """
    recipe = options.recipe
    if not photos.remote or recipe.phases or recipe.precision == "int8":
        return None
    extractors = options.extractors(cache)
    work = work_of(extractors.backbones)
    if work is None or work > _LIGHT or int8_pays(options, len(photos), extractors.backbones):
        return None
    extractors.open()

    def trimmed(sha256: str) -> bool:
        ruling = options.decisions.get(sha256)
        return recipe.borders == "trim" or (ruling is not None and ruling.action == "trim")

    return extractors, extractors.first_look(trimmed)
