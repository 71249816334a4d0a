"""Kaggle submissions: their form, checked before any photo is answered, and their text."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath

from ..errors import SubmissionError
from ..photos import name_key, natural_key
from ._kaggle_sample import Sample
from ._predictions import LabelPredictions, Predictions

__all__ = ["SubmissionForm", "submission"]

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_JOINERS = (" ", ";", ",", "|")  # of the labels of one photo
_IDS = "say which ids are wanted with --ids sample_submission.csv"

_OF_COLUMNS = re.compile(
    r"(?i)is|of|p|probs?|proba|probability|pred|predicted|prediction|score|confidence"
)

Write = Callable[[Predictions, int], list[str]]


class SubmissionForm:
    """The form of a submission, which can be refused before any photo is answered.

    Parameters
    ----------
    paths : sequence of str
        The photos; their names are, with or without ending and folder, their ids.
    classes : sequence of str
        The model's classes.
    several : bool
        Whether the model gives several labels a photo.
    positive : str, optional
        The class whose probability stands in the only column.
    sample : Sample, optional
        The competition's sample, which decides ids, their order, header and columns. Without it the
        header is ``id,label``, with the probability of the last of two classes, or ``id`` and the
        names of more classes; ids that are numbers must then be 1 to n.

    Raises
    ------
    SubmissionError
        Ids are missing, unknown or of several photos; or a column is of no class, or a class of no
        column.

    Attributes
    ----------
    notes : list of str
        What was guessed, a sentence each.
    """

    def __init__(
        self,
        paths: Sequence[str],
        classes: Sequence[str],
        *,
        several: bool = False,
        positive: str | None = None,
        sample: Sample | None = None,
    ) -> None:
        self.notes: list[str] = []
        self._classes, self._several = list(classes), several
        if positive is not None and positive not in classes:
            raise SubmissionError(f"positive class {positive!r} is not one of {', '.join(classes)}")
        if sample is None:
            single = positive is not None or (len(classes) == 2 and not several)
            ids, self._rows = self._own_ids(paths)
            sample = Sample(ids, ["id", "label"] if single else ["id", *classes])
        else:
            self._rows = _rows_of(sample, paths)
        self._sample = sample
        columns = [name for i, name in enumerate(sample.names) if i != sample.id_column]
        if not columns:
            raise SubmissionError("the sample submission has ids and no column to fill")
        if len(columns) == 1:
            self._write = self._one_column(columns[0], positive)
        else:
            self._write = self._columns(columns, positive)

    def write(self, answers: Predictions) -> str:
        """Write the submission as CSV, rows in the order of the ids.

        Parameters
        ----------
        answers : Predictions
            Answers to the photos that the form was checked with.

        Raises
        ------
        SubmissionError
            A photo could not be read: no value is invented.
        """
        if answers.unreadable:
            path, status = answers.unreadable[0]
            raise SubmissionError(
                f"{path}: {status} ({len(answers.unreadable)} such); nothing was written, as every "
                "id needs a true value: repair the photo or predict without --kaggle"
            )
        sample, sink = self._sample, io.StringIO()
        writer = csv.writer(sink, lineterminator="\n", delimiter=sample.delimiter)
        writer.writerow(sample.names)
        for name, row in zip(sample.ids, self._rows, strict=True):
            cells = self._write(answers, row)
            cells.insert(sample.id_column, name)
            writer.writerow(cells)
        return sink.getvalue()

    def _own_ids(self, paths: Sequence[str]) -> tuple[list[str], list[int]]:
        """Take the photos' names as ids; numbers must be 1 to n, so that none is missing."""
        stems = [PurePosixPath(path).stem for path in paths]
        numbers = [_number(stem) for stem in stems]
        if not any(number is not None for number in numbers):
            self.notes.append(f"ids are the names of the photos, and were not checked; {_IDS}")
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

    def _one_column(self, name: str, positive: str | None) -> Write:
        """Fill the only column: with a probability, or with the names of classes."""
        named = self._match_column(name)
        values = self._sample.values - {""}
        as_names = any(self._match(part) is not None for v in values for part in self._parts(v))
        if positive is not None or named is not None:
            if positive is not None and named not in (None, self._classes.index(positive)):
                raise SubmissionError(
                    f"column {name!r} is the class {self._classes[named or 0]!r}, and --positive "
                    f"says {positive!r}; leave --positive out"
                )
            chosen = named if named is not None else self._classes.index(positive or "")
            return lambda answers, row: [f"{answers.proba[row, chosen]:.9g}"]
        if as_names:
            self.notes.append(f"column {name!r} has the names of classes, as in the sample")
            spelled = self._spelled(values)
            return self._several_names(values, spelled) if self._several else _best(spelled)
        text = next((value for value in sorted(values) if not _NUMBER.fullmatch(value)), None)
        if text is not None:
            raise SubmissionError(
                f"column {name!r} of the sample has {text!r}, which is no class of the model: "
                f"{', '.join(self._classes)}"
            )
        if len(self._classes) != 2 or self._several:
            raise SubmissionError(
                f"column {name!r} alone cannot hold the probabilities of {len(self._classes)} "
                "classes; choose one with --positive, or give a sample that has a column for each"
            )
        if self._sample.values:
            label = self._classes[1]
            self.notes.append(
                f"column {name!r} has the probability of {label!r}, unless --positive says another"
            )
        return lambda answers, row: [f"{answers.proba[row, 1]:.9g}"]

    def _columns(self, columns: Sequence[str], positive: str | None) -> Write:
        """Fill a column for each class, in the order of the columns."""
        found = [self._match_column(column) for column in columns]
        if None in found:
            raise SubmissionError(
                f"column {columns[found.index(None)]!r} is no class of the model; its classes are "
                f"{', '.join(self._classes)}"
            )
        chosen = [number for number in found if number is not None]
        lacking = [name for i, name in enumerate(self._classes) if i not in chosen]
        if lacking or len(set(chosen)) < len(chosen):
            what = f"class {lacking[0]!r} has no column" if lacking else "a class has two columns"
            raise SubmissionError(f"{what}; the columns are {', '.join(columns)}")
        if positive is not None:
            raise SubmissionError("--positive fills one column, and there is one for each class")
        return lambda answers, row: [f"{answers.proba[row, i]:.9g}" for i in chosen]

    def _match(self, name: str) -> int | None:
        """Find the class that a name means, but for case, spaces and punctuation."""
        if name in self._classes:
            return self._classes.index(name)
        alike = [i for i, one in enumerate(self._classes) if name_key(one) == name_key(name) != ""]
        return alike[0] if len(alike) == 1 else None

    def _match_column(self, name: str) -> int | None:
        """Find the class that a column is of, also as ``is_cat`` or ``cat probability``."""
        words = [w for w in re.findall(r"[^\W_]+", name) if not _OF_COLUMNS.fullmatch(w)]
        found = self._match(name)
        return found if found is not None else self._match(" ".join(words))

    def _spelled(self, values: Iterable[str]) -> list[str]:
        """Return the names of the classes as the sample spells them, or their own."""
        found = {self._match(part): part for value in values for part in self._parts(value)}
        names = [found.get(i, name) for i, name in enumerate(self._classes)]
        if names != self._classes and not found.keys() >= set(range(len(names))):
            own = next(name for i, name in enumerate(self._classes) if i not in found)
            self.notes.append(f"the sample does not have {own!r}; it is written so")
        return names

    def _parts(self, value: str) -> list[str]:
        if not self._several:
            return [value]
        return [value, *(part for joiner in _JOINERS for part in value.split(joiner))]

    def _several_names(self, values: Iterable[str], spelled: Sequence[str]) -> Write:
        """Join the labels of a photo as the sample does, by a space if it never does."""
        split = ((joiner, value.split(joiner)) for value in values for joiner in _JOINERS)
        joiners = [
            j for j, parts in split if len(parts) > 1 and None not in map(self._match, parts)
        ]
        joiner = (joiners or [" "])[0]
        names = dict(zip(self._classes, spelled, strict=True))

        def write(answers: Predictions, row: int) -> list[str]:
            if not isinstance(answers, LabelPredictions):
                return _best(spelled)(answers, row)
            return [joiner.join(names[label] for label in answers.label_sets[row] or ())]

        return write


