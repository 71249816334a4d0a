"""Tars with drawn pictures for tests of shards."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from ...striped import striped

__all__ = ["jpeg", "pictures", "tar"]


def jpeg(label: str, number: int) -> bytes:
    sink = io.BytesIO()
    striped(label, number).save(sink, "JPEG")
    return sink.getvalue()


def tar(path: Path, members: Mapping[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def pictures(*patterns: str, count: int = 4) -> dict[str, bytes]:
    """Draw some pictures for each pattern of names, as ``cat/{}.jpg``."""
    return {
        pattern.format(number): jpeg(("dog", "cat")["cat" in pattern], number)
        for pattern in patterns
        for number in range(count)
    }
