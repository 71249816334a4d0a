"""Folds of a cross-validation that the user made: by folders, or by a column of the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...base import first_few
from ...errors import PhotosError
from .._photo import natural_key
from .._photos import Photos

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

__all__ = ["given_folds", "refuse_folders_of_folds"]

_COLUMNS = ("fold", "folds", "kfold", "cv")
_SHOWN = 4


def given_folds(
    photos: Photos, rows: Sequence[int], targets: Bools, classes: Sequence[str]
) -> Ints:
    """Number the user's own folds, in the natural order of their names.

    Parameters
    ----------
    photos : Photos
    rows : sequence of int
        Rows of the photos that train.
    targets : ndarray of bool, shape (len(rows), K)
        The classes that each of them is labelled with.
    classes : sequence of str

    Returns
    -------
    ndarray of int64, shape (len(rows),)

    Raises
    ------
    PhotosError
        A photo is in no fold, there is only one, or a class is in one fold alone, so that the
        others cannot teach it.
    """
    column = {k: v for k, v in photos.further.items() if k.strip().casefold() in _COLUMNS}
    listed = next(iter(column.values()), {})
    names = [photos[row].fold or listed.get(photos[row].path) for row in rows]
    folds = sorted({name for name in names if name}, key=natural_key)
    if len(folds) < 2:
        has = f"all photos are in {folds[0]!r}" if folds else "no photo is in a fold"
        raise PhotosError(
            f"{photos.location}: folds are to be as given, but {has}; make folders fold1, fold2 "
            "or a column fold in the list, or give a number of folds"
        )
    for row, name in zip(rows, names, strict=True):
        if not name:
            raise PhotosError(
                f"{photos.location}: {photos[row].path!r} is in no fold, others are; give it one"
            )
    number = {name: i for i, name in enumerate(folds)}
    fold = np.array([number[name] for name in names if name], np.int64)
    for place, label in enumerate(classes):
        holding = np.unique(fold[targets[:, place]])
        if len(holding) == 1:
            raise PhotosError(
                f"{photos.location}: class {label!r} is in fold {folds[holding[0]]!r} alone, so "
                "that the other folds cannot teach it; spread it, or give a number of folds"
            )
    return fold


def refuse_folders_of_folds(photos: Photos, rows: Sequence[int]) -> None:
    """Refuse to deal photos anew that lie in folders of folds, without being told so.

    Raises
    ------
    PhotosError
        The message names the folders and the option.
    """
    folds = sorted({photos[row].fold or "" for row in rows} - {""}, key=natural_key)
    if len(folds) > 1:
        raise PhotosError(
            f"{photos.location}: folders {first_few(folds, _SHOWN, str)} are folds of a "
            "cross-validation; use them with --folds given (folds: given in a recipe), or name the "
            "folder of one fold"
        )
