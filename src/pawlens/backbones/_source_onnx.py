"""ONNX files of the user as backbones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ._extractor import find_extractor
from ._source import BackboneSource
from ._spec import Backbone

__all__ = ["OnnxFileSource"]


class OnnxFileSource(BackboneSource):
    """ONNX files, named by their path."""

    title = "ONNX files (a path that ends in .onnx)"

    def names(self) -> Sequence[str]:
        """None: every path is a name."""
        return []

    def claims(self, name: str) -> bool:
        """Whether the name is that of an ONNX file, be it there or not."""
        return name.endswith(".onnx")

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        """See `find_extractor`."""
        return find_extractor(Path(name), size, cache_dir)

    def weights_at_hand(
        self, name: str, *, weights_dir: Path | None, cache_dir: Path
    ) -> Path | None:
        """The file itself, not the copy of it that is run."""
        return Path(name)
