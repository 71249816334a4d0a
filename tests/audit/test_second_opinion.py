"""The classifier that comes with pawlens as a second opinion on folders of cats and dogs."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from pawlens.audit import AuditView, audit
from pawlens.audit import _second_opinion as second
from pawlens.audit._beliefs import Beliefs
from pawlens.audit._second_opinion import SecondOpinion, second_opinion
from pawlens.heads import CatDogHead, Head
from pawlens.photos import Photos
from pawlens.samples import draw_samples

PARTS = 8


class Strange:
    """A head to which a photo is the stranger, the larger its one feature is."""

    def __call__(self, features: np.ndarray) -> Any:
        return SimpleNamespace(neither=1 / (1 + np.exp(-features[:, 0].astype(np.float64))))


class _View(SimpleNamespace):
    def __len__(self) -> int:
        return len(self.hashes)


def _view(n: int, bordered: set[int], margin: np.ndarray) -> AuditView:
    values = np.zeros((n, 3), np.float32)
    values[:, 1] = margin
    values[:, 0] = np.linspace(-1, 1, n)
    head = Head(((np.array([[0, 0], [0, 1], [0, 0]], np.float32), np.zeros(2, np.float32)),), False)
    proba = np.column_stack([1 / (1 + np.exp(margin)), 1 / (1 + np.exp(-margin))])
    view = _View(
        beliefs=Beliefs(proba, np.full(n, np.nan), 0.0, head),
        features=SimpleNamespace(values=values, row=np.arange(n)),
        appearances=[SimpleNamespace(width=row in bordered) for row in range(n)],
        classes=["cat", "dog"],
        photos=None,
        hashes=[""] * n,
        extractors=None,
        progress=None,
    )
    return cast(AuditView, view)


def _opinion(view: AuditView, neither: np.ndarray, both: np.ndarray) -> SecondOpinion:
    head, n = cast(CatDogHead, Strange()), len(view)
    return SecondOpinion(view, head, slice(0, 1), np.arange(n), neither, both, np.zeros(n))


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> dict[int, np.ndarray]:
    """Features of the parts of some rows; those of all others are plain."""
    known: dict[int, np.ndarray] = {}

    def cut_up(photos: object, hashes: object, rows: np.ndarray, *_: object, **__: object) -> Any:
        plain = np.tile(np.array([0.0, 3.0, 0.0], np.float32), (PARTS, 1))
        return np.stack([known.get(row, plain) for row in rows.tolist()])

    monkeypatch.setattr(second, "cut_up", cut_up)
    return known


def test_strange_in_every_part_and_of_no_class_is_neither(parts: dict[int, np.ndarray]) -> None:
    margin = np.linspace(2, 4, 60)
    margin[:3] = 0.1
    strange = np.tile(np.array([2.0, 0.1, 0.0], np.float32), (PARTS, 1))
    sure, usual = strange.copy(), strange.copy()
    sure[5, 1] = 4.0  # a part that surely shows a class
    usual[2, 0] = -3.0  # a part that is not strange at all
    parts |= {0: strange, 1: sure, 2: usual, 3: strange}
    view = _view(60, {3}, margin)
    neither = np.zeros(60)
    neither[:4] = 1.5
    found = _opinion(view, neither, np.zeros(60)).find_neither()
    assert np.flatnonzero(found.found).tolist() == [0]
    assert found.score[0] > 0.5 > found.score[1:].max()
    assert found.score[3] == 0  # its border is strange, and told by another check
    assert list(found.why) == [0]


def test_sides_of_different_classes_are_both(parts: dict[int, np.ndarray]) -> None:
    view = _view(60, set(), np.linspace(2, 4, 60))
    apart, alike = np.zeros((PARTS, 3), np.float32), np.zeros((PARTS, 3), np.float32)
    apart[0, 1], apart[1, 1] = -2.0, 2.0  # a cat on the left, a dog on the right
    alike[:, 1] = 2.0
    upright = apart.copy()
    upright[[0, 1]], upright[[2, 3]] = 0.0, apart[[1, 0]]
    parts |= {0: apart, 1: alike, 2: upright, 3: np.full((PARTS, 3), np.nan, np.float32)}
    both = np.zeros(60)
    both[:4] = 1.0
    found = _opinion(view, np.zeros(60), both).find_both()
    assert np.flatnonzero(found.found).tolist() == [0, 2]
    assert found.why[0] == "cat in its left, dog in its right"
    assert found.why[2] == "dog in its top, cat in its bottom"
    assert found.score[3] == 0  # it vanished before it was cut up


def test_other_classes_and_other_backbones_have_no_second_opinion() -> None:
    def view(classes: list[str], name: str, n: int) -> AuditView:
        spec = SimpleNamespace(name=name, feature_dim=4)
        return cast(
            AuditView,
            SimpleNamespace(
                classes=classes,
                extractors=SimpleNamespace(backbones=[SimpleNamespace(spec=spec, weights_hash="")]),
                has_beliefs=True,
                beliefs=SimpleNamespace(proba=np.full((n, 2), 0.5)),
            ),
        )

    assert second_opinion(view(["cat", "owl"], "paw", 100)) is None
    assert second_opinion(view(["cat", "dog"], "densenet169", 100)) is None
    assert second_opinion(view(["Cats", "Dogs"], "paw", 10)) is None
    assert second_opinion(view(["Cats", "Dogs"], "paw", 100)) is None  # of another paw's weights


@pytest.mark.slow
def test_drawn_photos_of_neither_are_found(tmp_path: Path) -> None:
    folder = draw_samples(tmp_path / "drawn", count=240, seed=0)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    planted = {one["file"] for one in truth["flaws"] if one["kind"] == "neither"}
    found = audit(Photos.read(folder), cache_dir=tmp_path / "cache")
    named = {found.photos.paths[row] for row in found.rows("neither")}
    assert len(named & planted) >= len(planted) / 2
    assert len(named - planted) <= 12  # of 270
