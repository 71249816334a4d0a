"""Several runs joined by content: their predictions for the photos that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import RunError, UsageError
from ..photos import join_groups, natural_key
from ._run import Run

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Answers", "Joined", "join_runs", "run_names"]


@dataclass(frozen=True)
class Answers:
    """The out-of-fold predictions of one run by content.

    Attributes
    ----------
    row : dict of (sha256, label) to int
        The row in the other attributes of each content, once for each label that it has.
    path : list of str
    fold, group : ndarray of int64, shape (n,)
    proba : dict of str to ndarray of float64, shape (n,)
        Probabilities by class, from models that did not train on the photo.
    """

    row: dict[tuple[str, str], int]
    path: list[str]
    fold: Ints
    group: Ints
    proba: dict[str, Floats]


@dataclass(frozen=True)
class Joined:
    """Answers of R runs to the n contents that all answered under the same label.

    Attributes
    ----------
    runs : list of Run
    names : list of str
        Names of the folders; whole paths where names alone would be ambiguous.
    classes : list of str
        All classes that any run knows.
    y : ndarray of int64, shape (n,)
    proba : ndarray of float64, shape (R, n, K)
        Classes are mapped by name; 0 for one that a run does not know.
    fold : ndarray of int64, shape (R, n)
    group : ndarray of int64, shape (n,)
        Photos share a number if any run has them in one group.
    paths, sha256 : list of str, length n
        Paths and contents, as the first run names them.
    answered : list of int
        Contents that each run answered.
    relabelled : int
        Contents that all answered, but not under the same label; they are left out.
    unknown : list of str
        Classes that not all runs know; their photos are left out.
    """

    runs: list[Run]
    names: list[str]
    classes: list[str]
    y: Ints
    proba: Floats
    fold: Ints
    group: Ints
    paths: list[str]
    sha256: list[str]
    answered: list[int]
    relabelled: int
    unknown: list[str]


def join_runs(runs: Sequence[Run]) -> Joined:
    """Read the answers of runs and keep the photos that all have answered.

    Raises
    ------
    UsageError
        The same run is named twice, gives several labels, or the runs have no photo in common.
    RunError
        Files of a run are missing or damaged.
    """
    names = run_names([run.path for run in runs])
    several = next((run for run in runs if "labels" in run.metrics), None)
    if several is not None:
        raise UsageError(
            f"{several.path}: gives several labels a photo, and only runs of one label are "
            "compared; its report and metrics.json have the numbers"
        )
    read = [_answers(run) for run in runs]
    classes_of = [set(answers.proba) for answers in read]
    classes = sorted(set().union(*classes_of), key=natural_key)
    shared = set.intersection(*classes_of)
    both = [key for key in read[0].row if all(key in answers.row for answers in read)]
    common = [key for key in both if key[1] in shared]
    if not common:
        raise UsageError(
            f"{', '.join(names)}: no photo that all answered under the same label; compare runs "
            "on the same photos"
        )
    contents = set.intersection(*({sha for sha, _ in answers.row} for answers in read))
    rows = np.array([[answers.row[key] for key in common] for answers in read])
    return Joined(
        runs=list(runs),
        names=names,
        classes=classes,
        y=np.array([classes.index(label) for _, label in common], np.int64),
        proba=np.stack(
            [
                _columns(answers, rows_of_run, classes)
                for answers, rows_of_run in zip(read, rows, strict=True)
            ]
        ),
        fold=np.stack(
            [answers.fold[rows_of_run] for answers, rows_of_run in zip(read, rows, strict=True)]
        ),
        group=join_groups(
            *(answers.group[rows_of_run] for answers, rows_of_run in zip(read, rows, strict=True))
        ),
        paths=[read[0].path[row] for row in rows[0]],
        sha256=[sha for sha, _ in common],
        answered=[len(answers.row) for answers in read],
        relabelled=len(contents) - len({sha for sha, _ in both}),
        unknown=[name for name in classes if name not in shared],
    )


def run_names(paths: Sequence[Path]) -> list[str]:
    """Return the names of run folders; UsageError where a folder is given twice."""
    whole = [path.resolve() for path in paths]
    for number, path in enumerate(whole):
        if path in whole[:number]:
            raise UsageError(f"{paths[number]}: named twice; name different runs")
    short = [path.name for path in whole]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]


def _answers(run: Run) -> Answers:
    oof, photos = run.oof().to_pydict(), run.photos().to_pydict()
    try:
        at = {path: i for i, path in enumerate(photos["path"])}
        rows = [at[path] for path in oof["path"]]
        keys = [(photos["sha256"][i], label) for i, label in zip(rows, oof["label"], strict=True)]
        first: dict[tuple[str, str], int] = {}
        for row, key in enumerate(keys):
            first.setdefault(key, row)
        return Answers(
            first,
            oof["path"],
            np.array(oof["fold"], np.int64),
            np.array([photos["group"][i] for i in rows], np.int64),
            {name: np.array(oof[f"p:{name}"], np.float64) for name in run.classes},
        )
    except KeyError as error:
        raise RunError(
            f"{run.path}: oof.parquet and photos.parquet do not fit each other ({error} is "
            "missing); train the run again"
        ) from error


def _columns(answers: Answers, rows: Ints, classes: Sequence[str]) -> Floats:
    """Return the probabilities of rows, float64 (n, K), in the order of the classes."""
    nothing = np.zeros(len(answers.path))
    return np.column_stack([answers.proba.get(name, nothing)[rows] for name in classes])
