"""Every command tells what it read: classes, where labels come from, and what was left out."""

from __future__ import annotations

from pathlib import Path

from ..striped import fill
from .conftest import Command

FIRST = "12 read: cat 6, dog 6; labels from class folders"


def spoil(photos: Path) -> list[str]:
    """Add what is left out or not read, and return what is told of it."""
    (photos / "bird").mkdir()
    (photos / "@eaDir").mkdir()
    (photos / "@eaDir" / "small.jpg").write_bytes(b"")
    (photos / "notes.txt").write_text("a note")
    return [
        "left out: 1 folder, of the system (@eaDir/); 1 file, not a photo (notes.txt)",
        "folders without a photo: bird",
    ]


def test_explore_audit_and_train(pawlens: Command, photos: Path, tmp_path: Path) -> None:
    told = spoil(photos)
    for command in (
        ("explore", photos, "--out", tmp_path / "page.html"),
        ("audit", photos, "--out", tmp_path / "audit"),
        ("train", photos, "--out", tmp_path / "run", "--folds", 2),
    ):
        found = pawlens(*command)
        assert (found.code, found.read) == (0, [FIRST, *told])


def test_evaluate_and_predict(
    pawlens: Command, trained: Path, photos: Path, tmp_path: Path
) -> None:
    told = spoil(photos)
    for photo in [*photos.glob("*/?.jpg")]:  # other bytes: those of the training are left out
        photo.write_bytes(photo.read_bytes() + b"\0")
    assert pawlens("evaluate", trained, photos).read == [FIRST, *told]
    (photos / "cat" / "6.jxl").write_bytes(b"\xff\x0a")
    found = pawlens("predict", trained, photos, "--out", tmp_path / "answers.csv")
    assert found.code == 2
    assert found.read == [
        "13 read, without labels",
        "not read: 1 file, JPEG XL (cat/6.jxl)",
        told[0],
    ]
    assert "cat/6.jxl: unreadable: JPEG XL, which is not read" in found.err
    assert len((tmp_path / "answers.csv").read_text().splitlines()) == 14


def test_a_single_photo_is_named_already(pawlens: Command, trained: Path, photos: Path) -> None:
    assert pawlens("predict", trained, photos / "cat" / "0.jpg").read == []


def test_an_error_in_the_layout_is_all_that_is_told(pawlens: Command, photos: Path) -> None:
    (photos / "train").mkdir()
    (photos / "cat").rename(photos / "train" / "cat")
    found = pawlens("explore", photos)
    found.in_one_line("folder 'dog' lies beside the split folders ['train']")
    assert found.read == []


def test_folders_of_folds_are_used_or_asked_about(pawlens: Command, tmp_path: Path) -> None:
    for fold in (1, 2):
        fill(tmp_path / "set" / f"fold{fold}", 4, start=4 * fold)
    command = ("train", tmp_path / "set", "--out", tmp_path / "run")
    pawlens(*command).in_one_line("fold1, fold2 are folds of a cross-validation", "--folds given")
    pawlens(*command, "--folds", "some").in_one_line("folds")
    found = pawlens(*command, "--folds", "given")
    assert found.code == 0
    assert "out-of-fold, 2 folds, 16 photos" in found.out
