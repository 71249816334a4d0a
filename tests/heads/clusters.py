"""Drawn features: clusters that overlap."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


def clusters(n: int, classes: int, seed: int = 0, dim: int = 12) -> tuple[Floats, Ints, Ints]:
    """Overlapping Gaussian clusters on badly scaled axes, and five folds."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.normal(0, 1.2, (classes, dim))
    features = centres[labels] + rng.normal(0, 1.5, (n, dim))
    scales = 10.0 ** rng.uniform(-2, 2, dim)
    fold = rng.permutation(n) % 5
    return (features * scales + 3 * scales).astype(np.float32), labels, fold.astype(np.int64)
