"""A start for a network's head: the default head, fitted on pooled features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..heads import fit_labels, fit_logistic, unit_rows
from ..photos import assign_folds, assign_label_folds, join_groups
from ._data import Data

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["logistic_start"]

_FOLDS = 4


def logistic_start(
    features: npt.NDArray[np.float32], widths: Sequence[int], data: Data, seed: int
) -> dict[str, Tensor]:
    """Fit the default head on the photos that train, its L2 chosen by cross-validation among them.

    Parameters
    ----------
    features : ndarray of float32, shape (n, D)
        Raw features of all backbones side by side.
    widths : sequence of int
        D of each backbone.
    data : Data
    seed : int

    Returns
    -------
    dict
        ``weights`` float32 (D, K) and ``bias`` float32 (K,), on features of unit length.
    """
    rows, labels = data.train, data.labels[data.train]
    edges = np.cumsum(widths)[:-1]
    parts = np.split(features[rows], edges, axis=1)
    unit = np.hstack([unit_rows(part.copy()) for part in parts])
    _, groups = np.unique([data.keys[row] for row in rows], return_inverse=True)
    groups = groups.astype(np.int64)  # copies of a photo share a fold
    if data.groups is not None:
        groups = join_groups(groups, data.groups[rows])
    if labels.ndim == 2:
        targets = labels.astype(bool)
        fold = assign_label_folds(targets, groups, n_folds=_FOLDS, seed=seed)
        head = fit_labels(unit, targets, fold, classes=data.classes).head
    else:
        numbers = labels.astype(np.int64)
        fold = assign_folds(numbers, groups, n_folds=_FOLDS, seed=seed)
        head = fit_logistic(unit, numbers, fold, n_classes=len(data.classes)).head
    return {"weights": torch.from_numpy(head.weights), "bias": torch.from_numpy(head.bias)}
