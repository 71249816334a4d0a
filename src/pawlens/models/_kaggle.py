"""Kaggle submissions: their form, checked before any photo is answered, and their text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from ..errors import SubmissionError
from ._kaggle_classes import ClassNames
from ._kaggle_column import OneColumn, Write, probability
from ._kaggle_ids import own_ids, rows_of
from ._kaggle_sample import Sample
from ._predictions import LabelPredictions, Predictions

__all__ = ["SubmissionForm", "submission"]


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
        self._names = ClassNames(classes)
        chosen = None if positive is None else self._names.of_value(positive)
        if positive is not None and chosen is None:
            raise SubmissionError(f"positive class {positive!r} is not one of {', '.join(classes)}")
        if sample is None:
            single = positive is not None or (len(classes) == 2 and not several)
            ids, self._rows = own_ids(paths, self.notes)
            sample = Sample(ids, ["id", "label"] if single else ["id", *classes])
        else:
            self._rows = rows_of(sample, paths, self.notes)
        self._sample = sample
        self._write: Write
        columns = [sample.names[i] for i in sample.to_fill]
        if not columns:
            raise SubmissionError("the sample submission has ids and no column to fill")
        if len(columns) == 1:
            self._write = OneColumn(
                columns[0],
                sample.values,
                self._names,
                several=several,
                positive=chosen,
                notes=self.notes,
            ).write()
        else:
            self._write = self._columns(columns, positive)
        for i in sample.copied:
            self.notes.append(f"column {sample.names[i]!r} is copied from the sample")

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
        for number, (name, row) in enumerate(zip(sample.ids, self._rows, strict=True)):
            cells = {sample.id_column: name}
            cells |= {i: held[number] for i, held in sample.copied.items()}
            cells |= dict(zip(sample.to_fill, self._write(answers, row), strict=True))
            writer.writerow([cells[i] for i in range(len(sample.names))])
        return sink.getvalue()

    def _columns(self, columns: Sequence[str], positive: str | None) -> Write:
        """Fill a column for each class, in the order of the columns."""
        classes = self._names.classes
        meanings = [self._names.of_column(column) for column in columns]
        if all(found is None and not doubt.startswith("names") for found, doubt in meanings):
            raise SubmissionError(
                f"none of the columns {', '.join(columns)} is a class of the model; its classes "
                f"are {', '.join(classes)}; if one of them is to be filled, leave the others out "
                "of the sample"
            )
        chosen = []
        for column, (found, doubt) in zip(columns, meanings, strict=True):
            if found is None:
                why = f" (it {doubt})" if doubt.startswith("names") else ""
                raise SubmissionError(
                    f"column {column!r} is no class of the model{why}; its classes are "
                    f"{', '.join(classes)}"
                )
            chosen.append(found)
        lacking = [name for i, name in enumerate(classes) if i not in chosen]
        if lacking or len(set(chosen)) < len(chosen):
            what = f"class {lacking[0]!r} has no column" if lacking else "a class has two columns"
            raise SubmissionError(f"{what}; the columns are {', '.join(columns)}")
        if positive is not None:
            raise SubmissionError("--positive fills one column, and there is one for each class")
        of_each = [probability(number) for number in chosen]
        return lambda answers, row: [cell for one in of_each for cell in one(answers, row)]


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
