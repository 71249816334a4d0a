"""A whole audit of drawn photos in which flaws were planted."""

from __future__ import annotations

import json
import re
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image, ImageOps

from pawlens import Photos
from pawlens.audit import Audit, audit
from pawlens.base import draft_of
from pawlens.errors import RunError
from pawlens.pages import render_audit, render_exploration
from pawlens.pages._shape_plots import size_plot
from pawlens.photos import explore
from pawlens.samples import draw_samples
from pawlens.workflows import write_audit

_DRAWN = "Widths and heights of the photos", "Histogram of width by height"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("audited")
    draw_samples(root / "pets", count=80, seed=3, flaws=False)
    train = root / "pets" / "train"
    cats = sorted(train.glob("cat.*.jpg"))
    dogs = sorted(train.glob("dog.*.jpg"))
    (train / "cat.900.jpg").write_bytes(cats[0].read_bytes())
    with Image.open(cats[1]) as picture:
        ImageOps.mirror(picture).save(train / "cat.901.jpg", quality=70)
    with Image.open(dogs[1]) as picture:
        picture.resize((picture.width // 2, picture.height // 2)).save(train / "cat.902.jpg")
    with Image.open(dogs[2]) as picture:
        ImageOps.expand(picture, 90, "white").save(train / "dog.903.jpg", quality=90)
    (train / "dog.904.jpg").write_bytes(b"")
    Image.open(dogs[3]).save(train / "dog.905.jpg", format="GIF")
    Image.new("RGB", (300, 200), (90, 90, 90)).save(train / "dog.906.jpg")
    with Image.open(dogs[4]) as picture:
        picture.resize((40, 30)).save(train / "dog.907.jpg")
    return root


@pytest.fixture(scope="module")
def found(folder: Path) -> Audit:
    return audit(Photos.read(folder / "pets" / "train"), cache_dir=folder / "cache")


def _paths(found: Audit, kind: str) -> set[str]:
    return {found.photos.paths[row] for row in found.rows(kind)}


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("exact_duplicate", "cat.900.jpg"),
        ("near_duplicate", "cat.901.jpg"),
        ("contradicting_duplicate", "cat.902.jpg"),
        ("border", "dog.903.jpg"),
        ("unreadable", "dog.904.jpg"),
        ("wrong_extension", "dog.905.jpg"),
        ("blank", "dog.906.jpg"),
        ("tiny", "dog.907.jpg"),
    ],
)
def test_a_planted_flaw_is_found_with_a_reason(found: Audit, kind: str, path: str) -> None:
    pair = {"contradicting_duplicate"}  # of a contradiction either side may be the wrong one
    row = found.photos.paths.index(path)
    assert path in _paths(found, kind) or kind in pair
    if kind in pair:
        assert _paths(found, kind)
    else:
        assert found.detections[kind].why[row]


def test_an_exact_copy_is_not_to_be_dropped_since_its_original_would_go_too(found: Audit) -> None:
    assert not found.detections["exact_duplicate"].suggestion
    row = found.photos.paths.index("cat.901.jpg")
    assert found.detections["near_duplicate"].suggestion[row] == "drop"


def test_sound_photos_are_left_alone(found: Audit) -> None:
    planted = {f"cat.{i}.jpg" for i in (900, 901, 902)} | {f"dog.{i}.jpg" for i in range(903, 908)}
    for kind in ("unreadable", "wrong_extension", "border", "blank", "tiny"):
        assert _paths(found, kind) <= planted, kind


def test_scores_lie_between_0_and_1_and_agree_with_what_is_found(found: Audit) -> None:
    for kind, one in found.detections.items():
        scores = one.score[one.found]
        assert ((scores >= 0) & (scores <= 1)).all(), kind
        assert set(one.why) >= set(found.rows(kind).tolist()), kind


def test_the_folder_holds_a_tidy_table_and_a_page(found: Audit, folder: Path) -> None:
    page = write_audit(found, folder / "out")
    table = pq.read_table(folder / "out" / "audit.parquet")
    assert table.num_rows == len(found.photos)
    for kind in found.kinds:
        assert {f"{kind.name}_score", f"is_{kind.name}"} <= set(table.column_names)
    facts = json.loads((folder / "out" / "audit.json").read_text(encoding="utf-8"))
    assert facts["counts"] == found.counts
    html = page.read_text(encoding="utf-8")
    assert "dog.903.jpg" in html
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "Content-Security-Policy" in html


def test_sizes_and_shapes_are_drawn_as_in_an_exploration(found: Audit, folder: Path) -> None:
    """The same photos give the same pictures on both pages; each marks what it lists as odd."""
    photos = found.photos
    explored = explore(photos, cache_dir=folder / "cache")
    pages = render_audit(found), render_exploration(explored)
    sizes, aspects = ([_plot(page, label) for page in pages] for label in _DRAWN)
    assert aspects[0] == aspects[1]
    rows = {int(row) for kind in ("odd_size", "odd_aspect") for row in found.rows(kind)}
    assert rows
    assert sizes[0] == _plot(size_plot(explored.shapes, rows), _DRAWN[0])
    assert "var(--wrong)" in sizes[0]


def _plot(page: str, label: str) -> str:
    (svg,) = re.findall(rf'<svg[^>]*aria-label="{label}".*?</svg>', page, re.DOTALL)
    return str(svg)


@pytest.mark.parametrize("written", [0, 1, 2, 3])
def test_an_audit_that_breaks_off_is_not_taken_for_one(
    found: Audit, tmp_path: Path, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_audit(found, tmp_path)
    left = iter(range(written))

    def breaks_off(path: Path) -> AbstractContextManager[Path]:
        if next(left, None) is None:
            raise RunError("the disk is full")
        return draft_of(path)

    monkeypatch.setattr("pawlens.base._files.draft_of", breaks_off)
    with pytest.raises(RunError):
        write_audit(found, tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    # The sums come before what they make valid.
    assert names == {"audit.parquet", *["SHA256SUMS", "audit.json"][: max(written - 1, 0)]}


def test_a_list_is_named_as_the_source(found: Audit, folder: Path, tmp_path: Path) -> None:
    write_audit(found, tmp_path / "out", source=folder / "list.tsv")
    facts = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))
    assert facts["photos"] == str((folder / "list.tsv").resolve())


def test_without_labels_what_needs_them_is_left_out_by_name(folder: Path, tmp_path: Path) -> None:
    bare = Photos.read(folder / "pets" / "test", labels=False)
    found = audit(bare, cache_dir=folder / "cache")
    assert {"label_error", "high_loss", "both"} <= set(found.left_out)
    assert "near_duplicate" in found.detections
    assert write_audit(found, tmp_path / "out").is_file()
