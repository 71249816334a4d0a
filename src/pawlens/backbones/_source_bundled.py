"""The backbone that comes with pawlens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..base import sha256_of
from ..errors import BackboneError
from ._count_graph import count_graph
from ._layers import total_macs
from ._onnx import SPEC_KEY, count_weights, get_meta, parse_graph
from ._registry import KnownBackbone
from ._source import BackboneSource
from ._spec import Backbone, BackboneSpec

__all__ = ["PAW", "BundledSource", "bundled_row"]

PAW = Path(__file__).parent / "paw.onnx"
"""The file of the bundled backbone."""


class BundledSource(BackboneSource):
    """The bundled ``paw``, used where it lies."""

    title = "the bundled paw"

    def names(self) -> Sequence[str]:
        """``paw`` alone."""
        return ["paw"]

    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        """See `BackboneSource.find`; there is one size."""
        spec = BackboneSpec.from_json(get_meta(parse_graph(PAW), SPEC_KEY) or "")
        if size not in (spec.input_size, None):
            raise BackboneError(f"paw takes {spec.input_size} pixels only, not {size}")
        return Backbone(spec, PAW, sha256_of(PAW))


def bundled_row() -> KnownBackbone:
    """The bundled backbone as a row of the table of known ones."""
    model = parse_graph(PAW)
    spec = BackboneSpec.from_json(get_meta(model, SPEC_KEY) or "")
    macs = total_macs(count_graph(model, spec.input_size))
    return KnownBackbone(spec, count_weights(model), tag="", macs=macs, purpose="tiny")
