"""Doubts whether folders are the classes: these may lie in them, or in one of them alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...base import first_few
from .._photo import natural_key
from ._file_labels import labels_of_files
from ._folder_names import as_folds, as_splits, is_numbered, loose_name, word_set, words_of
from ._part_names import as_parts, is_of_a_division

__all__ = ["LevelFolder", "hold_the_same", "one_holds_the_classes", "some_names"]

_SHOWN = 4
_CHANCE = 8  # of so many names in several folders one may be the same by chance
_SHORTEST = 3  # letters of a word; shorter ones are parts of numbers, as in P12
_WRAPPERS = word_set(
    "labelled labeled annotated classified categorized categorised sorted class classes category "
    "categories"
)
_REST = word_set("other others misc miscellaneous rest various unknown")
_STRAYS = word_set(
    "doc docs documentation readme report reports result results plot plots figure figures fig "
    "figs chart charts output outputs extra extras log logs tmp temp old backup backups cache "
    "script scripts notebook notebooks asset assets screenshot screenshots example examples"
)


@dataclass(frozen=True)
class LevelFolder:
    """A folder that may be a class.

    Attributes
    ----------
    name : str
    below : mapping of tuple of str to int
        Folders of photos in it -> number of photos; ``()`` are those that lie in it directly.
    files : collection of str
        Names of the files that lie in it directly.
    """

    name: str
    below: Mapping[tuple[str, ...], int]
    files: Collection[str] = ()

    @property
    def loose(self) -> int:
        """How many photos lie in it directly."""
        return self.below.get((), 0)

    @property
    def is_flat(self) -> bool:
        return not any(self.below)

    @property
    def is_wrapper(self) -> bool:
        """Whether its name is that of a folder around others: ``images``, ``fold1``, ``labelled``.

        A number may be a class.
        """
        words = words_of(self.name)
        if all(word.isdecimal() for word in words) or _REST.intersection(words):
            return False
        return as_folds([self.name]) or as_parts([self.name]) or bool(_WRAPPERS.issuperset(words))

    @property
    def is_stray(self) -> bool:
        """Whether its name is that of a folder that usually lies beside photos: ``docs``."""
        words = [word for word in words_of(self.name) if not word.isdecimal()]
        return bool(words) and _STRAYS.issuperset(words)

    @property
    def all_names(self) -> frozenset[str]:
        """Names of all folders in it, at any depth."""
        return frozenset(name for folders in self.below for name in folders)

    @cached_property
    def inner(self) -> frozenset[str]:
        """Names of folders in it that may be classes, or photos' subjects."""
        return frozenset(names[0] for names in _further_down([self])[self.name])

    @cached_property
    def divisions(self) -> frozenset[str]:
        """Names of splits or folds that the photos in it are divided into."""
        first = frozenset(folders[0] for folders in self.below if folders)
        splits = as_splits(first) if first else None
        several = (splits and len(set(splits.values())) > 1) or (len(first) > 1 and as_folds(first))
        return first if several else frozenset()


def hold_the_same(folders: Collection[LevelFolder]) -> list[str]:
    """Return names of folders that lie in several ones, if they may be the classes.

    Words are, but for one of many; numbers (of subjects or series) only where folders are all
    numbered, or each number has a word of its own as in ``001.Albatross``.

    Parameters
    ----------
    folders : collection of LevelFolder

    Returns
    -------
    list of str
        Empty where there is no doubt.
    """
    below = _further_down(folders)
    inner = {folder: {names[0] for names in own} for folder, own in below.items()}
    spelt: dict[str, str] = {}  # Cat and cat are the same
    for names in inner.values():
        spelt.update({loose_name(name): name for name in sorted(names)})
    holding = {
        folder: {spelt[loose_name(name)] for name in names}
        for folder, names in inner.items()
        if names
    }
    count = Counter(name for names in holding.values() for name in names)
    every, shared = set(count), {name for name, times in count.items() if times > 1}
    words = {name for name in every if not is_numbered(name)}
    shared_words = {name for name in shared & words if not _REST.issuperset(words_of(name))}
    if len(every) < 2:
        return []
    if shared_words and _CHANCE * len(shared_words) > len(words):
        return sorted(shared_words, key=natural_key)
    by_all = {name for name, times in count.items() if times == len(holding) > 1}
    if 2 * len(by_all) < len(every):
        return []
    numbers = all(map(is_numbered, every)) and not _have_words_of_their_own(every)
    if numbers and not all(map(is_numbered, inner)):  # subjects or series within each class
        same = hold_the_same([_without_numbers(name, own) for name, own in below.items()])
        return same if sum(not is_numbered(name) for name in same) > 1 else []
    return sorted(by_all, key=natural_key)


