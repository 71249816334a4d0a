"""The steps that a run proposes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pawlens import Classifier, Photos, Recipe


def test_steps_follow_from_what_was_found(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=30, dog=12)
    for number in range(2):  # a wrong label, and the same picture under both
        (folder / f"dog/{number}.jpg").rename(folder / f"cat/wrong{number}.jpg")
    (folder / "cat/again.jpg").write_bytes((folder / "dog/5.jpg").read_bytes())
    recipe = Recipe.parse({"folds": 3}, "test")
    run = Classifier(recipe=recipe, cache_dir=tmp_path / "c").fit(
        Photos.read(folder), tmp_path / "r"
    )
    page = run.report_path.read_text(encoding="utf-8")
    start = page.index('<section id="next">')
    steps = page[start : page.index("</section>", start)]
    assert steps.count("<li>") <= 5
    for words in (
        "whose label may be wrong",
        "pawlens review PHOTOS",
        "in two places",
        "Add photos of cat",
        "It has 33,",
        "the fewest of all classes",
        "Use it",
    ):
        assert words in steps
    assert steps.index("whose label") < steps.index("Add photos") < steps.index("Use it")


def test_of_classes_that_are_known_alike_none_is_called_the_worst(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    photos = Photos.read(photo_folder(cat=15, dog=15))
    run = Classifier(cache_dir=tmp_path / "c").fit(photos, tmp_path / "r")
    page = run.report_path.read_text(encoding="utf-8")
    assert run.accuracy == 1
    assert "Add photos of" in page
    assert "the fewest of all classes" not in page
