"""What helps is found to help, and what hurts to hurt."""

from __future__ import annotations

import re
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from PIL import Image  # noqa: E402

from pawlens import Photos  # noqa: E402
from pawlens.metrics import Interval  # noqa: E402
from pawlens.pages import Arm, Proof  # noqa: E402
from pawlens.pages._proof import _nearest, in_words, render_proof  # noqa: E402
from pawlens.recipes import Augment  # noqa: E402
from pawlens.workflows._prove import _compared, prove_augmentations  # noqa: E402


def _wedge(folder: Path, label: str, count: int) -> None:
    """Noisy ramps: bright above for ``up``, below for ``down``; mirroring changes nothing."""
    (folder / label).mkdir(parents=True)
    for i in range(count):
        rng = np.random.default_rng([i, label == "up"])
        ramp = np.linspace(1, -1, 64)[:, None, None] * (1 if label == "up" else -1)
        grey = 128 + rng.uniform(20, 50) * ramp + rng.normal(0, 30, (64, 64, 3))
        Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8)).save(folder / label / f"{i}.png")


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Proof:
    folder = tmp_path_factory.mktemp("proof")
    for label in ("up", "down"):
        _wedge(folder / "photos", label, 30)
    return prove_augmentations(
        Photos.read(folder / "photos"),
        {"flip": Augment(flip=0.5), "rotate=180": Augment(rotate=180)},
        copies=3,
        folds=5,
        seeds=3,
        cache_dir=folder / "cache",
    )


def test_mirroring_is_better_in_most_folds_and_turning_what_is_told_by_its_turn_hurts(
    proof: Proof,
) -> None:
    flip, turned = proof.arms
    assert turned.verdict == "worse"
    assert flip.difference.value < 0 < turned.difference.low
    assert flip.verdict == "no real difference"  # 60 photos prove no more
    assert turned.better_folds == 0
    assert flip.better_folds > flip.folds / 2
    assert in_words(turned).startswith("worse: log loss +")


def test_every_photo_is_answered_once_a_seed_by_the_same_folds(proof: Proof) -> None:
    assert proof.plain.proba.shape == (3 * 60, 2)
    assert np.array_equal(np.tile(proof.y[:60], 3), proof.y)
    for arm in (proof.plain, *proof.arms):
        assert np.allclose(arm.proba.sum(axis=1), 1)
        assert arm.features.shape == (60, 512)
        losses = -np.log(arm.proba[np.arange(180), proof.y])
        assert np.isclose(losses.mean(), arm.metrics["log_loss"].value)
    gap = proof.arms[0].metrics["log_loss"].value - proof.plain.metrics["log_loss"].value
    assert np.isclose(proof.arms[0].difference.value, gap)


def test_the_page_says_it_and_stands_alone(proof: Proof) -> None:
    flip, turned = proof.arms
    helps = replace(flip, difference=Interval(-0.03, -0.05, -0.01), verdict="better")
    proof = replace(proof, arms=[helps, turned])
    page = render_proof(proof)
    assert in_words(proof.arms[1]).capitalize() in page
    assert '<p class="good">' in page
    assert '<p class="bad">' in page
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))
    assert page == render_proof(proof)


def test_the_nearest_other_photo_is_found_without_a_table_of_all_pairs() -> None:
    rng = np.random.default_rng(0)
    photos = rng.normal(size=(3000, 8)).astype(np.float32)
    photos /= np.linalg.norm(photos, axis=1, keepdims=True)
    copies = np.roll(photos, 1, axis=0)  # the nearest of each is the photo before its own
    tracemalloc.start()
    found = _nearest(copies, photos)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert np.array_equal(found, np.roll(np.arange(3000), 1))
    assert peak < 3000 * 3000 * 4 / 2
    likeness = photos @ photos.T
    np.fill_diagonal(likeness, -2)
    own = _nearest(photos, photos)
    assert not (own == np.arange(3000)).any()
    assert np.allclose(likeness[np.arange(3000), own], likeness.max(axis=1), atol=1e-5)


def test_a_difference_that_the_folds_do_not_share_is_not_real() -> None:
    rng = np.random.default_rng(0)
    y, fold = rng.integers(0, 2, 200), np.arange(200) % 5
    base = np.full((200, 2), 0.5)
    better = base.copy()
    rows = np.flatnonzero(fold == 0)  # one fold alone gains, and much
    better[rows, y[rows]], better[rows, 1 - y[rows]] = 0.95, 0.05
    arms = [
        Arm(name, Augment(), proba, {}, 0.0, 0.0, [], np.empty((0, 1), np.float32))
        for name, proba in (("plain", base), ("one", better))
    ]
    (found,) = _compared(arms[1:], arms[0], y, np.arange(200), fold)
    assert (found.verdict, found.better_folds, found.folds) == ("no real difference", 1, 5)
    assert found.difference.low < 0 < found.difference.high
