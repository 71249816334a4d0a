"""Why there is nothing to train on: no classes, no split that trains, few photos of a class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from .._photos import Photos
from .._what_was_read import what_was_read

__all__ = ["why_no_classes", "why_none_trains", "why_too_few"]


def why_no_classes(photos: Photos) -> str:
    """Say that there are no two classes, how to give them, and what was read and left out."""
    found = f"only the class {photos.classes[0]!r}" if photos.classes else "no two classes"
    read = "; ".join(what_was_read(photos))
    return (
        f"{found} found, at least 2 are needed; use a folder for each class, names like cat.0.jpg "
        "and dog.0.jpg, or a list with the columns path,label"
        + (f" (what was read: {read})" if read else "")
    )


def why_none_trains(photos: Photos) -> str:
    """Say that all splits are held out, and how they were told."""
    counts = Counter(photo.split for photo in photos if photo.labels)
    splits = " and ".join(f"{name} ({count:,} photos)" for name, count in counts.items())
    told = [note for note in photos.notes if "splits" in note]
    return (
        f"there is no training split, only {splits}; call the split that trains train, or name the "
        "folder of one split alone" + "".join(f" ({note})" for note in told)
    )


def why_too_few(photos: Photos, name: str, role: Sequence[str], reason: Sequence[str]) -> str:
    """Say what became of the photos of a class.

    Parameters
    ----------
    photos : Photos
    name : str
        The class.
    role, reason : sequence of str, length n
        See `Table`.

    Returns
    -------
    str
        How many photos have the label, and for each cause that keeps some from training how many,
        and one of them.

    Examples
    --------
    >>> from pawlens.photos import Photo, Photos
    >>> from pawlens.photos.table._too_few import why_too_few
    >>> photos = Photos.read("photos")[3:6]
    >>> role, reason = ["train", "set aside", "test"], ["", "unreadable: it is empty", ""]
    >>> for cause in why_too_few(photos, "cat", role, reason).split("; "):
    ...     print(cause)
    of its 3 photos 1 cannot be read, as train/cat.1.jpg: it is empty
    1 are in test, as train/cat.2.jpg
    """
    own = [row for row, photo in enumerate(photos) if name in photo.labels]
    found: dict[str, list[str]] = defaultdict(list)
    for row in own:
        path = photos[row].path
        kind, _, detail = reason[row].partition(": ")
        if reason[row]:
            found[_IN_WORDS.get(kind, f"are {kind}")].append(
                f"{path}: {detail}" if detail else path
            )
        elif role[row] != "train":
            found[f"are in {role[row]}"].append(path)
    left = len(own) - sum(map(len, found.values()))
    causes = [f"{len(paths):,} {cause}, as {paths[0]}" for cause, paths in found.items()]
    if left > 1:
        causes.append(f"{left:,} show one picture")
    return f"of its {len(own):,} photos {'; '.join(causes) or 'none is set aside'}"


_IN_WORDS = {
    "unreadable": "cannot be read",
    "several labels": "have several labels",
    "leak": "are leaks",
    "decided": "are left out by decisions",
}
