"""Several labels a photo: lists as people write them, roles, and folds."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import Photos, Table, assign_label_folds, prepare_table, scan_photos

from ...side_by_side import collages


def table_of(folder: Path, rows: list[str], **options: object) -> Table:
    if not folder.exists():
        collages(folder, count=4)
    text = "\n".join(["path,label", *rows]) + "\n"
    (folder / "labels.csv").write_text(text, encoding="utf-8")
    photos = Photos.read(folder / "labels.csv")
    return prepare_table(photos, n_folds=2, seed=0, several=True, **options)  # type: ignore[arg-type]


def kinds(count: int = 4) -> list[str]:
    names = ("cat", "dog", "cat;dog", "none")
    return [f"{k.replace(';', '-')}.{i}.jpg,{k}" for i in range(count) for k in names]


def test_targets_roles_and_the_word_for_none(tmp_path: Path) -> None:
    rows = kinds()
    rows[0], rows[-2] = "cat.0.jpg,", "cat-dog.3.jpg,dog ; cat"
    table = table_of(tmp_path / "p", rows)
    assert table.classes == ["cat", "dog"]
    assert table.role == ["unlabelled"] + ["train"] * 15
    assert table.targets[:4].tolist() == [
        [False, False],
        [False, True],
        [True, True],
        [False, False],
    ]
    assert table.photos[-2].labels == ("cat", "dog")
    assert table.photos[3].labels == ("none",)
    assert (table.fold[1:] >= 0).all()


def test_lists_as_people_write_them(tmp_path: Path) -> None:
    rows = kinds()
    rows[2], rows[6], rows[3] = (
        "cat-dog.0.jpg,cat;;dog",
        "cat-dog.1.jpg,cat; cat",
        "none.0.jpg,None",
    )
    table = table_of(tmp_path / "p", [*rows, "cat-dog.1.jpg,dog"])
    assert table.targets[[2, 6]].all()
    assert not table.targets[3].any()
    assert table.classes == ["cat", "dog"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("none.0.jpg,none;cat", "'none.0.jpg' is labelled none;cat; .* stands alone"),
        ("none.0.jpg,owl", "1 different readable .* with label 'owl' .* leave the label out"),
    ],
)
def test_labels_that_cannot_be_learned(tmp_path: Path, changed: str, message: str) -> None:
    rows = [changed if row.startswith("none.0") else row for row in kinds()]
    with pytest.raises(PhotosError, match=message):
        table_of(tmp_path / "p", rows)


def test_a_label_of_every_photo(tmp_path: Path) -> None:
    rows = [row.replace(",dog", ",cat;dog").replace(",none", ",cat") for row in kinds()]
    with pytest.raises(PhotosError, match=r"0 different .* without label 'cat' .* labelled 'none'"):
        table_of(tmp_path / "p", rows)
    with pytest.raises(PhotosError, match="no label but 'none'"):
        table_of(tmp_path / "p", ["cat.0.jpg,none", "cat.1.jpg,None"])


class Decided(NamedTuple):
    action: str
    labels: tuple[str, ...]
    reason: str = ""


def test_decided_to_show_none_is_an_answer_like_every_other(tmp_path: Path) -> None:
    path = collages(tmp_path / "p", count=4)
    scans = scan_photos(Photos.read(path))
    rulings = {scans[0].sha256: Decided("relabel", ())}
    table = table_of(tmp_path / "p", kinds(), decisions=rulings)
    assert table.role[0] == "train"
    assert table.photos[0].labels == ("none",)


@st.composite
def labelled_groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Targets and groups; members of a group are labelled alike."""
    groups = draw(st.lists(st.integers(0, 40), min_size=12, max_size=60))
    labels = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    shares = np.array(draw(st.lists(st.floats(0.1, 0.9), min_size=labels, max_size=labels)))
    of_group = rng.random((41, labels)) < shares
    return of_group[groups], np.array(groups, np.int64)


@settings(max_examples=60)
@given(labelled_groups(), st.integers(3, 6), st.integers(0, 5))
def test_folds_keep_groups_whole_and_labels_apart(
    photos: tuple[np.ndarray, np.ndarray], n_folds: int, seed: int
) -> None:
    targets, groups = photos
    _, first = np.unique(groups, return_index=True)
    of_group = targets[first]
    assume(((of_group.sum(axis=0) > 1) & ((~of_group).sum(axis=0) > 1)).all())
    fold = assign_label_folds(targets, groups, n_folds=n_folds, seed=seed)
    assert (fold == assign_label_folds(targets, groups, n_folds=n_folds, seed=seed)).all()
    assert all(len(set(fold[groups == one])) == 1 for one in groups)
    assert set(fold) <= set(range(n_folds))
    for side in (targets.T, ~targets.T):
        assert all(len(set(fold[carried])) > 1 for carried in side)
    if np.bincount(groups).max() <= 3:  # larger groups are dealt by the photos in them
        # Of each combination every fold has as many groups as any other, or one more.
        for kind in np.unique(of_group, axis=0):
            mine = (of_group == kind).all(axis=1)
            counts = np.bincount(fold[first][mine], minlength=min(n_folds, len(first)))
            assert counts.max() - counts.min() <= 2


def test_labels_that_no_two_folds_can_part() -> None:
    targets = np.array([[1, 0, 1], [1, 1, 0], [0, 1, 1]], bool)
    with pytest.raises(PhotosError, match="all in one fold"):
        assign_label_folds(targets, np.arange(3), n_folds=2, seed=0)
