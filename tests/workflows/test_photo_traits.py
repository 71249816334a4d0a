"""Traits of photos: what is read, what is asked for by name alone, and slices from end to end."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos, evaluate
from pawlens.backbones import Backbone
from pawlens.cli import main
from pawlens.errors import UsageError
from pawlens.photos import coarse_place
from pawlens.workflows._photo_traits import TRAITS, check_traits, photo_traits

from ..conftest import paint
from ..small_models import linear_head, saved, small_model


def shot(camera: str, hour: int, orientation: int = 1, north: str = "N") -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "Maker", camera, orientation
    facts = exif.get_ifd(0x8769)
    facts[0x9003], facts[0xA431] = f"2026:11:30 {hour:02}:10:00", f"serial of {camera}"
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = north, (48.0, 40.0, 0.0), "E", (16.0, 5.0, 0.0)
    return exif


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of 80 photos with a column of places; every fourth is dark and of another camera."""
    rng = np.random.default_rng(0)
    (tmp_path / "photos").mkdir()
    rows = []
    for i in range(80):
        label, odd = "cat" if i % 2 else "dog", i % 4 == 0
        photo = paint(rng, label).point(lambda value, odd=odd: value // 4 if odd else value)
        exif = shot("Old" if odd else "New", 3 if odd else 12, 6 if odd else 1)
        photo.save(tmp_path / "photos" / f"{i}.jpg", exif=exif)
        rows.append((f"photos/{i}.jpg", label, "north" if odd else "south", f"id {i}", i))
    with open(tmp_path / "list.csv", "w", newline="") as file:
        csv.writer(file).writerows([("path", "label", "site", "note", "weight"), *rows])
    return tmp_path / "list.csv"


def test_traits_are_those_of_file_picture_and_list(listed: Path) -> None:
    photos = Photos.read(listed)
    found = photo_traits(photos)
    assert set(found) == {*TRAITS, "site", "weight"}  # each note is of one photo alone
    odd = np.arange(80) % 4 == 0
    places = [int(path.split("/")[1].split(".")[0]) % 4 == 0 for path in photos.paths]
    assert places == odd.tolist()
    for name, values in {
        "camera": ("Maker Old", "Maker New"),
        "hour": ("night", "day"),
        "orientation": ("turned", "upright"),
        "site": ("north", "south"),
    }.items():
        assert list(found[name]) == [values[0] if one else values[1] for one in odd], name
    bright = np.asarray(found["brightness"])
    assert bright[odd].max() < bright[~odd].min()
    assert np.asarray(found["weight"]).tolist() == list(map(float, range(80)))


def test_where_a_photo_was_taken_is_read_only_if_asked_and_coarsely(listed: Path) -> None:
    photos = Photos.read(listed)
    assert check_traits(photos, ["all"]) == [*TRAITS, "site", "weight"]
    assert check_traits(photos, ["place", "place"]) == ["place"]
    assert set(photo_traits(photos, ["place"])["place"]) == {"49 N 16 E"}
    with pytest.raises(UsageError, match="no such trait; use all, or some of camera, hour"):
        check_traits(photos, ["colour"])


@pytest.mark.parametrize("wrong", [(0.0, 0.0), (200.0, 0.0, 0.0)])
def test_a_position_that_is_none_has_no_place(tmp_path: Path, wrong: object) -> None:
    exif = shot("A", 1)
    exif.get_ifd(0x8825)[2] = wrong
    if wrong == (0.0, 0.0):
        exif.get_ifd(0x8825)[1] = "?"
    Image.new("RGB", (20, 20)).save(tmp_path / "1.jpg", exif=exif)
    assert coarse_place((tmp_path / "1.jpg").read_bytes()) == ""


def test_slices_of_other_photos_are_measured_and_shown(
    listed: Path,
    tmp_path: Path,
    paw: Backbone,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim, 2), classes=("cat", "dog"))
    found = evaluate(listed, model, by=["site", "subject"])
    assert found.slices is not None
    assert {one.trait for one in found.slices.slices} >= {"site"}
    north = next(one for one in found.slices.slices if one.value == "north")
    assert north.photos == 20
    assert evaluate(listed, model).slices is None
    with pytest.raises(UsageError, match="no such trait"):
        evaluate(listed, model, by="colour")
    run = saved(model.to_onnx(), tmp_path)
    command = ["pawlens", "evaluate", str(run), str(listed), "--by", "site"]
    monkeypatch.setattr("sys.argv", command)
    assert main() == 0
    assert "  site: north" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", [*command, "--json"])
    assert main() == 0
    told = json.loads(capsys.readouterr().out)
    assert {one["trait"] for one in told["slices"]["slices"]} == {"site"}


def test_all_leaves_out_texts_that_name_photos(listed: Path) -> None:
    photos = Photos.read(listed)
    assert "note" in photos.further
    asked = check_traits(photos, ["all"])
    assert asked == [*TRAITS, "site", "weight"]
    assert list(photo_traits(photos)) == [name for name in asked if name in photo_traits(photos)]
    assert check_traits(photos, ["all", "note"]) == [*asked, "note"]
