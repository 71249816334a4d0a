"""A Kaggle submission: ``id,label``, joined on the id and checked against the set of ids."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from ..base import read_regular
from ..errors import SubmissionError
from ._predictions import LabelPredictions, Predictions

__all__ = ["read_ids", "submission"]


def submission(
    answers: Predictions, *, positive: str | None = None, expected: Sequence[str] | None = None
) -> str:
    """Write a Kaggle submission: the probability of one class by id.

    Parameters
    ----------
    answers : Predictions
        Predictions for photos whose file names are their ids (``17.jpg``).
    positive : str, optional
        The class whose probability is the label; the last class by default (dog, after cat).
    expected : sequence of str, optional
        The ids that the competition wants. Without it the ids must be 1 to n.

    Returns
    -------
    str
        CSV with a header, rows in the order of the ids.

    Raises
    ------
    SubmissionError
        There are not exactly two classes, or photos have several labels; an unknown positive class;
        a file name that is no id; ids that occur twice, are missing or are not expected; or a photo
        that could not be read: no value is invented.
    """
    name = positive if positive is not None else answers.classes[-1]
    if name not in answers.classes:
        raise SubmissionError(f"positive class {name!r} is not one of {', '.join(answers.classes)}")
    if len(answers.classes) != 2:
        raise SubmissionError(
            f"a submission of id,label needs 2 classes, not {len(answers.classes)}"
        )
    if isinstance(answers, LabelPredictions):
        raise SubmissionError(
            "a submission of id,label needs a model whose classes exclude each other, and this one "
            "gives several labels; predict without --kaggle"
        )
    if answers.unreadable:
        path, status = answers.unreadable[0]
        raise SubmissionError(
            f"{path}: {status} ({len(answers.unreadable)} such); nothing was written, as every id "
            "needs a true value: repair the photo or predict without --kaggle"
        )
    ids = [_id_of(path) for path in answers.paths]
    _check_ids(ids, answers.paths, expected)
    column = answers.proba[:, answers.classes.index(name)].tolist()
    value = dict(zip(ids, column, strict=True))
    order = expected if expected is not None else sorted(ids, key=_by_size)
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(["id", "label"])
    writer.writerows([i, f"{value[i]:.9g}"] for i in order)
    return sink.getvalue()


def read_ids(path: Path) -> list[str]:
    """Read the ``id`` column of a CSV such as ``sample_submission.csv``.

    Raises
    ------
    SubmissionError
        The file cannot be read, has no such column, or has an id twice.
    """
    try:
        text = read_regular(path).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SubmissionError(f"{path}: cannot be read as CSV ({error})") from error
    if not rows or "id" not in rows[0]:
        raise SubmissionError(f"{path}: no id column, or no row")
    ids = [row["id"].strip() for row in rows]
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        raise SubmissionError(f"{path}: id {twice[0]!r} is there {ids.count(twice[0])} times")
    return ids


def _id_of(path: str) -> str:
    stem = PurePosixPath(path).stem
    if not (stem.isascii() and stem.isdigit()):
        raise SubmissionError(f"{path}: its name is not a numeric id such as 17.jpg")
    return stem.lstrip("0") or "0"


def _check_ids(ids: Sequence[str], paths: Sequence[str], expected: Sequence[str] | None) -> None:
    twice = [i for i, n in Counter(ids).items() if n > 1]
    if twice:
        which = [path for path, i in zip(paths, ids, strict=True) if i == twice[0]]
        raise SubmissionError(f"id {twice[0]} is of several photos: {', '.join(which)}")
    wanted = set(expected) if expected is not None else {str(i + 1) for i in range(len(ids))}
    source = "the ids expected" if expected is not None else f"1 to {len(ids)}"
    missing = sorted(wanted - set(ids), key=_by_size)
    extra = sorted(set(ids) - wanted, key=_by_size)
    if missing or extra:
        raise SubmissionError(
            f"the photos' ids are not {source}: {len(missing)} missing"
            + (f" (first {missing[0]})" if missing else "")
            + f", {len(extra)} not expected"
            + (f" (first {extra[0]})" if extra else "")
            + ("" if expected is not None else "; say which are with --ids sample_submission.csv")
        )


def _by_size(text: str) -> tuple[int, str]:
    """Sort key that puts whole numbers without leading zeros in the order of their size."""
    return len(text), text