def one_holds_the_classes(folders: Collection[LevelFolder]) -> tuple[str, list[str], str] | None:
    """Return a folder that seems to hold the classes, what is in it, and a stray one beside it.

    Parameters
    ----------
    folders : collection of LevelFolder

    Returns
    -------
    (str, list of str, str) or None
        None where there is no doubt that the folders are classes themselves.
    """
    for folder in folders:
        others = [other for other in folders if other is not folder]
        flat = [other for other in others if other.is_flat]
        stray = [other for other in others if other.is_stray]
        undivided = [other for other in others if not other.divisions]
        beside = (stray or flat or others)[0].name if others else ""
        if folder.divisions and undivided:
            return folder.name, sorted(folder.divisions, key=natural_key), undivided[0].name
        if _holds_classes(folder, others):
            return folder.name, sorted(folder.inner, key=natural_key), beside
        if others and folder.is_flat and (folder.is_wrapper or len(stray) == len(others)):
            labels = {label for label in labels_of_files(list(folder.files))[0] if label}
            if labels:
                return folder.name, [f"{label}..." for label in sorted(labels)], beside
    return None


def some_names(names: Iterable[str]) -> str:
    """Name up to four of several names, and count the others."""
    return first_few(sorted(names, key=natural_key), _SHOWN, str)


def _without_numbers(folder: str, below: Iterable[tuple[str, ...]]) -> LevelFolder:
    """Return what a folder holds below numbered ones, as the cameras of a site: ``cam1/cat``."""
    kept: Counter[tuple[str, ...]] = Counter()
    for names in below:
        place = next((i for i, name in enumerate(names) if not is_numbered(name)), len(names))
        kept[names[place:]] += 1
    return LevelFolder(folder, kept)


def _holds_classes(folder: LevelFolder, others: Collection[LevelFolder]) -> bool:
    words = [name for name in folder.inner if not is_numbered(name)]
    flat = sum(other.is_flat for other in others)
    if len(folder.inner) < 2 or not others:
        return False
    if folder.is_wrapper:
        return flat > 0 or len(words) > 1
    if flat < len(others) or 4 * folder.loose >= sum(folder.below.values()):
        return False
    return all(o.is_stray for o in others) or (len(words) > 1 and len(folder.inner) > len(others))


def _further_down(folders: Iterable[LevelFolder]) -> dict[str, set[tuple[str, ...]]]:
    """Return the folders in each folder, from the first that may be a class or a subject on.

    Passed are splits, folds, dates, words for nothing, and a folder that all of them lie in.
    """
    below = {folder.name: set(filter(None, folder.below)) for folder in folders}
    while True:
        passed = {name: {_passed(one) for one in own} - {()} for name, own in below.items()}
        first = {one[0] for own in passed.values() for one in own}
        if len(first) == 1 and any(len(one) > 1 for own in passed.values() for one in own):
            passed = {name: {one[1:] for one in own} - {()} for name, own in passed.items()}
        if passed == below:
            return below
        below = passed


def _passed(folders: tuple[str, ...]) -> tuple[str, ...]:
    while folders and is_of_a_division(folders[0]):
        folders = folders[1:]
    return folders


def _have_words_of_their_own(names: Collection[str]) -> bool:
    """Return whether each name has another word beside its number: ``001.Albatross``."""
    words = [tuple(word for word in words_of(name) if not word.isdecimal()) for name in names]
    long = all(any(len(word) >= _SHORTEST for word in own) for own in words)
    return long and len(words) > 1 and len(set(words)) == len(words)
