"""When features are extracted while photos are scanned, and that a run does not depend on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pawlens import Classifier, Photos, Recipe
from pawlens.audit import Decision
from pawlens.errors import BackboneError
from pawlens.photos import scan_photos
from pawlens.workflows.train import _first_look, _int8, _run
from pawlens.workflows.train._first_look import first_look
from pawlens.workflows.train._method import RunOptions

RECIPE = Recipe(folds=2, l2=[0.1], precision="f32")


@pytest.fixture
def photos(photo_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Photos:
    """Photos as if they were at an address."""
    monkeypatch.setattr(Photos, "remote", True)
    return Photos.read(photo_folder(cat=8, dog=8))


def test_a_run_is_the_same_with_and_without(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(name: str) -> tuple[Any, ...]:
        found = Classifier(recipe=RECIPE, cache_dir=tmp_path / name).fit(
            photos, tmp_path / f"{name}-run"
        )
        assert found.environment["extracted"] == 16
        return found.metrics, found.photos().to_pylist(), found.oof().to_pylist()

    one_pass = run("one")
    monkeypatch.setattr(_run, "first_look", lambda *_: None)
    assert run("two") == one_pass


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(precision="int8"),
        Recipe.parse({"phases": [{"do": "fuse"}, {"do": "train", "epochs": 1}]}, "test"),
        Recipe.parse({"phases": [{"do": "search"}]}, "test"),
    ],
    ids=["int8", "network", "search"],
)
def test_features_come_later_where_they_are_not_known_yet(
    recipe: Recipe, photos: Photos, tmp_path: Path
) -> None:
    assert first_look(photos, RunOptions(recipe), tmp_path) is None


def test_features_come_later_where_photos_are_at_hand(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=8, dog=8))
    assert first_look(photos, RunOptions(Recipe()), tmp_path) is None


def test_features_come_later_where_they_take_long_or_may_be_in_int8(
    photos: Photos, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with the photos is told before a slow backbone has done its work."""
    options = RunOptions(Recipe())
    assert first_look(photos, options, tmp_path) is not None
    with monkeypatch.context() as patch:
        patch.setattr(_first_look, "_LIGHT", 100e6)
        assert first_look(photos, options, tmp_path) is None
    monkeypatch.setattr(_int8, "int8_is_faster", lambda: True)
    monkeypatch.setattr(_int8, "_PHOTOS", 16)
    monkeypatch.setattr(_int8, "_WORK", 16 * 100e6)
    assert first_look(photos, options, tmp_path) is None


def test_a_backbone_that_is_missing_is_told_before_the_scan(photos: Photos, tmp_path: Path) -> None:
    recipe = Recipe(backbones=["missing.onnx"])
    told: list[str] = []
    with pytest.raises(BackboneError, match=r"missing\.onnx"):
        Classifier(recipe=recipe, cache_dir=tmp_path).fit(
            photos, tmp_path / "run", progress=lambda what, *_: told.append(what)
        )
    assert told == []


def test_borders_are_cut_off_as_decided(photos: Photos, tmp_path: Path) -> None:
    sha256 = scan_photos(photos.subset([3]))[0].sha256
    decided = RunOptions(Recipe(), decisions={sha256: Decision(sha256, "trim")})
    for options, expected in (
        (RunOptions(Recipe()), (False, False)),
        (decided, (True, False)),
        (RunOptions(Recipe(borders="trim")), (True, True)),
    ):
        found = first_look(photos, options, tmp_path)
        assert found is not None
        trimmed = found[1]._trimmed
        assert (trimmed(sha256), trimmed("0" * 64)) == expected
