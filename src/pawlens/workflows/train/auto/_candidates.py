"""The backbones among which a choice is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ....backbones import known_backbones, split_size

__all__ = ["AUTO", "DEFAULT", "Candidate", "find_candidates"]

AUTO = "auto"
"""What is written in place of a backbone's name for all that are at hand."""

DEFAULT = "paw"

_BYTES = 3.0  # of a parameter, in a file of half and of full floats
_USES = 200  # multiply-adds of a parameter for one photo, in a middling network


@dataclass(frozen=True)
class Candidate:
    """A backbone that may be chosen.

    Attributes
    ----------
    name : str
        As a user writes it.
    macs : int
        Multiply-adds for a photo: those of the table, or a guess by the size of the file.
    """

    name: str
    macs: int


def find_candidates(
    named: Sequence[str], *, weights_dir: Path | None, cache_dir: Path
) -> list[Candidate]:
    """List the candidates, the cheapest first; paw, the default, is always one.

    Parameters
    ----------
    named : sequence of str
        Backbones that the user names; their weights are downloaded as in any training. Where
        `AUTO` is among them, or nothing is named, all that are at hand are added: those in
        `weights_dir`, else those that were downloaded before. Nothing is downloaded for these.
    weights_dir : Path or None
    cache_dir : Path
    """
    names = [name for name in named if name != AUTO]
    if AUTO in named or not named:
        names += _at_hand(cache_dir / "weights" if weights_dir is None else weights_dir)
    places = [folder for folder in (weights_dir, cache_dir / "weights") if folder is not None]
    found = {name: Candidate(name, _macs(name, places)) for name in (DEFAULT, *names)}
    return sorted(found.values(), key=lambda one: (one.name != DEFAULT, one.macs, one.name))


def _at_hand(folder: Path) -> list[str]:
    """Name the weights in a folder, without the tag where there is one of an architecture."""
    stems = sorted(file.stem for file in folder.glob("*.safetensors"))
    many = Counter(stem.partition(".")[0] for stem in stems)
    short = [stem.partition(".")[0] for stem in stems]
    return [name if many[name] == 1 else stem for name, stem in zip(short, stems, strict=True)]


def _macs(name: str, folders: Sequence[Path]) -> int:
    stem, size = split_size(name)
    architecture = stem.partition(".")[0]
    known = {row.spec.name: row for row in known_backbones()}.get(architecture)
    if known is not None and known.macs:
        scale = (size / known.spec.input_size) ** 2 if size else 1.0
        return round(known.macs * scale)
    own = Path(stem)
    files = [
        file
        for folder in folders
        for file in folder.glob("*.safetensors")
        if file.name.partition(".")[0] == architecture
    ]
    size_of_file = next((file.stat().st_size for file in (own, *files) if file.is_file()), 0)
    return round(size_of_file / _BYTES * _USES)
