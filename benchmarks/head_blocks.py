"""Whether the head that is fitted from blocks of a mapped file is the one fitted in memory.

Features of the photos by paw (out of the cache, where they are) are fitted three times over the
same folds: in memory in one block, from a mapped file in blocks of 512 rows, and, as a judge that
shares no code, fold by fold with scikit-learn at the strength that was chosen. Says the out-of-fold
log loss of each.

    python benchmarks/head_blocks.py PHOTOS
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    features, labels, fold = read(parser.parse_args().photos)
    print(f"{len(features):,} photos, {features.shape[1]} features")
    whole = fitted(features, labels, fold, len(features))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.f32"
        path.write_bytes(features.tobytes())
        mapped = np.memmap(path, np.float32, "r", shape=features.shape)
        blocks = fitted(mapped, labels, fold, 512)
    judge = by_scikit_learn(features, labels, fold, whole.l2)
    best = min(row["log_loss"] for row in whole.rows)
    print(f"in memory, one block:    log loss {best:.8f} at L2 {whole.l2:.3g}")
    found = min(row["log_loss"] for row in blocks.rows)
    gap = np.abs(whole.logits - blocks.logits).max()
    print(f"mapped, blocks of 512:   log loss {found:.8f}, {found - best:+.1e}, logits {gap:.1e}")
    print(f"scikit-learn:            log loss {judge:.8f}, {judge - best:+.1e}")


def read(place: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from pawlens import Photos
    from pawlens.backbones import find_backbone
    from pawlens.base import user_cache
    from pawlens.features import FeatureExtractors, WholePhotos
    from pawlens.photos import prepare_table

    cache = user_cache()
    table = prepare_table(Photos.read(place), n_folds=5, seed=0, cache_dir=cache)
    extractors = FeatureExtractors([find_backbone("paw", cache_dir=cache)], cache_dir=cache)
    hashes = ["" if scan.problem else scan.sha256 for scan in table.scans]
    train = table.rows("train")
    matrix = extractors.extract(WholePhotos(table.photos, hashes))
    return np.array(matrix.of(train)), table.label[train], table.fold[train]


def fitted(features: np.ndarray, labels: np.ndarray, fold: np.ndarray, rows: int):
    from pawlens.heads import _solver, fit_logistic

    _solver._BLOCK_ROWS = rows
    return fit_logistic(features, labels, fold, n_classes=int(labels.max()) + 1)


def by_scikit_learn(features: np.ndarray, labels: np.ndarray, fold: np.ndarray, l2: float) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    losses = np.empty(len(labels))
    for one in np.unique(fold):
        left = fold == one
        scaler = StandardScaler().fit(features[~left].astype(np.float64))
        model = LogisticRegression(C=1 / (l2 * (~left).sum()), tol=1e-8, max_iter=5000)
        model.fit(scaler.transform(features[~left]), labels[~left])
        proba = model.predict_proba(scaler.transform(features[left]))
        losses[left] = -np.log(proba[np.arange(left.sum()), labels[left]])
    return float(losses.mean())


if __name__ == "__main__":
    main()
