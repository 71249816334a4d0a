"""Text lists: quotes that swallow rows, delimiters, lines of files and labels in any order."""

from __future__ import annotations

from pathlib import Path

import pytest

from pawlens.errors import PhotosError
from pawlens.photos import Photo
from pawlens.photos.layout._told_labels import Told
from pawlens.photos.lists._columns import ColumnNames
from pawlens.photos.lists._lists import read_list
from pawlens.photos.reading._folder_lists import choose_list
from pawlens.photos.stores._stores import FolderStore

COUNT = 6
LABELS = ["cat", "dog"] * 3


def listed(folder: Path, text: str, name: str = "x.csv", ending: str = ".jpg") -> list[Photo]:
    for number in range(COUNT):
        (folder / f"{number}{ending}").write_bytes(b"")
    (folder / name).write_text(text, encoding="utf-8")
    return read_list(folder / name).photos


def labels(photos: list[Photo]) -> list[str | None]:
    return [photo.label for photo in photos]


def table(notes: dict[int, str], delimiter: str = ",", columns: str = "file,label,note") -> str:
    rows = [
        delimiter.join([f"{number}.jpg", label, notes.get(number, "fine")])
        for number, label in enumerate(LABELS)
    ]
    return "\n".join([columns.replace(",", delimiter), *rows]) + "\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("notes", "line", "reason"),
    [
        ({2: '"big one'}, 4, "never closed"),
        ({5: '"'}, 7, "never closed"),
        ({1: '"big one', 4: '"small one'}, 3, "closes only in line 6"),
        ({1: '"big one', 4: 'small one"'}, 3, "closes only in line 6"),
        ({1: '"big one', 2: 'small one"'}, 3, "closes only in line 4"),
        ({1: '"big one', 4: '"a, b; c"'}, 3, "closes only in line 6"),
        ({0: '"a ""b', 3: '""'}, 2, "never closed"),
    ],
)
def test_a_quote_that_swallows_rows_is_refused(
    tmp_path: Path, delimiter: str, notes: dict[int, str], line: int, reason: str
) -> None:
    text = "# of us\n" + table(notes, delimiter)
    with pytest.raises(
        PhotosError, match=rf"x\.csv: .*line {line + 1}, '{line - 2}\.jpg"
    ) as caught:
        listed(tmp_path, text)
    assert reason.replace("line 6", "line 7").replace("line 4", "line 5") in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ", "])
@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 2), (2, 2), (2, 0)])
@pytest.mark.parametrize("apart", [1, 2, 3])
def test_quotes_in_any_cells_that_swallow_rows(
    tmp_path: Path, delimiter: str, first: int, second: int, apart: int
) -> None:
    rows = [[f"{number}.jpg", label, "fine"] for number, label in enumerate(LABELS)]
    rows[1][first] = f'"{rows[1][first]}'
    rows[1 + apart][second] += '"'
    text = "\n".join(delimiter.join(row) for row in [["file", "label", "note"], *rows])
    with pytest.raises(PhotosError, match=rf"line 3, '\"?1\.jpg.* closes only in line {3 + apart}"):
        listed(tmp_path, text)


def test_a_quote_that_swallows_more_than_a_cell_may_hold(tmp_path: Path) -> None:
    rows = "".join(f"{number}.jpg,cat,{'word ' * 20}\n" for number in range(3000))
    with pytest.raises(PhotosError, match=r"from line 2, '0\.jpg.*is a quote not closed\?"):
        listed(tmp_path, f'file,label,note\n0.jpg,cat,"big\n{rows}')


@pytest.mark.parametrize(
    "note",
    [
        '5" tall',
        '"Rex" the dog',
        '"big ""one"""',
        '"two\nlines, and\nthree"',
        '"{\n ""a"": 1,\n ""b"": 2\n}"',
        '"one, two\nthree" ',
        '"Dear all,\nthis, that, and more\n\nend"',
        "it's",
        '"1.jpg"',
    ],
)
def test_quotes_that_are_meant_are_read(tmp_path: Path, note: str) -> None:
    assert labels(listed(tmp_path, table({1: note, 4: note}))) == LABELS
    swapped = table({}).replace("1.jpg,dog,fine", f"1.jpg,dog,{note}")
    assert labels(listed(tmp_path, swapped)) == LABELS


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("name", ["{}.jpg", "{}"])
@pytest.mark.parametrize("header", ["", "file{}label\n"])
def test_commas_in_every_row_of_another_delimiter(
    tmp_path: Path, delimiter: str, name: str, header: str
) -> None:
    rows = [f"{name.format(n)}{delimiter}{x}, small" for n, x in enumerate(LABELS)]
    photos = listed(tmp_path, header.format(delimiter) + "\n".join(rows))
    assert labels(photos) == [f"{label}, small" for label in LABELS]


