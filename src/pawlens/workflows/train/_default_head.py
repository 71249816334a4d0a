"""The default head of a run: fitted, calibrated, and compared without suspect labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...audit import suspect_labels
from ...base import Progress
from ...features import FeatureMatrix
from ...heads import (
    L2_GRID,
    LogisticFit,
    StackedFit,
    balanced_weights,
    fit_logistic,
    fit_stacked,
    nested_logits,
    refit_logistic,
)
from ...metrics import (
    Calibration,
    Interval,
    apply_temperature,
    calibrate_out_of_fold,
    fit_temperature,
    paired_difference,
    photo_losses,
    verdict_of,
)
from ...photos import Table
from ...recipes import Recipe

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Cleaning", "Distinct", "FittedHead", "distinct_rows", "fit_head"]


@dataclass(frozen=True)
class Cleaning:
    """The effect of leaving suspect labels out of training, measured on all photos.

    Attributes
    ----------
    suspect : ndarray of bool, shape (n,)
        Photos among those that train that the final head would leave out.
    without, cleaned : float
        Out-of-fold log loss of the head trained on all photos, and of the head trained without the
        suspect ones.
    difference : Interval
        Loss with cleaning less loss without it, photo by photo; below 0 the cleaned head is better.
    shipped : bool
        Whether the cleaned head ships: if its loss is not higher.
    """

    suspect: Bools
    without: float
    cleaned: float
    difference: Interval
    shipped: bool

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``metrics.json``."""
        return {
            "suspect": int(self.suspect.sum()),
            "log_loss_without": self.without,
            "log_loss_cleaned": self.cleaned,
            "difference": asdict(self.difference),
            "shipped": self.shipped,
            "in_words": self.in_words(),
        }

    def in_words(self) -> str:
        """Write a sentence with both losses and the interval of their difference."""
        gap = self.difference
        ships = "the cleaned head ships" if self.shipped else "the head of all photos ships"
        return (
            f"without {int(self.suspect.sum())} suspect labels, log loss {self.cleaned:.4f} "
            f"instead of {self.without:.4f}: {gap:+.4f}, {verdict_of(gap)}; {ships}"
        )


@dataclass(frozen=True)
class FittedHead:
    """The head that ships, and its out-of-fold probabilities for the photos that train."""

    fit: LogisticFit | StackedFit
    calibration: Calibration
    cleaning: Cleaning | None = None


@dataclass(frozen=True)
class Distinct:
    """The distinct (content, label) pairs of n photos, weighted by how often they occur.

    Attributes
    ----------
    features : ndarray of float32, shape (m, D)
    labels, fold : ndarray of int64, shape (m,)
    weights : ndarray of float64, shape (m,)
    photo : ndarray of int64, shape (n,)
        The row of each photo in the other attributes.
    n_classes : int
    grid : sequence of float
        Strengths of L2 to try.
    """

    features: npt.NDArray[np.float32]
    labels: Ints
    fold: Ints
    weights: Floats
    photo: Ints
    n_classes: int
    grid: Sequence[float]


def fit_head(
    table: Table, matrix: FeatureMatrix, recipe: Recipe, progress: Progress | None = None
) -> FittedHead:
    """Fit and calibrate the head on the photos that train.

    Parameters
    ----------
    table : Table
    matrix : FeatureMatrix
    recipe : Recipe
    progress : callable, optional

    Raises
    ------
    RecipeError
        The recipe has ``clean: auto`` with fewer than three folds.
    """
    train = table.rows("train")
    data = distinct_rows(table, train, matrix, recipe)
    label, fold = table.label[train], table.fold[train]
    if recipe.heads == "stacked":
        stacked = fit_stacked(
            data.features,
            [backbone.spec.feature_dim for backbone in matrix.backbones],
            data.labels,
            data.fold,
            n_classes=data.n_classes,
            sample_weights=data.weights,
            grid=data.grid,
            progress=progress,
        )
        answers = stacked.logits[data.photo]
        return FittedHead(stacked, calibrate_out_of_fold(label, answers, fold, clip=recipe.clip))
    fit = fit_logistic(
        data.features,
        data.labels,
        data.fold,
        n_classes=data.n_classes,
        sample_weights=data.weights,
        grid=data.grid,
        progress=progress,
    )
    plain = calibrate_out_of_fold(label, fit.logits[data.photo], fold, clip=recipe.clip)
    if recipe.clean == "none":
        return FittedHead(fit, plain)
    left_out = _suspects(data, fit.logits, progress)
    cleaned = refit_logistic(
        fit,
        data.features,
        data.labels,
        data.fold,
        left_out,
        n_classes=data.n_classes,
        sample_weights=data.weights,
        progress=progress,
    )
    suspect = left_out[:, data.photo]
    calibration = calibrate_out_of_fold(
        label, cleaned.logits[data.photo], fold, clip=recipe.clip, left_out=suspect
    )
    gap = paired_difference(
        label, calibration.proba, plain.proba, seed=recipe.seed, groups=table.group[train]
    )
    cleaning = Cleaning(
        suspect=suspect[-1],
        without=float(photo_losses(label, plain.proba).mean()),
        cleaned=float(photo_losses(label, calibration.proba).mean()),
        difference=gap,
        shipped=gap.value <= 0,
    )
    if cleaning.shipped:
        return FittedHead(cleaned, calibration, cleaning)
    return FittedHead(fit, plain, cleaning)


def distinct_rows(table: Table, train: Ints, matrix: FeatureMatrix, recipe: Recipe) -> Distinct:
    """Gather the distinct contents of the rows `train`; other arguments as in `fit_head`."""
    pairs = np.column_stack([matrix.row[train], table.label[train]])
    _, first, inverse, counts = np.unique(
        pairs, axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    rows = train[first]
    labels = table.label[rows]
    weights = counts.astype(np.float64)
    if recipe.class_weights == "balanced":
        weights = weights * balanced_weights(labels, len(table.classes))
    return Distinct(
        matrix.of(rows),
        labels,
        table.fold[rows],
        weights,
        inverse.reshape(-1),
        len(table.classes),
        L2_GRID if recipe.l2 == "auto" else recipe.l2,
    )


def _suspects(data: Distinct, logits: Floats, progress: Progress | None) -> Bools:
    """Find suspect photos that each fold's model and, last, the final one leave out, (F + 1, n).

    For each fold this is decided inside the other folds, so that the fold has no influence on it.
    """
    nested = nested_logits(
        data.features,
        data.labels,
        data.fold,
        n_classes=data.n_classes,
        sample_weights=data.weights,
        grid=data.grid,
        progress=progress,
    )
    suspect = np.zeros((len(nested) + 1, len(data.labels)), bool)
    for fold, answers in enumerate([*nested, logits]):
        seen = data.fold != fold
        label, answer = data.labels[seen], answers[seen]
        proba = apply_temperature(answer, fit_temperature(label, answer))
        suspect[fold, seen] = suspect_labels(label, proba)
    return suspect
