"""Whether a list of labels or the paths of its photos tell the classes, where both may."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Literal, NamedTuple

from ...base import first_few
from ...errors import PhotosError
from ..layout import Told
from ._lists import Listing
from ._trust import how_to_take

__all__ = ["Verdict", "judge"]

_SHOWN = 4
_MEND = "--label-column none takes the labels of paths, or name the list alone"


class Verdict(NamedTuple):
    """Who tells the labels.

    Attributes
    ----------
    by : str
        ``"list"``; ``"paths"``; ``"both"``, where the list labels photos whose paths tell nothing;
        or ``"same"``, where paths say what the list says, and of more photos.
    why : str
        What a person should know of it, a sentence; empty where both say the same.
    """

    by: Literal["list", "paths", "both", "same"]
    why: str = ""


def judge(listing: Listing, name: str, told: Told, where: Path, *, wanted: bool) -> Verdict:
    """Choose between labels of a list and those that paths tell.

    Parameters
    ----------
    listing : Listing
        It is sure to have labels.
    name : str
        The list's name, for messages.
    told : Told
        What paths tell: at least one label.
    where : Path
        The folder or archive, for messages.
    wanted : bool
        Whether a person named the column of labels.

    Raises
    ------
    PhotosError
        Both name the same classes and differ in a photo, or the list has other classes and lacks
        some of the photos: nobody can know which is meant.
    """
    labelled = {photo.path: photo.labels for photo in listing.photos if photo.labels}
    labels = {label for own in labelled.values() for label in own}
    missed = Counter(label for path, label in told.labels.items() if path not in labelled)
    differ = [path for path, own in labelled.items() if told.labels.get(path, own[0]) not in own]
    differ += [path for path, own in labelled.items() if path in told.labels and len(own) > 1]
    if not differ:
        return _agreed(listing, name, told, labelled, missed, wanted=wanted)
    if wanted:
        return Verdict("list", _instead(name, told))
    first = differ[0]
    here, there = told.labels[first], ";".join(labelled[first])
    if labels & told.classes and (told.by_folder or missed):
        lies = f"lies in class folder {here!r}" if told.by_folder else f"has {here!r} in its name"
        raise PhotosError(
            f"{where}: {first!r} {lies}, and the list beside it says {there!r} ({name}); name the "
            "list alone, or move it away"
        )
    if not missed:
        return Verdict("list", _instead(name, told))
    all_of = Counter(told.labels.values())
    number = f"{sum(all_of.values()) - missed.total():,} of {len(told.labels):,} photos"
    if all(2 * missed[label] < count for label, count in all_of.items()):
        raise PhotosError(
            f"{where}: {told.teller} tell classes ({told.shown}), and {name} tells others of "
            f"{number} ({first_few(sorted(labels), _SHOWN, str)}): which are meant? {_MEND}"
        )
    return Verdict(
        "paths",
        f"{name} is not used for labels, as {told.teller} tell them ({told.shown}) and it has "
        f"others of {number}; {how_to_take(listing.columns)}",
    )


def _agreed(
    listing: Listing,
    name: str,
    told: Told,
    labelled: dict[str, tuple[str, ...]],
    missed: Counter[str],
    *,
    wanted: bool,
) -> Verdict:
    """Choose where no photo has two labels."""
    labels = {label for own in labelled.values() for label in own}
    there = {photo.path for photo in told.photos}
    added = [path for path in labelled if path in there and path not in told.labels]
    if not missed:
        return Verdict("list")
    if labels & told.classes and added:
        return Verdict("both", f"labels of {len(added):,} photos are from {name}")
    if labels & told.classes:
        return Verdict(
            "same", f"{told.teller} say the same, also of {missed.total():,} photos more"
        )
    if wanted:
        return Verdict("list", _instead(name, told))
    return Verdict(
        "paths",
        f"{name} is not used for labels, as its labels "
        f"({first_few(sorted(labels), _SHOWN, str)}) are none of the classes "
        f"that {told.teller} tell ({told.shown}); write it with these, or "
        f"{how_to_take(listing.columns)}",
    )


def _instead(name: str, told: Told) -> str:
    return (
        f"{told.teller} ({told.shown}) are not used for labels, as {name} tells others; "
        "--label-column none takes the labels of paths instead"
    )
