"""Words in the names of folders: splits, folds, and folders that say nothing of their photos."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection

__all__ = [
    "SPLIT_NAMES",
    "UNLABELLED",
    "as_folds",
    "as_splits",
    "is_generic",
    "is_numbered",
    "is_of_the_system",
    "is_unlabelled",
    "loose_name",
    "masks_among",
    "numbered",
    "plain_name",
    "split_of",
    "split_words",
    "splits_of_classes",
    "word_set",
    "words_of",
]

SPLIT_NAMES = {
    **dict.fromkeys(("train", "training", "trn"), "train"),
    **dict.fromkeys(("valid", "val", "validation", "validate", "dev"), "valid"),
    **dict.fromkeys(("eval", "evaluation"), "valid"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}
"""Words that mean a split, in lower case."""

UNLABELLED = "unlabelled"
"""What `as_splits` calls a folder of photos to be predicted, which lies beside splits."""


def word_set(words: str) -> frozenset[str]:
    """Return words that are written with spaces between them."""
    return frozenset(words.split())


_BARE = word_set("unlabelled unlabeled unannotated unsup unsorted untagged todo")
_UNLABELLED = _BARE | word_set("pred predict prediction predictions")
_NEUTRAL = word_set(
    "set sets data dataset datasets split splits image images img imgs photo photos picture "
    "pictures pic pics folder folders dir files jpg jpeg jpegs png all"
)
_FOLDS = word_set("fold folds kfold cv split")
_MASKS = word_set(
    "mask masks annotation annotations labels label trimap trimaps segmentation segmentations "
    "segmentationclass groundtruth gt"
)
_INPUTS = word_set("image images img imgs photo photos pictures input inputs jpegimages")
_SYSTEM = word_set(
    "@eadir @recycle @tmp @__thumb @sharebin @synoeastream @synoresource @recently-snapshot "
    "#recycle #snapshot $recycle.bin found.000 lost+found __macosx "
    "node_modules _vti_cnf __pycache__"
) | {"system volume information", "network trash folder", "temporary items"}
_JOINED = re.compile(
    rf"({'|'.join(sorted(SPLIT_NAMES, key=len, reverse=True))})({'|'.join(_NEUTRAL)})"
)
_TOKENS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|\d+")


def plain_name(name: str) -> str:
    """Return a name in one Unicode form (NFC), so that two spellings of it are the same text."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def loose_name(name: str) -> str:
    """Return a name without what easily differs by accident: case, outer space, full width."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def split_of(name: str) -> str | None:
    """Return the split that a folder's name or a list's cell means: ``Training``, ``val_set``."""
    words = words_of(name)
    splits = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
    if len(splits) != 1 or any(w not in SPLIT_NAMES and not _means_nothing(w) for w in words):
        return None
    return splits.pop()


def as_splits(names: Collection[str]) -> dict[str, str] | None:
    """Return what splits folders beside each other mean, or None where they are something else.

    They are splits if each name has words for one split and all agree in the rest: ``seg_train``
    and ``seg_test``, not ``steam train`` and ``test tube``. A lone folder must have no other word.
    """
    rests, found = set(), {}
    for name in names:
        words = words_of(name)
        splits = {SPLIT_NAMES[word] for word in words if word in SPLIT_NAMES}
        if _UNLABELLED.intersection(words) and not splits:
            found[name] = UNLABELLED
            continue
        if len(splits) != 1:
            return None
        (found[name],) = splits
        rests.add(tuple(w for w in words if w not in SPLIT_NAMES and not _means_nothing(w)))
    agree = len(rests) == 1 and (len(found) > 1 or rests == {()})
    return found if agree else None


def split_words(name: str) -> set[str]:
    """Return the splits that any word of a name means: ``trainLabels``, ``y_test``."""
    return {SPLIT_NAMES[word] for word in words_of(name) if word in SPLIT_NAMES}


def splits_of_classes(names: Collection[str]) -> bool:
    """Return whether each name is that of a split and of a class: ``train_cat``, ``testA``."""
    splits: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name in names:
        words, of_split = words_of(name), split_words(name)
        rest = tuple(word for word in words if word not in SPLIT_NAMES)
        if len(of_split) != 1 or not rest:
            return False
        splits[rest] |= of_split
    return len(splits) > 1 and max(map(len, splits.values())) > 1


def as_folds(names: Collection[str]) -> bool:
    """Return whether folders beside each other are folds: ``fold1``, ``fold_2``, ``cv3``."""
    return numbered(names, _FOLDS)


def is_generic(name: str) -> bool:
    """Return whether a folder's name says nothing of its photos: ``images``, ``data``, ``all``.

    A name of signs alone (``+``) or of pictures has no words, and is as good as any other.
    """
    words = words_of(name)
    return bool(words) and all(
        _means_nothing(w) or w in _UNLABELLED or w in ("unknown", "sub") for w in words
    )


def is_unlabelled(name: str) -> bool:
    """Return whether a folder's name says that its photos have no labels: ``unlabeled_images``."""
    return bool(_BARE.intersection(words_of(name))) and is_generic(name)


def is_numbered(name: str) -> bool:
    """Return whether a name has a number in it, as those of subjects and series have."""
    return any(character.isdecimal() for character in name)


def is_of_the_system(name: str) -> bool:
    """Return whether a folder is one of a NAS, an operating system or a tool, as ``@eaDir``."""
    return name.casefold() in _SYSTEM


def masks_among(names: Collection[str]) -> tuple[str, str] | None:
    """Return a folder of pictures and one of masks or annotations that lie beside each other."""
    lower = {"".join(words_of(name)): name for name in names}
    masks, inputs = _MASKS.intersection(lower), _INPUTS.intersection(lower)
    return (lower[min(inputs)], lower[min(masks)]) if masks and inputs else None


def words_of(name: str) -> list[str]:
    """Split a name into words in lower case: ``trainSet_2`` into ``train``, ``set``, ``2``."""
    words: list[str] = []
    for token in _TOKENS.findall(plain_name(name)):
        joined = _JOINED.fullmatch(token.casefold())
        words += joined.groups() if joined else [token.casefold()]
    return ["holdout" if word == "hold" else word for word in words if word != "out"]


def _means_nothing(word: str) -> bool:
    return word in _NEUTRAL or word.isdecimal()


def numbered(names: Collection[str], stems: frozenset[str]) -> bool:
    """Return whether names are one of the stems and a number, and otherwise the same.

    Parameters
    ----------
    names : collection of str
    stems : frozenset of str
        Words in lower case.
    """
    found = set()
    for name in names:
        words = words_of(name)
        if len(words) < 2 or not words[-1].isdecimal() or words[-2] not in stems:
            return False
        found.add(tuple(words[:-1]))
    return len(found) == 1
