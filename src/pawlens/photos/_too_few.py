"""Why so few photos of a class train: every cause, with its count and an example."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ._photos import Photos

__all__ = ["why_too_few"]


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
    >>> from pawlens.photos._too_few import why_too_few
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
