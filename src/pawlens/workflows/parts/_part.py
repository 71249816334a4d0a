"""One part of the work: which rows it has, what it is of, and what its folder holds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ...base import read_regular, sha256_of
from ...errors import UsageError

__all__ = [
    "MANIFEST",
    "PART_FOLDER",
    "Manifest",
    "PartFile",
    "PartJob",
    "PartNumber",
    "list_digest",
]

PartJob = Literal["embed", "predict", "audit"]

MANIFEST = "manifest.json"
"""Says what a part holds; it is written last, so that a part with a manifest is whole."""
PART_FOLDER = re.compile(r"part-(\d{5,})-of-(\d{5,})")
_VERSION = 1
_MOST_PARTS = 99_999


@dataclass(frozen=True)
class PartNumber:
    """A part out of several: 3/64 is the third of 64, and the first is 1/64."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> PartNumber:
        """Read ``3/64``.

        Raises
        ------
        UsageError
            It is not two numbers, or there is no such part.

        Examples
        --------
        >>> from pawlens.workflows.parts import PartNumber
        >>> PartNumber.parse("3/64").rows(1000)
        range(31, 46)
        """
        match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text.strip())
        number, of = map(int, match.groups()) if match else (0, 0)
        if not 1 <= number <= of <= _MOST_PARTS:
            raise UsageError(
                f"--shard {text}: write it as 3/64, from 1/64 to 64/64, of up to {_MOST_PARTS:,}"
            )
        return cls(number, of)

    def rows(self, count: int) -> range:
        """Return the rows of this part of `count` photos; parts differ by one row at most."""
        return range((self.number - 1) * count // self.of, self.number * count // self.of)

    @property
    def folder(self) -> str:
        """Name of the part's folder."""
        return f"part-{self.number:05d}-of-{self.of:05d}"

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


@dataclass(frozen=True)
class PartFile:
    """A file of a part: its name, the rows that it holds, and the SHA-256 of its bytes."""

    name: str
    start: int
    rows: int
    sha256: str

    def is_intact(self, folder: Path) -> bool:
        """Whether the file is there, as it was written."""
        try:
            return sha256_of(folder / self.name) == self.sha256
        except OSError:
            return False


@dataclass(frozen=True)
class Manifest:
    """What a part holds.

    Attributes
    ----------
    facts : mapping
        What all parts must have in common: ``job``, ``photos`` (how many in all parts), ``list``
        (SHA-256 of all their paths in order), ``parts``, ``model``, ``precision``, ``pawlens``.
    number : int
        Which part it is, from 1.
    files : tuple of PartFile
        Parquet files in the order of their rows.
    """

    facts: Mapping[str, Any]
    number: int
    files: tuple[PartFile, ...]

    def as_json(self) -> dict[str, Any]:
        """The content of ``manifest.json``."""
        files = [asdict(file) for file in self.files]
        return {"version": _VERSION, "facts": dict(self.facts), "part": self.number, "files": files}

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read ``manifest.json``.

        Raises
        ------
        FileNotFoundError
            There is none.
        UsageError
            It is damaged, or a newer pawlens wrote it.
        """
        try:
            content = json.loads(read_regular(path))
            if content["version"] != _VERSION:
                raise ValueError(f"format {content['version']!r}")
            files = tuple(PartFile(**file) for file in content["files"])
            if any(Path(file.name).name != file.name for file in files):
                raise ValueError("a file that lies elsewhere")
            return cls(dict(content["facts"]), int(content["part"]), files)
        except FileNotFoundError:
            raise
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise UsageError(
                f"{path}: damaged ({error}); delete its folder and compute that part again"
            ) from error


def list_digest(paths: Iterable[str]) -> str:
    """SHA-256 of paths in their order: two lists share it only if they are the same."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.encode() + b"\0")
    return digest.hexdigest()
