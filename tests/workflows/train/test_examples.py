"""A run that learns neither from examples."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Classifier, load
from pawlens.errors import PhotosError, UsageError


def _stripes(folder: Path, count: int, seed: int = 0) -> Path:
    """Draw stripes of random width, colour and turn."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    y, x = np.mgrid[:48, :48]
    for i in range(count):
        turn, width = rng.uniform(0, np.pi), rng.uniform(0.3, 0.9)
        wave = np.sin(width * (np.cos(turn) * x + np.sin(turn) * y)) > 0
        colours = rng.integers(0, 256, (2, 3))
        pixels = colours[wave.astype(int)].astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
    return folder


def test_a_run_learns_from_examples_and_tells_what_it_found(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder, examples = photo_folder(cat=30, dog=30), _stripes(tmp_path / "stripes", 25)
    shutil.copy(folder / "cat" / "0.jpg", examples / "known.jpg")
    shutil.copy(examples / "0.png", examples / "again.png")
    (examples / "torn.jpg").write_bytes(b"\xff\xd8 torn")
    fields = {"folds": 3, "cache_dir": tmp_path / "cache", "neither": 0.05}
    plain = Classifier(**fields).fit(folder, tmp_path / "plain")  # type: ignore[arg-type]
    run = Classifier(**fields).fit(folder, tmp_path / "run", neither=examples)  # type: ignore[arg-type]
    facts = run.metrics["trust"]["neither"]["examples"]
    assert facts["photos"] == 25
    assert facts["found"]["low"] < facts["found"]["value"] <= facts["found"]["high"] <= 1
    aside = dict(facts["set_aside"])
    assert set(aside) in (
        {"known.jpg", "again.png", "torn.jpg"},
        {"known.jpg", "0.png", "torn.jpg"},
    )
    assert aside["known.jpg"] == "is a photo of training, or there twice"
    report = run.report_path.read_text(encoding="utf-8")
    assert "neither learnt from 25 examples" in report
    assert "examples of neither set aside: 3" in report
    assert "learnt from" not in plain.report_path.read_text(encoding="utf-8")

    new = _stripes(tmp_path / "new", 40, seed=1)
    found = []
    for one in (plain, run):
        scores = load(one.path).answer(new).neither
        assert scores is not None
        found.append(scores)
    assert np.mean(found[1] >= 0.5) > 0.8
    assert found[1].mean() >= found[0].mean()
    known = load(run.path).answer(folder).neither
    assert known is not None
    assert np.mean(known >= 0.5) < 0.15


@pytest.mark.parametrize(
    ("fields", "error", "words"),
    [
        ({"neither": 0.0}, UsageError, "needs false alarms above 0"),
        ({"neither": 0.01}, UsageError, "48 photos train, and 99 are needed"),
        ({"recipe": "finetune"}, UsageError, "a recipe with phases"),
        ({"neither": 0.1}, PhotosError, "9 different examples of neither"),
    ],
)
def test_what_cannot_be_is_refused_before_training(
    photo_folder: Callable[..., Path],
    tmp_path: Path,
    fields: dict[str, object],
    error: type[Exception],
    words: str,
) -> None:
    examples = _stripes(tmp_path / "stripes", 9)
    classifier = Classifier(cache_dir=tmp_path / "cache", **fields)  # type: ignore[arg-type]
    with pytest.raises(error, match=words) as told:
        classifier.fit(photo_folder(cat=24, dog=24), tmp_path / "run", neither=examples)
    assert "\n" not in str(told.value)
    assert not (tmp_path / "run" / "model.onnx").exists()


def test_a_class_of_that_name_has_its_examples(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=24, dog=24)
    (folder / "dog").rename(folder / "neither")
    classifier = Classifier(cache_dir=tmp_path / "cache", neither=0.1)
    with pytest.raises(UsageError, match="a class of that name"):
        classifier.fit(folder, tmp_path / "run", neither=_stripes(tmp_path / "stripes", 12))
