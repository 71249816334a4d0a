"""A head of one output a label."""

from __future__ import annotations

import numpy as np

from pawlens.heads import fit_labels, fit_logistic


def test_each_label_is_fitted_as_two_classes_are() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(120, 8)).astype(np.float32)
    targets = features[:, :3] + rng.normal(0, 1, (120, 3)) > [0, 0.5, 1]
    fold = np.arange(120) % 4
    seen: list[tuple[str, int, int]] = []
    fit = fit_labels(
        features, targets, fold, classes=["a", "b", "c"], progress=lambda *one: seen.append(one)
    )
    for k in range(3):
        alone = fit_logistic(features, targets[:, k].astype(np.int64), fold, n_classes=2)
        own = alone.logits[:, 1] - alone.logits[:, 0]
        np.testing.assert_array_equal(fit.logits[:, k], own)
        assert fit.l2[k] == alone.l2
        raw = alone.head.logits(features)
        np.testing.assert_allclose(
            fit.head.logits(features)[:, k], raw[:, 1] - raw[:, 0], rtol=1e-4, atol=1e-5
        )
    assert {row["label"] for row in fit.rows} == {"a", "b", "c"}
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert seen[-1][1] == seen[-1][2]


def test_balanced_weights_raise_a_rare_label() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 4)).astype(np.float32)
    targets = (features[:, :1] + rng.normal(0, 1, (200, 1))) > 1.8
    fold = np.arange(200) % 4
    plain, balanced = (
        fit_labels(features, targets, fold, classes=["rare"], balanced=one).logits.mean()
        for one in (False, True)
    )
    assert balanced > plain
