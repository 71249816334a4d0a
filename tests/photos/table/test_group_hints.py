from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.photos import Photo, Photos, suggest_groups
from pawlens.photos.scan._headers import Header


def table(rows: list[tuple[str, str]], further: dict[str, list[str]] | None = None) -> Photos:
    """A table of paths and labels over an empty folder."""
    photos = [Photo(path, (label,)) for path, label in rows]
    columns = {
        name: {path: value for (path, _), value in zip(rows, values, strict=True)}
        for name, values in (further or {}).items()
    }
    found = Photos.at(Path.cwd(), photos)
    found.further = columns
    return found


def named(*names: str) -> list[tuple[str, str]]:
    """Photos, the first half of which are cats."""
    return [(name, "cat" if i < len(names) / 2 else "dog") for i, name in enumerate(names)]


NAMES = ("rex", "tom", "kit", "bo", "al", "jo")
SUBJECTS = named(*(f"{name}_{k}.jpg" for name in NAMES for k in (1, 2, 3)))
NUMBERED = named(*(f"{i}.jpg" for i in range(12)))
BREEDS = ("Bengal", "Birman", "Ragdoll", "pug", "boxer", "beagle")
PLAIN = {
    "width": [str(640 + i % 3) for i in range(60)],
    "age": [str(i % 12) for i in range(60)],
    "id": [str(i) for i in range(60)],
}


@pytest.mark.parametrize(
    ("photos", "option"),
    [
        (table(SUBJECTS), r"--group-name '(\w+)_\d+'"),
        (
            table([(p.replace("_", "-frame"), c) for p, c in SUBJECTS]),
            r"--group-name '(\w+)-[a-zA-Z]*\d+'",
        ),
        (table([(p.replace("_", ""), c) for p, c in SUBJECTS]), r"--group-name '([^\W\d_]+)\d+'"),
        (table([(f"{c}/{p.replace('_', '/')}", c) for p, c in SUBJECTS]), "--group folder"),
        (
            table(named(*(f"{n}_{k}.jpg" for n in NAMES for k in (1, 2)))),
            r"--group-name '(\w+)_\d+'",
        ),
        (
            table(NUMBERED, {"animal": [f"a{i // 3}" for i in range(12)]}),
            "--group animal",
        ),
        (
            table(NUMBERED, {"who is it": [f"a{i // 2}" for i in range(12)]}),
            "--group 'who is it'",
        ),
    ],
)
def test_what_suggests_groups_names_the_option(photos: Photos, option: str) -> None:
    (sentence,) = suggest_groups(photos)
    assert f"add {option} to keep them whole" in sentence
    assert "\n" not in sentence


def test_the_pattern_that_is_suggested_finds_the_groups(tmp_path: Path) -> None:
    from pawlens.photos import with_groups

    (sentence,) = suggest_groups(table(SUBJECTS))
    pattern = sentence.split("--group-name '")[1].split("'")[0]
    found = with_groups(table(SUBJECTS), group_name=pattern)
    assert {photo.group for photo in found} == {"rex", "tom", "kit", "bo", "al", "jo"}


@pytest.mark.parametrize(
    "photos",
    [
        table([(f"{c}.{i}.jpg", c) for c in ("cat", "dog") for i in range(50)]),
        table([(f"train/{c}.{i}.jpg", c) for c in ("cat", "dog") for i in range(0, 5000, 100)]),
        table([(f"{b}_{i}.jpg", b) for b in BREEDS for i in range(9)]),
        table(named(*(f"{b}_{i}.jpg" for b in BREEDS for i in range(1, 48)))),
        table([(f"{c}/IMG_{i:04}.jpg", c) for c in ("cat", "dog") for i in range(30)]),
        table(named(*(f"{m}_{i:04}.jpg" for i in range(20) for m in ("IMG", "DSC", "PXL")))),
        table(named(*(f"IMG_2026{i % 9:02}{i:02}_{i * 997 % 240000:06}.jpg" for i in range(60)))),
        table(named(*(f"{i:05x}.jpg" for i in range(4000, 4090)))),
        table([(f"{c}/{i}.jpg", c) for c in ("cat", "dog") for i in range(30)]),
        table(named(*(f"{i}.jpg" for i in range(60))), PLAIN),
        table([]),
    ],
)
def test_usual_names_and_columns_suggest_nothing(photos: Photos) -> None:
    assert suggest_groups(photos) == []


@pytest.mark.parametrize(("subjects", "suggested"), [(5, 1), (4, 0)])
def test_subjects_are_more_than_the_classes(subjects: int, suggested: int) -> None:
    rows = [(f"{NAMES[i]}_{k}.jpg", f"class {i % 4}") for i in range(subjects) for k in (1, 2, 3)]
    assert len(suggest_groups(table(rows))) == suggested


def test_nothing_is_suggested_where_groups_are_given() -> None:
    photos = table(SUBJECTS)
    given = photos.with_rows([Photo(p.path, p.labels, group="x") for p in photos])
    assert suggest_groups(given) == []


def test_bursts_are_suggested() -> None:
    photos = table(named(*(f"{i}.jpg" for i in range(20))))
    headers = [
        Header("", camera="One", taken=f"2026:11:30 12:{i // 2:02}:{i % 2:02}") for i in range(20)
    ]
    (sentence,) = suggest_groups(photos, headers)
    assert sentence.startswith("20 photos were taken within 3 seconds of another one")
    assert "add --group burst" in sentence
    far = [Header("", camera="One", taken=f"2026:11:30 12:{i:02}:00") for i in range(20)]
    assert suggest_groups(photos, far) == []
