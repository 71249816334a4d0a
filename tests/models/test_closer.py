"""A closer look at photos through an exported model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from pawlens import Classifier, Photos, load
from pawlens.models import answer_closely


def test_upright_turned_and_halves(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    photos = Photos.read(photo_folder(cat=16, dog=16))
    run = Classifier(cache_dir=tmp_path / "cache").fit(photos, tmp_path / "run")
    model = load(run.path)
    folder = tmp_path / "looks"
    folder.mkdir()
    with (
        Image.open(photos.location / "cat/0.jpg") as cat,
        Image.open(photos.location / "dog/0.jpg") as dog,
    ):
        side = Image.new("RGB", (192, 80))
        side.paste(cat, (0, 0))
        side.paste(dog, (96, 0))
        side.save(folder / "both.png")
        cat.save(folder / "cat.png")
    (folder / "lost.jpg").write_bytes(b"no photo")
    some = Photos.read(folder, labels=False)
    assert some.paths == ["both.png", "cat.png", "lost.jpg"]
    seen: list[tuple[int, int]] = []
    looks = answer_closely(model, some, progress=lambda _, done, whole: seen.append((done, whole)))
    whole = model.predict_proba(some)
    np.testing.assert_allclose(looks.turned[0, :2], whole[:2], atol=1e-3)
    assert np.isnan(looks.turned[:, 2]).all()
    assert np.isnan(looks.parts[:, 2]).all()
    left, right = looks.parts[:2, 0]
    assert left[0] > 0.8
    assert right[1] > 0.8
    assert looks.turned[1, 1, 1] > 0.5  # stripes that were turned are those of a dog
    assert len(looks.subject) == 3
    assert seen[-2:] == [(10, 15), (15, 15)]  # the lost photo is over too
