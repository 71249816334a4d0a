"""The teacher's own answers: linear heads on its projected features, of training photos only.

A head turns the teacher's features of a crop into soft answers, and the student's features into
its own, so their distance weighs what matters for telling animals apart more than plain
regression does. Heads: cat or dog, pets' 37 breeds, cat-12's 12 classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from data import Photo
from sklearn.linear_model import LogisticRegression
from torch import Tensor

STRENGTHS = {
    "animal": 0.001,
    "pets": 0.003,
    "cat-12": 0.003,
}  # scikit-learn's C: soft answers wanted
WEIGHTS = {"animal": 2.0, "pets": 0.5, "cat-12": 0.3}


@dataclass(frozen=True)
class Head:
    """Logits are ``z @ weight.T + bias``; `share` is how much its loss counts."""

    weight: Tensor
    bias: Tensor
    share: float

    def divergence(self, student: Tensor, teacher: Tensor) -> Tensor:
        """Mean Kullback-Leibler divergence of the student's answers from the teacher's."""
        ours = F.log_softmax(F.linear(student, self.weight, self.bias), 1)
        theirs = F.log_softmax(F.linear(teacher, self.weight, self.bias), 1)
        return F.kl_div(ours, theirs, reduction="batchmean", log_target=True)


def fit_heads(out: Path, photos: list[Photo]) -> dict[str, Head]:
    """Fit the heads on the whole-photo features of `photos`, the training photos in order."""
    cells = np.load(out / "cells0.npy", mmap_mode="r")
    z = np.stack([row.mean(0, dtype=np.float32) for row in cells])
    truth = {
        "animal": [photo.animal for photo in photos],
        "pets": [photo.breed if photo.source == "pets" else "" for photo in photos],
        "cat-12": [photo.breed if photo.source == "cat-12" else "" for photo in photos],
    }
    return {name: _fit(z, np.array(y), STRENGTHS[name], WEIGHTS[name]) for name, y in truth.items()}


def _fit(
    z: npt.NDArray[np.float32], y: npt.NDArray[np.str_], strength: float, share: float
) -> Head:
    known = y != ""
    model = LogisticRegression(C=strength, max_iter=200).fit(z[known], y[known])
    weight, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weight, bias = np.concatenate([0 * weight, weight]), np.concatenate([0 * bias, bias])
    return Head(torch.tensor(weight).float(), torch.tensor(bias).float(), share)
