from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from pawlens.audit._copies import Copies, find_copies, join_cut_outs
from pawlens.features import FeatureMatrix
from pawlens.features._neighbours import nearest
from pawlens.photos import Photos, explore, near_duplicate_groups, prepare_table, scan_photos


def scene(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8)).resize((160, 120))
    fine = Image.fromarray(rng.integers(0, 256, (20, 20, 3), np.uint8)).resize((160, 120))
    return Image.blend(coarse, fine, 0.3)


@pytest.fixture
def photos(tmp_path: Path) -> Photos:
    for split, label in (("train", "cat"), ("train", "dog"), ("valid", "cat"), ("valid", "dog")):
        (tmp_path / split / label).mkdir(parents=True)
    for i in range(4):
        scene(i).save(tmp_path / "train" / "cat" / f"{i}.png")
    first = tmp_path / "train" / "cat" / "0.png"
    (tmp_path / "train" / "cat" / "copy.png").write_bytes(first.read_bytes())
    ImageOps.mirror(scene(1)).resize((90, 70)).save(tmp_path / "valid" / "cat" / "mirror.jpg")
    scene(2).resize((100, 80)).save(tmp_path / "train" / "dog" / "small.jpg")
    scene(3).crop((14, 10, 150, 112)).save(tmp_path / "valid" / "dog" / "cut.jpg", quality=90)
    scene(9).save(tmp_path / "train" / "dog" / "other.jpg")
    return Photos.read(tmp_path)


def compare(photos: Photos) -> tuple[Copies, dict[str, int]]:
    scans = scan_photos(photos)
    group = near_duplicate_groups(scans)
    grey = [
        np.asarray(Image.fromarray(photos.decode(i)).convert("L").resize((8, 8)), np.float32)
        for i in range(len(photos))
    ]
    values = np.stack([g.ravel() - g.mean() for g in grey])
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    vectors = FeatureMatrix(values, np.arange(len(photos)), [], [], 0)
    group = join_cut_outs(photos, group, vectors, nearest(values, 4))
    return find_copies(photos, scans, group), {path: i for i, path in enumerate(photos.paths)}


def test_every_kind_of_copy_is_told_apart(photos: Photos) -> None:
    copies, row = compare(photos)
    found = {one.kind: one for one in copies.detections}
    copy, mirror = row["train/cat/copy.png"], row["valid/cat/mirror.jpg"]
    small, cut = row["train/dog/small.jpg"], row["valid/dog/cut.jpg"]
    assert found["exact_duplicate"].why == {copy: "same bytes as train/cat/0.png"}
    assert found["near_duplicate"].why == {
        mirror: "mirror image of train/cat/1.png",
        small: "looks like train/cat/2.png",
        cut: "looks like train/cat/3.png",
    }
    assert set(found["leak"].why) == {mirror, cut}
    assert "which is in train" in found["leak"].why[cut]
    contradicting = found["contradicting_duplicate"]
    assert set(contradicting.why) == {small, cut, row["train/cat/2.png"], row["train/cat/3.png"]}
    assert "labelled dog" in contradicting.why[row["train/cat/2.png"]]
    assert copies.original[copy] == row["train/cat/0.png"]
    assert not found["near_duplicate"].found[row["train/dog/other.jpg"]]


def test_hashes_that_are_alike_by_chance_are_no_copies(photos: Photos) -> None:
    scans = scan_photos(photos)
    everything = np.zeros(len(photos), np.int64)  # as if all hashes were the same
    copies = find_copies(photos, scans, everything)
    named = {photos.paths[row] for one in copies.detections[:2] for row in one.why}
    assert named <= {"train/cat/copy.png"} or len(named) < len(photos) - 1


def test_training_audit_and_exploration_name_the_same_original(tmp_path: Path) -> None:
    """The largest, whatever its name; a copy in natural order of equal ones."""
    for place in ("train/cat", "train/dog", "test/cat", "test/dog"):
        (tmp_path / place).mkdir(parents=True)
    for number in range(4):
        for label in ("cat", "dog"):
            scene(50 + number + 10 * (label == "dog")).save(
                tmp_path / "train" / label / f"{number}.png"
            )
    scene(0).resize((90, 70)).save(tmp_path / "train/cat/5.png")
    scene(0).save(tmp_path / "train/cat/zbig.png")
    scene(1).save(tmp_path / "train/dog/10.png")
    scene(1).save(tmp_path / "train/dog/9.png")
    scene(2).resize((90, 70)).save(tmp_path / "train/cat/6.png")
    scene(2).save(tmp_path / "train/dog/zbig.png")
    scene(3).resize((90, 70)).save(tmp_path / "train/cat/7.png")
    scene(3).resize((120, 90)).save(tmp_path / "train/cat/ybig.png")
    scene(3).save(tmp_path / "test/cat/1.png")
    scene(99).save(tmp_path / "test/dog/1.png")
    photos = Photos.read(tmp_path)
    scans = scan_photos(photos)
    trained = {
        (finding.kind, finding.path): finding.detail
        for finding in prepare_table(photos, n_folds=2, seed=0).findings
    }
    copies = find_copies(photos, scans, near_duplicate_groups(scans))
    named = {
        photos.paths[row]: photos.paths[int(copies.original[row])]
        for row in np.flatnonzero(copies.original >= 0)
    }
    assert named == {
        "train/cat/5.png": "train/cat/zbig.png",
        "train/dog/10.png": "train/dog/9.png",
        "train/cat/6.png": "train/dog/zbig.png",
        "train/cat/7.png": "train/cat/ybig.png",
        "test/cat/1.png": "train/cat/ybig.png",
    }
    assert {path for _, path in trained} == set(named)
    for (_, path), detail in trained.items():
        assert named[path] in detail
    found = {one.kind: one for one in copies.detections}
    rows = {path: row for row, path in enumerate(photos.paths)}
    assert found["leak"].why.keys() == {rows["test/cat/1.png"]}
    assert [path for kind, path in trained if kind == "leak"] == ["test/cat/1.png"]
    assert ("contradicting duplicate", "train/cat/6.png") in trained
    assert rows["train/cat/6.png"] in found["contradicting_duplicate"].why
    exact = {photos.paths[row] for row in found["exact_duplicate"].why}
    assert explore(photos).same_bytes == len(exact) == 1
