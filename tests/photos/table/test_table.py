from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from pawlens.errors import DecisionsError, PhotosError
from pawlens.photos import Photos, Table, prepare_table


def draw(path: Path, seed: int, size: tuple[int, int] = (90, 70)) -> Path:
    """A smooth random picture, unlike that of any other seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 255, (9, 9, 3), np.uint8)
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(path, quality=92)
    return path


def fill(folder: Path, count: int = 3, split: str = "", start: int = 0) -> Path:
    for c, name in enumerate(("cat", "dog")):
        for i in range(count):
            draw(folder / split / name / f"{i}.jpg", start + 100 * c + i)
    return folder


def table_of(folder: Path | str) -> Table:
    return prepare_table(Photos.read(folder), n_folds=3, seed=0)


def kinds(table: Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in table.findings:
        found.setdefault(finding.kind, []).append(finding.path)
    return found


def test_clean_folder(tmp_path: Path) -> None:
    table = table_of(fill(tmp_path))
    assert table.classes == ["cat", "dog"]
    assert table.label.tolist() == [0] * 3 + [1] * 3
    assert table.role == ["train"] * 6
    assert sorted(table.fold.tolist()) == [0, 0, 1, 1, 2, 2]
    assert table.findings == []
    assert table.set_aside == []


def test_unreadable_photos_are_set_aside_by_name(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "cat" / "empty.jpg").write_bytes(b"")
    whole = (tmp_path / "dog" / "0.jpg").read_bytes()
    (tmp_path / "dog" / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    table = table_of(tmp_path)
    assert [path for path, _ in table.set_aside] == ["cat/empty.jpg", "dog/torn.jpg"]
    assert all(reason.startswith("unreadable: ") for _, reason in table.set_aside)
    assert kinds(table) == {"unreadable": ["cat/empty.jpg", "dog/torn.jpg"]}
    assert table.fold[table.rows("set aside")].tolist() == [-1, -1]


def test_splits_and_leaks(tmp_path: Path) -> None:
    fill(fill(tmp_path, split="train"), split="test", start=50)
    leak = tmp_path / "test" / "dog" / "leak.jpg"
    leak.write_bytes((tmp_path / "train" / "dog" / "1.jpg").read_bytes())
    table = table_of(tmp_path)
    assert len(table.rows("train")) == len(table.rows("test")) == 6
    assert (table.fold[table.rows("test")] == -1).all()
    assert table.set_aside == [
        ("test/dog/leak.jpg", "leak: the same picture trains as train/dog/1.jpg")
    ]
    # Of two photos the one that does not train is named.
    assert kinds(table) == {"duplicate": ["test/dog/leak.jpg"], "leak": ["test/dog/leak.jpg"]}


def test_near_duplicates_share_group_and_fold(tmp_path: Path) -> None:
    fill(tmp_path, count=4)
    draw(tmp_path / "cat" / "9.png", seed=2, size=(60, 48))
    table = table_of(tmp_path)
    first, second = table.photos.paths.index("cat/2.jpg"), table.photos.paths.index("cat/9.png")
    assert table.group[first] == table.group[second]
    assert table.fold[first] == table.fold[second]
    assert table.findings[-1].detail == "looks like cat/2.jpg"
    assert kinds(table)["duplicate"] == ["cat/9.png"]


def test_contradicting_duplicates(tmp_path: Path) -> None:
    fill(tmp_path)
    copy = tmp_path / "dog" / "copy.jpg"
    copy.write_bytes((tmp_path / "cat" / "0.jpg").read_bytes())
    table = table_of(tmp_path)
    assert [tuple(f) for f in table.findings] == [
        (
            "dog/copy.jpg",
            "contradicting duplicate",
            "same bytes as cat/0.jpg, which is labelled cat",
        )
    ]


def test_tiny_photos_and_wrong_extensions(tmp_path: Path) -> None:
    fill(tmp_path)
    draw(tmp_path / "cat" / "small.jpg", 7, size=(30, 20))
    draw(tmp_path / "cat" / "x.gif", 8).rename(tmp_path / "cat" / "really_gif.jpg")
    draw(tmp_path / "cat" / "x.png", 9).rename(tmp_path / "cat" / "no_suffix")
    table = table_of(tmp_path)
    assert kinds(table) == {"wrong extension": ["cat/really_gif.jpg"], "tiny": ["cat/small.jpg"]}
    assert table.role == ["train"] * 9


def test_several_labels_and_none(tmp_path: Path) -> None:
    fill(tmp_path)
    rows = [f"{c}/{i}.jpg,{c}" for c in ("cat", "dog") for i in range(3)]
    draw(tmp_path / "both.jpg", 11)
    draw(tmp_path / "new.jpg", 12)
    text = "\n".join(["path,label", *rows, "both.jpg,cat;dog", "new.jpg,", "gone.jpg,cat"])
    (tmp_path / "list.csv").write_text(text)
    table = table_of(tmp_path / "list.csv")
    assert table.role[-3:] == ["set aside", "unlabelled", "set aside"]
    assert table.label[-3:].tolist() == [-1, -1, 0]
    assert dict(table.set_aside)["both.jpg"] == "several labels: cat, dog"
    assert (
        dict(table.set_aside)["gone.jpg"] == "unreadable: cannot be read: No such file or directory"
    )


@pytest.mark.parametrize("split", ["test", "valid"])
def test_a_lone_split_trains(tmp_path: Path, split: str) -> None:
    table = table_of(fill(tmp_path, split=split))
    assert table.role == ["train"] * 6


def test_held_out_photos_never_take_the_place_of_unreadable_ones(tmp_path: Path) -> None:
    fill(fill(tmp_path, split="train"), split="test", start=50)
    for file in (tmp_path / "train").rglob("*.jpg"):
        file.write_bytes(b"")
    with pytest.raises(PhotosError, match="class 'cat' has 0 different readable photo"):
        table_of(tmp_path)


def test_one_class_is_too_few(tmp_path: Path) -> None:
    draw(tmp_path / "cat" / "1.jpg", 0)
    with pytest.raises(PhotosError, match="no two classes found, at least 2 are needed"):
        table_of(tmp_path)


def test_a_class_needs_two_different_photos(tmp_path: Path) -> None:
    fill(tmp_path)
    for i in range(3):
        draw(tmp_path / "fox" / f"{i}.jpg", 500)
    with pytest.raises(PhotosError, match="class 'fox' has 1 different readable photo"):
        table_of(tmp_path)


class Ruled(NamedTuple):
    action: str
    labels: tuple[str, ...] = ()
    reason: str = ""


def decided(folder: Path, **rulings: Ruled) -> Table:
    """The table when photos, named like ``cat_0``, are decided upon."""
    by_content = {
        hashlib.sha256((folder / f"{name.replace('_', '/')}.jpg").read_bytes()).hexdigest(): one
        for name, one in rulings.items()
    }
    return prepare_table(Photos.read(folder), n_folds=3, seed=0, decisions=by_content)


def test_decisions_are_applied_and_the_photos_stay(tmp_path: Path) -> None:
    fill(tmp_path, 5)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.jpg")}
    table = decided(
        tmp_path,
        cat_0=Ruled("drop", reason="blurred"),
        cat_1=Ruled("relabel", ("dog",)),
        cat_2=Ruled("relabel", ("cat", "dog")),
        dog_0=Ruled("relabel", ()),
        dog_1=Ruled("trim"),
        dog_2=Ruled("keep"),
    )
    assert table.set_aside == [
        ("cat/0.jpg", "decided: drop (blurred)"),
        ("cat/2.jpg", "several labels: cat, dog"),
        ("dog/0.jpg", "decided: shows none of the classes"),
    ]
    assert table.label.tolist() == [0, 1, -1, 0, 0, -1, 1, 1, 1, 1]
    assert table.photos[1].labels == ("dog",)
    assert table.given[1] == ("cat",)
    assert table.trimmed == {6}
    assert table.decisions[:3] == ["drop", "relabel:dog", "relabel:cat;dog"]
    assert table.decisions[5:] == ["relabel:", "trim", "keep", "", ""]
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*.jpg")}


def test_a_decision_holds_for_every_copy(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "dog" / "copy.jpg").write_bytes((tmp_path / "cat" / "0.jpg").read_bytes())
    assert "contradicting duplicate" in kinds(table_of(tmp_path))
    table = decided(tmp_path, cat_0=Ruled("relabel", ("cat",)))
    assert table.label.tolist() == [0, 0, 0, 1, 1, 1, 0]
    assert set(kinds(table)) == {"duplicate"}


def test_what_was_kept_is_no_longer_a_finding(tmp_path: Path) -> None:
    fill(tmp_path)
    draw(tmp_path / "cat" / "9.jpg", 9, (40, 40))
    assert kinds(table_of(tmp_path)) == {"tiny": ["cat/9.jpg"]}
    assert kinds(decided(tmp_path, cat_9=Ruled("keep"))) == {}


def test_a_class_that_is_none(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(DecisionsError, match=r"cat/0.jpg: decided to be 'fox', .* \(cat, dog\)"):
        decided(tmp_path, cat_0=Ruled("relabel", ("fox",)))


def test_too_few_photos_left(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(PhotosError, match="class 'cat' has 1 different"):
        decided(tmp_path, cat_0=Ruled("drop"), cat_1=Ruled("drop"))
