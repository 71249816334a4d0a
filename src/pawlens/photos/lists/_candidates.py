"""Files among photos that may be lists of them, each read or with the reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from ...errors import PhotosError, UnreadablePhoto
from ..decoding import why_not_photo
from ..layout import Told, split_words
from ..stores import Skipped, Store
from ._columns import NO_LABEL, ColumnNames
from ._file_finder import FileFinder
from ._join import Candidate
from ._known_names import path_rank
from ._lists import LIST_SUFFIXES, WORKBOOKS, Listing, list_rows, read_rows, split_of_file
from ._parquet import holds_pictures
from ._trust import are_names_of_classes, says_labels

__all__ = ["find_lists", "is_submission"]

_DEPTH = 2  # a list lies beside the photos' folders, or in a folder there
_BY_WORDS = re.compile(
    r"(?i)(^|[^a-z])(labels?|annotations?|metadata|list|splits?|coco|classes|project)([^a-z]|$)"
)
_SUBMISSION = re.compile(r"(?i)submission")
_SAMPLE = 200  # rows that show whether a table names photos


class _NoneNamed(PhotosError):
    """A table names no photo that is there; `why` says so where it is meant to name photos."""

    def __init__(self, why: PhotosError | None) -> None:
        super().__init__("it names no photo")
        self.why = why


def find_lists(
    store: Store, told: Told, columns: ColumnNames
) -> tuple[list[Candidate], list[Skipped]]:
    """Find the lists of photos among the files of a folder or an archive.

    Parameters
    ----------
    store : Store
    told : Told
        What paths tell. If they tell labels, text and JSON that is not called like a list is none,
        and a list whose labels cannot be read is read for its other columns.
    columns : ColumnNames
        Columns that a person named.

    Returns
    -------
    lists : list of Candidate
    skipped : list of Skipped
        Files that are no lists of these photos, or cannot be read.

    Raises
    ------
    PhotosError
        The only list there is cannot be read, or names no photo, and nothing else tells labels; or
        no list has the column of labels that a person named.
    """
    found: list[Candidate] = []
    skipped: list[Skipped] = []
    of_others: PhotosError | None = None
    broken: PhotosError | None = None
    wanted = columns.label not in (None, NO_LABEL)
    for name, sure in _files(store):
        if not sure and told.labels:
            continue
        try:
            one = _read(store, name, columns, told)
        except _NoneNamed as error:
            of_others = of_others or (error.why if sure else None)
            one = Skipped(name, "no list of these photos: it names none of them")
        except PhotosError as error:
            broken = broken or (error if sure and not told.labels else None)
            one = Skipped(name, _not_used(store, name, told, error))
        if isinstance(one, Skipped):
            skipped.append(one)
            continue
        if one.problem is not None:
            broken = broken or (one.problem if wanted or (sure and not told.labels) else None)
            one = one._replace(why=_no_labels(store, name, told, one.problem))
        found.append(one)
    if broken is not None and not any(one.labelled for one in found):
        if wanted:
            raise broken
        raise PhotosError(f"{broken}; or move it away, if it is no list of labels")
    if of_others is not None and not (found or told.labels):
        raise of_others  # the only list there is, and why no photo of it was found
    return found, skipped


def _not_used(store: Store, name: str, told: Told, error: PhotosError) -> str:
    why = str(error).removeprefix(f"{store.location / name}: ")
    if not told.labels:
        return f"not used; {why}"
    return f"not used, as {told.teller} tell the labels; {why}"


def _no_labels(store: Store, name: str, told: Told, error: PhotosError) -> str:
    """Say why a list tells no labels, whose other columns are read."""
    why = str(error).removeprefix(f"{store.location / name}: ").partition("; ")[0]
    tells = f", as {told.teller} tell them" if told.labels else ""
    return f"not used for labels{tells}: {why}; --label-column takes one of its columns"


def _files(store: Store) -> Iterator[tuple[str, bool]]:
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
        called = bool(_BY_WORDS.search(path.stem) or split_words(path.stem))
        yield name, suffix not in (".txt", ".json") or called


def _around_photos(names: Sequence[str]) -> set[PurePosixPath]:
    """Return the folders that all photos lie in, at any depth."""
    folders = {PurePosixPath(name).parent for name in names if why_not_photo(name) == ""}
    return set.intersection(*({one, *one.parents} for one in folders)) if folders else set()


def is_submission(name: str) -> bool:
    """Return whether a file is called as a submission to a competition is, and holds no labels."""
    return _SUBMISSION.search(PurePosixPath(name).stem) is not None


def _read(store: Store, name: str, columns: ColumnNames, told: Told) -> Candidate | Skipped:
    """Read a file that may be a list, or say why it is none of these photos."""
    path = PurePosixPath(name)
    if is_submission(name):
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
    if are_names_of_classes(rows, name, data, len(told.photos)):
        return Skipped(name, "it names classes, not photos")
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

    def read(*, labels: bool) -> Listing:
        return read_rows(
            rows, finder, header=header, where=where, labels=labels, columns=columns, split=split
        )

    def read_plain() -> Listing:
        return _bare(read(labels=False))

    try:
        listing = read(labels=True)
    except PhotosError as error:
        try:
            return Candidate(name, split, read_plain(), read_plain, problem=error)
        except PhotosError:
            raise error from None
    return Candidate(name, split, listing, read_plain, says_labels(listing.columns, name, data))


def _bare(listing: Listing) -> Listing:
    """Take away labels, which a list without a header has whether they are wanted or not."""
    columns = listing.columns._replace(label=None)
    told = listing.columns.in_words()
    return listing._replace(
        photos=[replace(photo, labels=()) for photo in listing.photos],
        notes=[note.replace(told, columns.in_words()) for note in listing.notes],
        columns=columns,
    )
