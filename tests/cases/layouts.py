"""Layouts of photo data sets as people have them: written from a plan that says what they mean."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from PIL import Image

__all__ = ["PLANS", "Meaning", "Plan", "write"]

Meaning = dict[str, tuple[str | None, str | None, str | None]]
"""Label, split and fold by path."""

_EACH = 3  # photos of a class in each split or fold


def _tiny() -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (4, 4), (120, 80, 40)).save(sink, "JPEG")
    return sink.getvalue()


TINY = _tiny()


@dataclass(frozen=True)
class Plan:
    """A way to lay out labelled photos.

    Attributes
    ----------
    classes : tuple of str
    splits : tuple of (str, str)
        Name of each split's folder, and the split that it means.
    folds : tuple of str
        Names of folders of folds, instead of splits.
    path : str
        Folders of a photo: ``{split}`` is that of the split or fold, ``{class}`` that of the class.
    file : str
        Name of a photo: ``{i}`` is its number, ``{class}`` its class.
    unlabelled : str
        A further folder of photos without labels, which means the split test; ``{i}`` numbers them.
    listed : str
        Kind of the list that gives the labels, where paths do not; else empty.
    beside : tuple of str
        Other files: no photos, or what systems and tools leave.
    archive : bool
        Whether all that is one zip.
    """

    classes: tuple[str, ...] = ("cat", "dog")
    splits: tuple[tuple[str, str], ...] = ()
    folds: tuple[str, ...] = ()
    path: str = "{class}"
    file: str = "{i}.jpg"
    unlabelled: str = ""
    listed: str = ""
    beside: tuple[str, ...] = ()
    archive: bool = False

    def __str__(self) -> str:
        """Return a name for the test."""
        parts = [self.path, self.file, self.listed, self.unlabelled, "+".join(self.classes)]
        parts += [name for name, _ in self.splits] + list(self.folds) + list(self.beside)
        return "|".join(p for p in [*parts, "zip" if self.archive else ""] if p)


def write(plan: Plan, folder: Path) -> tuple[Path, Meaning]:
    """Write the photos of a plan; return what to read, and what it means."""
    meaning = dict(_photos(plan))
    files = dict.fromkeys(meaning, TINY)
    if plan.listed:
        files |= _list(plan, meaning)
    for name in plan.beside:
        files[name] = TINY if name.endswith((".jpg", ".png")) else b"something else"
    if plan.archive:
        with zipfile.ZipFile(folder / "set.zip", "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return folder / "set.zip", meaning
    for name, data in files.items():
        place = folder / "set" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder / "set", meaning


def _photos(plan: Plan) -> Iterator[tuple[str, tuple[str | None, str | None, str | None]]]:
    number = 0
    for name, split in plan.splits or [(fold, None) for fold in plan.folds] or [("", None)]:
        for label in plan.classes:
            for _ in range(_EACH):
                number += 1
                values = {"split": name, "class": label, "i": number}
                path = "/".join(
                    filter(None, (plan.path.format(**values), plan.file.format(**values)))
                )
                plain = unicodedata.normalize("NFC", label)
                yield path, (plain, split, name if plan.folds else None)
    if plan.unlabelled:
        for _ in range(_EACH):
            number += 1
            yield plan.unlabelled.format(i=number), (None, "test", None)


def _list(plan: Plan, meaning: Meaning) -> dict[str, bytes]:
    """Write the list of a plan: ``NAME:KIND``, as ``labels.csv:stem``."""
    name, _, kind = plan.listed.partition(":")
    rows = [(path, label, split) for path, (label, split, _) in meaning.items() if label]
    if kind == "one-hot":
        header = ["image_id", *plan.classes]
        table = [
            [Path(path).stem, *(str(int(c == label)) for c in plan.classes)]
            for path, label, _ in rows
        ]
        return {name: _text(header, table, ",")}
    if kind == "json":
        lines = [json.dumps({"file_name": path, "label": label}) for path, label, _ in rows]
        return {name: "\n".join(lines).encode()}
    stem = kind == "stem"
    cells = [[Path(path).stem if stem else path, str(label)] for path, label, _ in rows]
    header = ["id", "breed"] if stem else ["filename", "label"]
    if plan.splits:
        header.append("split")
        cells = [[*row, str(split)] for row, (_, _, split) in zip(cells, rows, strict=True)]
    return {name: _text(header, cells, {"semicolon": ";", "tab": "\t"}.get(kind, ","))}


def _text(header: list[str], rows: list[list[str]], delimiter: str) -> bytes:
    sink = io.StringIO(newline="")
    csv.writer(sink, delimiter=delimiter).writerows([header, *rows])
    return sink.getvalue().encode()


_CLASSES = (
    ("cat", "dog"),
    ("Maine Coon", "Ragdoll", "Sphynx"),
    ("猫", "狗"),
    ("0", "1", "10"),
    ("001.Black_footed_Albatross", "002.Laysan_Albatross"),
    ("n02085620-Chihuahua", "n02085782-Japanese_spaniel"),
    (unicodedata.normalize("NFD", "Kätzchen"), "Hündin"),
    ("with_mask", "without_mask"),
    ("NORMAL", "PNEUMONIA"),
    ("train", "bus", "car"),
)
_PAIRS = (
    (("train", "train"), ("test", "test")),
    (("train", "train"), ("val", "valid")),
    (("Train", "train"), ("Valid", "valid")),
    (("training", "train"), ("validation", "valid")),
    (("Training", "train"), ("Testing", "test")),
    (("training_set", "train"), ("test_set", "test")),
    (("TrainSet", "train"), ("TestSet", "test")),
    (("seg_train", "train"), ("seg_test", "test")),
    (("asl_alphabet_train", "train"), ("asl_alphabet_test", "test")),
    (("train_images", "train"), ("test_images", "test")),
    (("train1", "train"), ("test1", "test")),
    (("train2017", "train"), ("val2017", "valid")),
    (("train", "train"), ("holdout", "test")),
    (("train", "train"), ("eval", "valid")),
    (("train", "train"), ("dev", "valid"), ("test", "test")),
    (("train", "train"), ("val", "valid"), ("test", "test")),
    (("trainset", "train"), ("valset", "valid"), ("testset", "test")),
)
_FOLDS = (
    ("fold1", "fold2", "fold3"),
    ("fold_0", "fold_1"),
    ("Fold 1", "Fold 2"),
    ("cv1", "cv2", "cv3"),
    ("split0", "split1"),
    ("kfold-1", "kfold-2", "kfold-3", "kfold-4", "kfold-5"),
)
_LEFT_BEHIND = (
    (),
    ("@eaDir/SYNO.jpg", "@eaDir/cat.jpg"),
    (".thumbnails/1.jpg", ".DS_Store", "Thumbs.db"),
    ("#recycle/old/1.jpg", "notes.txt"),
    ("__MACOSX/cat/._1.jpg", "README.md"),
    ("lost+found/1.jpg", "$RECYCLE.BIN/2.jpg", "System Volume Information/3.jpg"),
    (".git/objects/1.jpg", ".ipynb_checkpoints/1.jpg", "train.py"),
    ("logo.svg", "overview.mp4", "class_indices.json"),
)


def _plans() -> Iterator[Plan]:
    base = Plan()
    # class folders, by themselves and in folders around everything
    for classes, around in product(_CLASSES, ("", "data/", "archive/pets/")):
        yield replace(base, classes=classes, path=around + "{class}")
    # splits of class folders, doubled, with folders between, and within class folders
    orders = (
        "{split}/{class}",
        "{split}/{split}/{class}",
        "{split}/images/{class}",
        "{class}/{split}",
    )
    for splits, path in product(_PAIRS, orders):
        yield replace(base, splits=splits, path=path)
    for splits in _PAIRS[:8]:
        yield replace(base, splits=splits, path="data/{split}/{class}", archive=True)
    for classes in _CLASSES[:9]:
        yield replace(base, classes=classes, splits=_PAIRS[0], path="{split}/{class}", archive=True)
    # folds
    for folds, path in product(
        _FOLDS, ("{split}/{class}", "{class}/{split}", "data/{split}/{class}")
    ):
        yield replace(base, folds=folds, path=path)
    # what systems and tools leave behind
    for beside, archive in product(_LEFT_BEHIND, (False, True)):
        yield replace(base, beside=beside, archive=archive)
        yield replace(
            base, splits=_PAIRS[0], path="{split}/{class}", beside=beside, archive=archive
        )
    # labels in the names of files
    names = (
        "{class}.{i}.jpg",
        "{class}_{i}.jpg",
        "{class}-{i}.jpg",
        "{class} ({i}).jpg",
        "{class}_{i:04}.JPG",
    )
    for file, path in product(names, ("", "photos", "images_001")):
        yield replace(base, path=path, file=file)
    for file, splits in product(names[:3], _PAIRS[:4]):
        yield replace(base, splits=splits, path="{split}", file=file)
    for folds in _FOLDS[:3]:
        yield replace(base, folds=folds, path="{split}", file="{class}.{i}.jpg")
    # subjects and series below the classes
    for below in ("animal{i}", "{i}", "session_{i}/raw"):
        yield replace(base, path="{class}/" + below)
        yield replace(base, path="{split}/{class}/" + below, splits=_PAIRS[0])
    # a test set to be answered
    loose = (
        "test/{i}.jpg",
        "test/IMG_{i}.jpg",
        "test/cat_{i}.jpg",
        "test/images/{i}.jpg",
        "test/unknown/{i}.jpg",
        "test/test/{i}.jpg",
    )
    for unlabelled in loose:
        yield replace(base, splits=_PAIRS[0][:1], path="{split}/{class}", unlabelled=unlabelled)
    for unlabelled in loose[:2]:
        yield replace(
            base,
            splits=_PAIRS[0][:1],
            path="{split}",
            file="{class}.{i}.jpg",
            unlabelled=unlabelled,
        )
    # lists beside photos, whatever the photos are called
    kinds = (
        "labels.csv:",
        "labels.csv:stem",
        "labels.csv:semicolon",
        "labels.tsv:tab",
        "labels.csv:one-hot",
        "metadata.jsonl:json",
    )
    for listed, file in product(kinds, ("{i}.jpg", "IMG_{i}.jpg", "{i:05x}.jpg")):
        yield replace(base, path="", file=file, listed=listed)
    for listed, archive in product(kinds[:2], (False, True)):
        yield replace(base, path="images", listed=listed, archive=archive)
    yield replace(base, path="", splits=_PAIRS[5], listed="labels.csv:")


PLANS = list(dict.fromkeys(_plans()))