def submission(
    answers: Predictions, *, positive: str | None = None, sample: Sample | None = None
) -> str:
    """Write answers as a Kaggle submission; see `SubmissionForm`.

    Parameters
    ----------
    answers : Predictions
    positive : str, optional
    sample : Sample, optional

    Returns
    -------
    str
        CSV with a header, rows in the order of the ids.

    Raises
    ------
    SubmissionError
        The form is refused, or a photo could not be read: no value is invented.
    """
    form = SubmissionForm(
        answers.paths,
        answers.classes,
        several=isinstance(answers, LabelPredictions),
        positive=positive,
        sample=sample,
    )
    return form.write(answers)


def _best(names: Sequence[str]) -> Write:
    """Fill a column with the name of the most probable class."""
    return lambda answers, row: [names[int(answers.proba[row].argmax())]]


def _rows_of(sample: Sample, paths: Sequence[str]) -> list[int]:
    """Find the photo of each id, by its path or name, with or without ending.

    Raises
    ------
    SubmissionError
        An id has no photo, or several; or a photo has no id.
    """
    by_form: list[dict[str, list[int]]] = [defaultdict(list) for _ in range(4)]
    for row, path in enumerate(paths):
        pure = PurePosixPath(path)
        whole = pure.as_posix()
        for forms, text in zip(
            by_form, (whole, whole.removesuffix(pure.suffix), pure.name, pure.stem), strict=True
        ):
            forms[text].append(row)
    if next((forms for forms in by_form if sample.names[sample.id_column] in forms), None):
        raise SubmissionError(
            f"the sample submission has no header: its first row, "
            f"{sample.names[sample.id_column]!r}, is a photo"
        )
    by_file: dict[str, list[int]] = defaultdict(list)
    for row, path in enumerate(paths):
        by_file[_file_name(path)].append(row)
    rows = []
    missing = []
    for name in sample.ids:
        found = next((forms[name] for forms in by_form if name in forms), [])
        found = found or by_file.get(_file_name(name), [])
        if len(found) > 1:
            which = ", ".join(paths[row] for row in found[:3])
            raise SubmissionError(f"id {name} is of several photos: {which}")
        rows += found
        missing += [] if found else [name]
    known = set(rows)
    extra = [path for row, path in enumerate(paths) if row not in known]
    if missing or extra:
        raise SubmissionError(
            f"the photos' ids are not the ids expected: {_counted(missing, 'missing')}, "
            f"{_counted(extra, 'not expected')}"
        )
    _refuse_twice([str(row) for row in rows], [paths[row] for row in rows])
    return rows


def _file_name(path: str) -> str:
    """Return the name of a file whatever folder it is said to lie in, and in whatever case."""
    return PurePosixPath(path.replace("\\", "/")).name.casefold()


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
