from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pawlens.audit import Decision, Journal
from pawlens.errors import DecisionsError, UnreadablePhoto, UsageError
from pawlens.photos import Side
from pawlens.review import Review
from pawlens.review._pictures import Pictures

from .conftest import Audited, audit_by_hand, draw_photos


def test_what_was_decided_before_is_there(audited: Audited) -> None:
    sha256 = audited.table["sha256"][1]
    Journal(audited.folder / "decisions.jsonl").decide(Decision(sha256, "drop", by="auto"))
    review = Review(audited.folder)
    ((row, decision),) = review.overview()["decisions"]
    assert (row, decision["action"], decision["by"], review.decided) == (1, "drop", "auto", 1)
    review.close()


def test_photos_that_came_and_went_since_the_audit(audited: Audited) -> None:
    (audited.photos / "cat" / "00000.jpg").unlink()
    shutil.copy(audited.photos / "dog" / "00001.jpg", audited.photos / "cat" / "00000a.jpg")
    review = Review(audited.folder)
    assert review.photo(0)["problem"] == "no longer among the photos"
    for row in range(len(review)):
        content = audited.table["sha256"][row][:16]
        if audited.table["is_unreadable"][row] or row == 0:
            with pytest.raises(UnreadablePhoto):
                review.picture(row, content, Side.GRID).result(timeout=60)
        else:  # the hash is checked: each row still shows its own photo
            assert review.picture(row, content, Side.GRID).result(timeout=60)[:3] == b"\xff\xd8\xff"
    review.close()


def test_other_photos_are_refused(audited: Audited) -> None:
    shutil.rmtree(audited.photos)
    with pytest.raises(UsageError, match="no such file or folder"):
        Review(audited.folder)
    draw_photos(audited.photos / "elsewhere", 2)
    with pytest.raises(UsageError, match="none of the audited photos"):
        Review(audited.folder)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("audit.json", None, "no such file"),
        ("audit.json", b"{", "no JSON"),
        ("audit.json", b"[]", "no JSON object"),
        ("audit.json", b"{}", "'version' is missing"),
        ("audit.json", b'{"version": 2, "photos": "x", "classes": []}', "newer pawlens"),
        ("audit.json", b'{"version": 1, "photos": 3, "classes": []}', "'photos' is missing"),
        ("audit.parquet", None, "missing or damaged"),
        ("audit.parquet", b"PAR1", "missing or damaged"),
    ],
)
def test_a_folder_that_is_no_audit(
    audited: Audited, name: str, content: bytes | None, words: str
) -> None:
    if content is None:
        (audited.folder / name).unlink()
    else:
        (audited.folder / name).write_bytes(content)
    with pytest.raises(UsageError, match=f"{name}: .*{words}"):
        Review(audited.folder)


def test_a_class_without_probabilities(audited: Audited) -> None:
    facts = json.loads((audited.folder / "audit.json").read_text())
    (audited.folder / "audit.json").write_text(json.dumps(facts | {"classes": ["cat", "fox"]}))
    with pytest.raises(UsageError, match="column 'p:fox' is missing"):
        Review(audited.folder)


def test_a_column_of_another_type_is_told(audited: Audited) -> None:
    columns = audited.table | {"labels": [1] * len(audited.table["path"])}
    pq.write_table(pa.table(columns), audited.folder / "audit.parquet")
    with pytest.raises(UsageError, match="column 'labels' has gaps or holds int64"):
        Review(audited.folder)


def test_a_damaged_journal_is_told_at_once(audited: Audited) -> None:
    (audited.folder / "decisions.jsonl").write_text("{}\n")
    with pytest.raises(DecisionsError, match="line 1 is not a decision"):
        Review(audited.folder)


def test_pictures_in_memory_are_limited(audited: Audited) -> None:
    from pawlens import Photos

    photos = Photos.read(audited.photos)
    pictures = Pictures(photos, kept_bytes=3000)
    readable = [i for i in range(12) if not audited.table["is_unreadable"][i]]
    made = [pictures.make(i, audited.table["sha256"][i], Side.GRID) for i in readable]
    assert sum(map(len, made)) > 3000
    assert sum(map(len, pictures._kept.values())) == pictures._bytes <= 3000
    pictures.close()


def test_many_classes(audited: Audited) -> None:
    classes = ("cat", "dog", *(f"breed{i}" for i in range(35)))
    other = audit_by_hand(audited.folder.parent / "many", audited.photos, classes=classes)
    review = Review(other.folder)
    assert len(review.photo(0)["probabilities"]) == 37
    review.close()


def test_photos_in_a_zip(audited: Audited) -> None:
    archive = shutil.make_archive(str(audited.folder.parent / "zipped"), "zip", audited.photos)
    other = audit_by_hand(audited.folder.parent / "of zip", Path(archive))
    review = Review(other.folder)
    content = other.table["sha256"][0][:16]
    assert review.picture(0, content, Side.GRID).result(timeout=60)[:3] == b"\xff\xd8\xff"
    assert review.overview()["name"] == "zipped"
    review.close()


def test_photos_of_a_list_with_paths_of_its_own(audited: Audited) -> None:
    """What an audit of a list keeps: the list's folder, and paths as they stood in it."""
    there = str(audited.photos / "cat" / "00000.jpg")
    columns = audited.table | {"path": [there, *audited.table["path"][1:]]}
    pq.write_table(pa.table(columns), audited.folder / "audit.parquet")
    review = Review(audited.folder)
    assert review.photo(0)["problem"] == review.photo(1)["problem"] == ""
    review.close()