ORDERS = [
    "{file} {label}",
    "{label} {file}",
    "{label}\t{file}",
    "{label},{file}",
    "{file}: {label}",
]


@pytest.mark.parametrize("line", ORDERS)
@pytest.mark.parametrize("ending", [".jpg", ".jfif", ".JPE", ".dib", ".hif", ".apng"])
@pytest.mark.parametrize("end", ["", "# end", "#end\n# of all"])
def test_lines_of_files_and_labels(tmp_path: Path, line: str, ending: str, end: str) -> None:
    lines = [line.format(file=f"{n}{ending}", label=x) for n, x in enumerate(LABELS)]
    text = "\n".join([*lines, end])
    assert labels(listed(tmp_path, text, "labels.txt", ending)) == LABELS
    told = Told([Photo(f"{n}{ending}") for n in range(len(LABELS))])
    choice = choose_list(FolderStore(tmp_path), told, ColumnNames())
    assert choice.listing is not None
    assert labels(choice.listing.photos) == LABELS


def test_files_with_a_space_in_their_names_are_files(tmp_path: Path) -> None:
    files = ["my cat 1.jpg", "my cat 2.jpg", "dog 1.jpg"]
    for file in files:
        (tmp_path / file).write_bytes(b"")
    photos = listed(tmp_path, "\n".join(files), "x.txt")
    assert photos == [Photo(file) for file in files]


def test_numbers_before_files_only_count(tmp_path: Path) -> None:
    photos = listed(tmp_path, "\n".join(f"{n + 1} {n}.jpg" for n in range(COUNT)), "images.txt")
    assert photos == [Photo(f"{n}.jpg") for n in range(COUNT)]


def test_a_header_and_a_file_without_a_label(tmp_path: Path) -> None:
    lines = ["file label", *(f"{n}.jpg {x}" for n, x in enumerate(LABELS[:5])), "5.jpg"]
    assert labels(listed(tmp_path, "\n".join(lines), "x.txt")) == [*LABELS[:5], None]


@pytest.mark.parametrize("header", ["file label", "image class", "label file", "class: image"])
def test_lines_below_a_header(tmp_path: Path, header: str) -> None:
    line = "{1} {0}" if header.startswith(("label", "class")) else "{0} {1}"
    lines = [header, *(line.format(f"{n}.jpg", x) for n, x in enumerate(LABELS))]
    assert labels(listed(tmp_path, "\n".join(lines), "x.txt")) == LABELS


def test_rows_that_are_in_quotes_as_a_whole(tmp_path: Path) -> None:
    rows = [f'"{n}.jpg,{label}"' for n, label in enumerate(LABELS)]
    assert labels(listed(tmp_path, "\n".join(['"file,label"', *rows]))) == LABELS
    assert labels(listed(tmp_path, "\n".join(rows))) == LABELS


@pytest.mark.parametrize("odd", ["end", "20 photos", "cat"])
@pytest.mark.parametrize("line", ["{0}.jpg {1}", "{1} {0}.jpg"])
def test_the_line_that_is_no_file_and_label_is_named(tmp_path: Path, odd: str, line: str) -> None:
    lines = [*(line.format(n, x) for n, x in enumerate(LABELS)), odd]
    with pytest.raises(PhotosError, match=rf"the line '{odd}' is no file and its label, as '"):
        listed(tmp_path, "\n".join(lines), "labels.txt")


def test_a_table_of_markdown(tmp_path: Path) -> None:
    rows = [f"| {n}.jpg | {label} |" for n, label in enumerate(LABELS)]
    text = "\n".join(["| file | label |", "|:---|---|", *rows])
    assert labels(listed(tmp_path, text)) == LABELS
