"""A training killed before any line of its loops ends as one that was not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")

from ..kill_points import EVERY_LINE, TIMEOUT, in_a_process
from .tiny import backbone

pytestmark = [
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.timeout(0 if EVERY_LINE else TIMEOUT + 300),
    pytest.mark.xdist_group("torch"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork"),
]

STOPS = {"batch": 16, "epochs": 3, "optimizer": "sgd", "rate": 0.3}
PLANS: dict[str, list[dict[str, object]]] = {
    "one epoch": [
        {"do": "fuse", "dropout": 0.2},
        {"do": "unfreeze", "blocks": 1},
        {"do": "train", "batch": 16, "epochs": 1, "rate": 0.01, "augment": "flip", "ema": 0.9},
    ],
    "plateau": [
        {"do": "fuse", "init": "logistic"},
        {"do": "train", **STOPS, "schedule": "plateau", "patience": 1, "early_stopping": 2},
    ],
    "find_rate": [
        {"do": "fuse"},
        {"do": "find_rate", "steps": 20, "sweeps": 1},
        {"do": "train", "batch": 16, "epochs": 1, "rate": 0.01},
        {"do": "clean", "below": 0.05},
        {"do": "unfreeze", "blocks": 1},
        {"do": "cache_split", "blocks": 1},
        {"do": "train", "batch": 16, "epochs": 1, "rate": 0.01},
    ],
}  # fmt: skip


def test_a_training_killed_at_any_point_ends_with_the_same_bits(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    one = backbone()
    found = in_a_process(
        "tests.training.killed_everywhere",
        json.dumps(PLANS),
        photo_folder(cat=12, dog=12),
        json.dumps([one.spec.to_json(), str(one.path), one.weights_hash, str(one.weights)]),
        tmp_path,
    )
    assert [f"{name}: {line}" for name, one in found.items() for line in one.failures] == []
    assert list(found) == list(PLANS)
    assert min(outcome.states for outcome in found.values()) >= 8
