"""Lists among photos, in a folder or an archive, and whether they or the folders are the labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..errors import PhotosError, UnreadablePhoto
from ._file_finder import FileFinder
from ._folder_words import in_words_of_folders
from ._formats import why_not_photo
from ._layout import check_splits
from ._list_columns import ColumnNames
from ._list_names import path_rank
from ._lists import LIST_SUFFIXES, WORKBOOKS, Listing, list_rows, read_rows, split_of_file
from ._parquet import holds_pictures
from ._photo import Photo
from ._stores import Skipped, Store

__all__ = ["ListChoice", "choose_list"]

_DEPTH = 2  # a list lies beside the photos' folders, or in a folder there
_BY_WORDS = re.compile(
    r"(?i)(^|[^a-z])(labels?|annotations?|metadata|list|train|training|val|valid|validation|dev|test|coco|classes|"
    r"project)([^a-z]|$)"
)
_SUBMISSION = re.compile(r"(?i)submission")
_SAMPLE = 200  # rows that show whether a table names photos


class ListChoice(NamedTuple):
    """The list that tells the labels, if one does, and what became of the others.

    `used` are the names of the files that the listing was read from.
    """

    listing: Listing | None
    used: Sequence[str]
    skipped: Sequence[Skipped]


class _NoneNamed(PhotosError):
    """A table names no photo that is there; `why` says so where it is meant to name photos."""

    def __init__(self, why: PhotosError | None) -> None:
        super().__init__("it names no photo")
        self.why = why


class _Candidate(NamedTuple):
    name: str
    split: str | None
    listing: Listing

    @property
    def labelled(self) -> bool:
        return any(photo.labels for photo in self.listing.photos)


def choose_list(
    store: Store, by_folder: Mapping[str, str], columns: ColumnNames, *, by_name: bool = False
) -> ListChoice:
    """Choose between the lists that lie among photos and the class folders that photos lie in.

    A list that names photos wins over labels in file names. Over class folders it wins where it
    says the same of all photos, or has other classes; where both name the same classes and differ
    in a photo, nobody can know which is meant.

    Parameters
    ----------
    store : Store
    by_folder : mapping of str to str
        Path -> class of the photos that lie in class folders.
    columns : ColumnNames
        Columns that a person named.
    by_name : bool
        Whether files' names tell labels. Then text and JSON that is not called like a list is none.

    Raises
    ------
    PhotosError
        Several lists may be meant, a list cannot be read, or it contradicts the class folders.
    """
    found: list[_Candidate] = []
    skipped: list[Skipped] = []
    of_others: PhotosError | None = None
    broken: PhotosError | None = None
    for name, sure in _lists(store):
        if not sure and (by_folder or by_name):
            continue
        try:
            one = _read(store, name, columns)
        except _NoneNamed as error:
            of_others = of_others or (error.why if sure else None)
            one = Skipped(name, "no list of these photos: it names none of them")
        except PhotosError as error:
            if sure and not by_folder:
                broken = broken or error
            why = "not used, as class folders tell the labels" if by_folder else "not used"
            one = Skipped(name, f"{why}; {str(error).removeprefix(f'{store.location / name}: ')}")
        (skipped if isinstance(one, Skipped) else found).append(one)  # type: ignore[arg-type]
    if broken is not None and not any(one.labelled for one in found):
        raise broken
    if of_others is not None and not (found or by_folder or by_name):
        raise of_others  # the only list there is, and why no photo of it was found
    used = _together(store, found)
    listing = _joined(store, used)
    if listing and by_folder:
        listing = in_words_of_folders(listing, by_folder)
    why = _why_folders(store, listing, by_folder) if listing and by_folder else ""
    skipped += [
        Skipped(one.name, why or "a list without labels") for one in found if one not in used
    ]
    if why:
        skipped += [Skipped(one.name, why) for one in used]
        return ListChoice(None, [], skipped)
    return ListChoice(listing, [one.name for one in used], skipped)


def _lists(store: Store) -> Iterator[tuple[str, bool]]:
    """Yield files that may be lists, and whether they are tables or called like a list."""
    names = store.names()
    around = _around_photos(names)
    for name in names:
        path = PurePosixPath(name)
        suffix = path.suffix.lower()
        if suffix not in (*LIST_SUFFIXES, *WORKBOOKS):
            continue
        if len(path.parts) > _DEPTH and around.isdisjoint(path.parents[:_DEPTH]):
            continue
        yield name, suffix not in (".txt", ".json") or bool(_BY_WORDS.search(path.stem))


def _around_photos(names: Sequence[str]) -> set[PurePosixPath]:
    """Return the folders that all photos lie in, at any depth."""
    folders = {PurePosixPath(name).parent for name in names if why_not_photo(name) == ""}
    return set.intersection(*({one, *one.parents} for one in folders)) if folders else set()


def _read(store: Store, name: str, columns: ColumnNames) -> _Candidate | Skipped:
    """Read a file that may be a list, or say why it is none of these photos."""
    path = PurePosixPath(name)
    if _SUBMISSION.search(path.stem):
        return Skipped(name, "a submission, not labels; name it with --ids")
    if path.suffix.lower() in WORKBOOKS:
        return Skipped(name, "a workbook; if it has the labels, save it as CSV")
    try:
        data = store.read(name)
    except UnreadablePhoto as error:
        raise PhotosError(f"{store.location}: {name!r} {error}") from error
    split = split_of_file(Path(name))
    base = path.parent.as_posix()
    finder = FileFinder(store, base="" if base == "." else base, split=split)
    where = store.location / name
    if path.suffix.lower() == ".parquet" and holds_pictures(data, where):
        return Skipped(name, "it holds pictures of its own; name it alone to read them")
    rows, header = list_rows(data, where)
    cells = (cell for row in rows[:_SAMPLE] for cell in dict.fromkeys(row))
    if not any(map(finder.finds, cells)):
        if not rows or not any(path_rank(cell) is not None for cell in rows[0]):
            raise _NoneNamed(None)
        try:
            read_rows(rows, finder, header=header, where=where, labels=False, columns=columns)
        except PhotosError as error:
            raise _NoneNamed(error) from error
    if rows[0][:3] == ["path", "status", "label"]:
        return Skipped(name, "answers of a model, not labels; name it alone to read it as labels")
    listing = read_rows(
        rows, finder, header=header, where=where, labels=True, columns=columns, split=split
    )
    return _Candidate(name, split, listing)


def _together(store: Store, found: Sequence[_Candidate]) -> list[_Candidate]:
    """Choose the lists that stand together: of one split each, or a single one with labels."""
    labelled = [one for one in found if one.labelled] or list(found)
    splits = [one.split for one in labelled]
    if len(labelled) > 1 and (None in splits or len(set(splits)) < len(splits)):
        names = ", ".join(one.name for one in labelled)
        raise PhotosError(
            f"{store.location}: {len(labelled)} lists of its photos ({names}); name the list "
            "instead of the folder"
        )
    others = (one for one in found if one not in labelled)
    return labelled + [one for one in others if one.split and one.split not in splits]


def _joined(store: Store, used: Sequence[_Candidate]) -> Listing | None:
    """Join lists of different splits to one."""
    if len(used) < 2:
        return used[0].listing if used else None
    photos: dict[str, Photo] = {}
    further: dict[str, dict[str, str]] = {}
    for one in used:
        for photo in one.listing.photos:
            photos[photo.path] = _of_both(photos.get(photo.path, photo), photo, store, one)
        for column, values in one.listing.further.items():
            further.setdefault(column, {}).update(values)
    check_splits(photos.values(), str(store.location))
    notes = [note for one in used for note in one.listing.notes]
    return Listing(list(photos.values()), further, notes)


def _of_both(photo: Photo, again: Photo, store: Store, one: _Candidate) -> Photo:
    """Join what a list of labels and one of splits say of a photo; one alone may say it."""
    if photo == again:
        return photo
    if (photo.labels and again.labels) or (photo.split and again.split):
        raise PhotosError(
            f"{store.location}: {photo.path!r} is in several lists, one of them {one.name}; name "
            "one of them instead of the folder"
        )
    return replace(photo, labels=photo.labels or again.labels, split=photo.split or again.split)


def _why_folders(store: Store, listing: Listing, by_folder: Mapping[str, str]) -> str:
    """Say why class folders tell the labels and not a list; empty where the list does."""
    labelled = [photo for photo in listing.photos if photo.labels]
    if not labelled:
        return "a list without labels"
    differ = [p for p in labelled if p.path in by_folder and p.labels != (by_folder[p.path],)]
    if not differ:
        missed = len(by_folder.keys() - {photo.path for photo in labelled})
        return f"class folders say the same, also of {missed:,} photos more" if missed else ""
    both = {label for photo in labelled for label in photo.labels} & set(by_folder.values())
    if both:
        one = differ[0]
        raise PhotosError(
            f"{store.location}: {one.path!r} lies in class folder {by_folder[one.path]!r}, and the "
            f"list beside it says {';'.join(one.labels)!r}; name the list alone, or move it away"
        )
    return ""
