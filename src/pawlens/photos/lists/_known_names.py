"""Names under which lists of photos keep paths, labels and splits: one table for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from ..layout import split_of

__all__ = [
    "KNOWN_LABELS",
    "KNOWN_PATHS",
    "UNSEEN",
    "as_split",
    "bare",
    "counts_up",
    "is_label",
    "name_key",
    "path_rank",
    "split_rank",
]

_PATHS = """
path, file path, image path, img path, photo path, picture path, full path, relative path,
filepaths, file, files, image file, photo file, file upload, src,
file name, filename, fname, image name, image filename, img name, photo name, img file, image files,
image, images, img, photo, photos, picture, pic, frame, image url, img url, photo url, url, uri,
image index, image id, img id, photo id, picture id, file id, id code, isic id, isic, uuid, id, ids,
key, name, source ref, image file name, image file path, images path, img file name, jpg,
image uri, image gcs uri, original image uri, original image url, external id, labeled data,
路径, 文件路径, 图片路径, 图像路径, 文件名, 图片名, 图片名称, 文件, 图片, 图像, 照片
"""
_LABELS = """
label, labels, cls, class, classes, class name, class label, classname, label name, labelname,
image label, category, categories, category name, breed, breeds, breed name, species, species name,
scientific name, target, targets, diagnosis, dx, disease, finding, findings, finding labels,
ground truth, gt, true label, truth, annotation label, emotion, variety, class label, y true,
final label, expert label, cultivar, classification annotation, classification annotations,
标签, 类别, 分类, 品种, 物种, 类名
"""
_WEAK_LABELS = """
class id, label id, category id, tag, tags, y, type, kind, annotation, txt, level, grade, animal,
pet, animal type, pet type, common name, annotations, file attributes,
region attributes
"""
_SPLITS = """
split, subset, partition, set, usage, phase, data split, is valid, is test, is train, is training,
is training image, is val, is validation, is holdout, holdout, held out, in train, in test, dataset,
data set, data subset, 划分, 数据集
"""
_TRUE_AND_FALSE = {
    "isvalid": ("valid", "train"),
    "istest": ("test", "train"),
    **dict.fromkeys(("istrain", "istraining", "istrainingimage", "intrain"), ("train", "test")),
    **dict.fromkeys(("isholdout", "holdout", "heldout", "intest"), ("test", "train")),
    **dict.fromkeys(("isval", "isvalidation", "val", "valid", "validation"), ("valid", "train")),
    **dict.fromkeys(("test", "testing"), ("test", "train")),
    **dict.fromkeys(("train", "training"), ("train", "test")),
}
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


UNSEEN = "".join(
    map(
        chr,
        (
            0xAD,
            0x180E,
            *range(0x200B, 0x2010),
            *range(0x202A, 0x202F),
            *range(0x2060, 0x2070),
            0xFEFF,
        ),
    )
)
"""Characters that show nothing, as the soft hyphen, joiners, and marks of direction."""
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))


def bare(text: str) -> str:
    """Return a text without spaces, or characters that show nothing, around it."""
    return text.strip() if text.isascii() else text.strip(_SPACES + UNSEEN)


def name_key(name: str) -> str:
    """Return a name without case, spaces and punctuation, as ``imageid`` of ``Image_ID``."""
    return re.sub(r"[\W_]+", "", name.casefold())


def _table(names: str) -> dict[str, int]:
    """Plain name -> its rank; of several names in one list the first of the table counts."""
    return {name_key(name): rank for rank, name in enumerate(names.split(","))}


_PATH_RANK, _LABEL_RANK = _table(_PATHS), _table(_LABELS)
_WEAK_RANK, _SPLIT_RANK = _table(_WEAK_LABELS), _table(_SPLITS)

KNOWN_PATHS = "path, file, filename, image, image_path, image_id, img, photo, url, id ..."
KNOWN_LABELS = "label, class, class_name, category, breed, species, target, diagnosis, tag ..."
"""What a message says of the names that are known; the documentation has all of them."""


def path_rank(name: str) -> int | None:
    """Return the rank of a column's name among those of paths, None where it is none of them."""
    return _PATH_RANK.get(name_key(name))


def split_rank(name: str) -> int | None:
    """Return the rank of a column's name among those of splits, None where it is none of them."""
    return _SPLIT_RANK.get(name_key(name))


def is_label(name: str, *, weak: bool = False) -> bool:
    """Return whether labels are kept under this name, or, `weak`, may be kept under it."""
    return name_key(name) in (_WEAK_RANK if weak else _LABEL_RANK)


def as_split(name: str, text: str) -> str | None:
    """Return the split that a cell means; empty where it is empty, None where it means none.

    fastai writes ``True`` under ``is_valid``; others write the split's name. ``PublicTest`` and
    ``PrivateTest`` are halves of a competition's test, ``UNASSIGNED`` is Google's for none.
    """
    word, meant = text.strip(), _TRUE_AND_FALSE.get(name_key(name))
    if word.lower() in ("", "unassigned"):
        return ""
    true = _TRUTH.get(word.lower())
    if meant is not None and true is not None:
        return meant[0] if true else meant[1]
    return split_of(re.sub(r"(?i)^(public|private)(?=.)", "", word))


def counts_up(cells: Iterable[str]) -> bool:
    """Return whether cells are nothing but numbers in a row, of which labels have few or one."""
    numbers = [int(cell) if cell.isdecimal() else -2 * i for i, cell in enumerate(cells, start=1)]
    return len(numbers) > 2 and all(b - a == 1 for a, b in pairwise(numbers))
