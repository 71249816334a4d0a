"""Planted failures on real photos: how many are told for what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from pawlens import Classifier, Photos, load
from pawlens.metrics import Evidence, group_failures
from pawlens.models import Model, answer_closely

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SIDE = 192

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real photos are not beside the repository"),
]


def shrunk(picture: Image.Image) -> Image.Image:
    """A third of a side, in a corner of its own blur."""
    whole = picture.filter(ImageFilter.GaussianBlur(40))
    whole.paste(picture.resize((SIDE // 3, SIDE // 3)), (6, 6))
    return whole


def beside(one: Image.Image, other: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (2 * SIDE, SIDE))
    whole.paste(one, (0, 0))
    whole.paste(other, (SIDE, 0))
    return whole


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, networks: Path) -> Model:
    pytest.importorskip("timm")
    photos = Photos.read(SHARED / "data/dogs-vs-cats/train.zip")
    some = photos.subset(range(0, len(photos), 16))
    folder = tmp_path_factory.mktemp("failures")
    names = ["mobilenetv2_100"]
    known = Classifier(names, weights_dir=SHARED / "weights", cache_dir=networks)
    return load(known.fit(some, folder / "run").path)


def shares(model: Model, folder: Path) -> tuple[dict[str, float], int]:
    """Of the photos answered wrong, the share of each group, and how many there are."""
    photos = Photos.read(folder)
    label = np.array([model.classes_.index(photo.labels[0]) for photo in photos])
    wrong = np.flatnonzero(model.predict_proba(photos).argmax(axis=1) != label)
    looks = answer_closely(model, photos.subset(wrong.tolist()))
    nothing = np.zeros(len(wrong), bool)
    small = np.array([window is not None for window in looks.subject], bool)
    evidence = Evidence(wrong, label[wrong], looks.turned, looks.parts, small, nothing, nothing)
    groups = group_failures(evidence)
    return {group.name: len(group.rows) / len(wrong) for group in groups}, len(wrong)


def test_planted_failures_are_told(model: Model, tmp_path: Path) -> None:
    photos = Photos.read(SHARED / "data/pets", labels=False)
    rows = np.random.default_rng(0).permutation(len(photos))[:90].tolist()
    pets: dict[str, list[Image.Image]] = {"cat": [], "dog": []}
    for row in rows:
        picture = Image.fromarray(photos.decode(row)).resize((SIDE, SIDE))
        pets["cat" if photos[row].path.rsplit("/")[-1][0].isupper() else "dog"].append(picture)
    for name, pictures in pets.items():
        others = pets["dog" if name == "cat" else "cat"]
        for number, picture in enumerate(pictures):
            planted = {
                "turned": picture.rotate((90, 180, 270)[number % 3]),
                "small": shrunk(picture),
                "both": beside(picture, others[number % len(others)]),
            }
            for kind, one in planted.items():
                (tmp_path / kind / name).mkdir(parents=True, exist_ok=True)
                one.save(tmp_path / kind / name / f"{number}.png")
    for kind, least in {"turned": 0.4, "small": 0.5, "both": 0.4}.items():
        found, wrong = shares(model, tmp_path / kind)
        print(kind, wrong, {name: round(share, 2) for name, share in found.items()})
        assert wrong >= 8
        assert found.get(kind, 0) >= least, (kind, found)
