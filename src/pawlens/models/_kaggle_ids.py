"""The ids of a submission, and the photo that each of them is."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from ..errors import SubmissionError
from ..photos import PHOTO_ENDING, natural_key
from ._kaggle_sample import Sample

__all__ = ["own_ids", "rows_of"]

_IDS = "say which ids are wanted with --ids sample_submission.csv"
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def own_ids(paths: Sequence[str], notes: list[str]) -> tuple[list[str], list[int]]:
    """Take the photos' names as ids; numbers must be 1 to n, so that none is missing.

    Parameters
    ----------
    paths : sequence of str
    notes : list of str
        What is guessed is added here.

    Returns
    -------
    tuple of list of str and list of int
        The ids in their order, and the photo of each.

    Raises
    ------
    SubmissionError
        An id is of several photos, or numbers are missing.
    """
    stems = [PurePosixPath(path).stem for path in paths]
    numbers = [_number(stem) for stem in stems]
    if not any(number is not None for number in numbers):
        notes.append(f"ids are the names of the photos, and were not checked; {_IDS}")
        keys = stems
    elif None in numbers:
        odd = paths[numbers.index(None)]
        raise SubmissionError(f"{odd}: its name is not a number, as others are; {_IDS}")
    else:
        keys = [number or "" for number in numbers]
    _refuse_twice(keys, paths)
    if keys is not stems:
        _refuse_gaps(keys)
    order = sorted(range(len(keys)), key=lambda row: natural_key(keys[row]))
    return [stems[row] for row in order], order


def rows_of(sample: Sample, paths: Sequence[str], notes: list[str]) -> list[int]:
    """Find the photo of each id, by its path or name, with or without ending.

    Where ids and names all differ by zeros before numbers, endings or case alone, and each id is
    then one photo, they are taken for each other.

    Parameters
    ----------
    sample : Sample
    paths : sequence of str
    notes : list of str
        What is guessed is added here.

    Raises
    ------
    SubmissionError
        An id has no photo, or several; or a photo has no id.
    """
    by_form = _forms(paths)
    header = _composed(sample.names[sample.id_column])
    if any(header in forms for forms in by_form):
        raise SubmissionError(
            f"the sample submission has no header: its first row, {header!r}, is a photo; "
            "add a row of names before it, as id,label"
        )
    by_file = _grouped(paths, _file_name)
    found: list[int | None] = []
    for name in sample.ids:
        plain = _composed(name)
        rows = next((forms[plain] for forms in by_form if plain in forms), [])
        rows = rows or by_file.get(_file_name(name), [])
        if len(rows) > 1:
            which = ", ".join(paths[row] for row in rows[:3])
            raise SubmissionError(
                f"id {name} is of several photos: {which}; remove all but one, or write ids with "
                "the folders of the photos"
            )
        found.append(rows[0] if rows else None)
    missing = [name for name, row in zip(sample.ids, found, strict=True) if row is None]
    if missing:
        found = _alike(sample.ids, paths, found, notes) or found
    complete = [row for row in found if row is not None]
    known = set(complete)
    extra = [path for row, path in enumerate(paths) if row not in known]
    if len(complete) < len(found) or extra:
        raise SubmissionError(_other_ids(missing, extra))
    _refuse_twice([str(row) for row in complete], [paths[row] for row in complete])
    return complete


def _forms(paths: Sequence[str]) -> list[dict[str, list[int]]]:
    """Return the photos by what an id may call them, the fullest names first."""
    by_form: list[dict[str, list[int]]] = [defaultdict(list) for _ in range(4)]
    for row, path in enumerate(paths):
        pure = PurePosixPath(_composed(path))
        whole = pure.as_posix()
        texts = (whole, whole.removesuffix(pure.suffix), pure.name, pure.stem)
        for forms, text in zip(by_form, texts, strict=True):
            forms[text].append(row)
    return by_form


def _grouped(names: Sequence[str], key: Callable[[str], str]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(names):
        groups[key(name)].append(row)
    return groups


def _alike(
    ids: Sequence[str], paths: Sequence[str], found: Sequence[int | None], notes: list[str]
) -> list[int | None] | None:
    """Find the ids without a photo by what is left without zeros and endings; None if unsure."""
    of_ids, of_photos = _grouped(ids, _loose_name), _grouped(paths, _loose_name)
    if of_ids.keys() != of_photos.keys():
        return None
    if any(len(rows) > 1 for groups in (of_ids, of_photos) for rows in groups.values()):
        return None
    guessed = [of_photos[_loose_name(name)][0] for name in ids]
    rows = [new if row is None else row for row, new in zip(found, guessed, strict=True)]
    first = found.index(None)
    notes.append(
        f"{found.count(None):,} ids are the names of photos but for zeros, ending or case: "
        f"{ids[first]!r} is {paths[guessed[first]]}"
    )
    return list(rows)


def _other_ids(missing: Sequence[str], extra: Sequence[str]) -> str:
    """Say that the ids are of other photos, and how to mend it."""
    if not extra:
        mend = "name the folder that holds the photos of all ids"
    elif not missing:
        mend = "move the photos away that the competition does not ask for"
    elif {_loose_name(name) for name in missing} & {_loose_name(path) for path in extra}:
        mend = (
            "some differ by zeros before numbers, ending or folder alone, and not all can be told "
            "apart without them: rename the photos as the ids are written"
        )
    else:
        mend = (
            "an id is a photo's path or name, with or without ending: name the folder of the "
            "competition's test photos, or rename them as the ids are written"
        )
    return (
        f"the photos' ids are not the ids expected: {_counted(missing, 'missing')}, "
        f"{_counted(extra, 'not expected')}; {mend}"
    )


def _loose_name(path: str) -> str:
    """Return the name of a file without what programs lose: zeros, its ending and its folder.

    A table that takes ids for numbers with gaps writes ``7`` as ``7.0``.
    """
    name = _file_name(path)
    bare = PHOTO_ENDING.sub("", name)
    return _ZEROS.sub("", name.removesuffix(".0") if bare == name else bare)


def _file_name(path: str) -> str:
    """Return the name of a file whatever folder it is said to lie in, and in whatever case."""
    return PurePosixPath(_composed(path).replace("\\", "/")).name.casefold()


def _composed(name: str) -> str:
    """Return a name in one Unicode form, as macOS writes another than the rest."""
    return unicodedata.normalize("NFC", name)


def _number(stem: str) -> str | None:
    """Return a whole number without its leading zeros, None where a name is none."""
    return stem.lstrip("0") or "0" if stem.isascii() and stem.isdigit() else None


def _refuse_twice(keys: Sequence[str], paths: Sequence[str]) -> None:
    twice = [i for i, n in Counter(keys).items() if n > 1]
    if twice:
        which = [path for path, i in zip(paths, keys, strict=True) if i == twice[0]]
        raise SubmissionError(f"id {twice[0]} is of several photos: {', '.join(which)}; {_IDS}")


def _refuse_gaps(numbers: Sequence[str]) -> None:
    wanted = {str(i + 1) for i in range(len(numbers))}
    missing = sorted(wanted - set(numbers), key=natural_key)
    extra = sorted(set(numbers) - wanted, key=natural_key)
    if missing:
        raise SubmissionError(
            f"the photos' ids are not 1 to {len(numbers)}: {_counted(missing, 'missing')}, "
            f"{_counted(extra, 'not expected')}; {_IDS}"
        )


def _counted(names: Sequence[str], what: str) -> str:
    return f"{len(names)} {what}" + (f" (first {names[0]})" if names else "")
