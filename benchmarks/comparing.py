"""How often a comparison is wrong: equal models told apart, differences missed.

Two heads are fitted on drawn features and compared as `pawlens compare` does. Equal ones see the
same features and differ in the seed of their folds; the others share the folds and see the features
through more or less noise.

    python benchmarks/comparing.py [--repeats 200]
"""

from __future__ import annotations

import argparse

import numpy as np
import numpy.typing as npt

from pawlens.heads import fit_logistic
from pawlens.metrics import calibrate_out_of_fold, clopper_pearson, compare_models
from pawlens.photos import assign_folds

_DIMENSIONS = 12
_PHOTOS = (200, 800)
_NOISE = (0.0, 0.1, 0.2, 0.4)  # added to the features of the second model


def answered(
    features: npt.NDArray[np.float32], y: npt.NDArray[np.int64], fold: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """Out-of-fold probabilities [n, 2] of the default head."""
    fit = fit_logistic(features, y, fold, n_classes=2, grid=(0.1, 0.01, 0.001))
    return calibrate_out_of_fold(y, fit.logits, fold, clip="auto").proba


def verdicts(n: int, noise: float, repeats: int) -> tuple[int, int]:
    """How often log loss, and accuracy, of two models were called different."""
    loss = right = 0
    for seed in range(repeats):
        rng = np.random.default_rng([seed, n])
        y = rng.integers(0, 2, n)
        clean = rng.normal(size=(n, _DIMENSIONS)) + 0.7 * (2 * y[:, None] - 1)
        blurred = clean + noise * rng.normal(size=clean.shape) * np.sqrt(_DIMENSIONS)
        fold = [assign_folds(y, np.arange(n), n_folds=5, seed=one) for one in (0, int(noise == 0))]
        proba = [
            answered(features.astype(np.float32), y, own)
            for features, own in zip((clean, blurred), fold, strict=True)
        ]
        (one,) = compare_models(y, proba, draws=500, seed=seed, folds=np.array(fold))
        loss += one.verdict != "no real difference"
        right += one.accuracy_verdict != "no real difference"
    return loss, right


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeats", type=int, default=200)
    repeats = parser.parse_args().repeats
    print(f"called different, of {repeats} comparisons, with the 95 % range:")
    print(f"{'photos':>8}{'noise':>8}  {'log loss':26}{'accuracy':26}")
    for n in _PHOTOS:
        for noise in _NOISE:
            shares = []
            for count in verdicts(n, noise, repeats):
                low, high = clopper_pearson(count, repeats)
                shares.append(f"{count / repeats:6.1%} ({low:.1%} to {high:.1%})")
            print(f"{n:8}{noise:8}  {shares[0]:26}{shares[1]:26}", flush=True)


if __name__ == "__main__":
    main()
