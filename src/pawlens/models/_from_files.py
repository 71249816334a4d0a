"""Whether a model answers photo files as its graph answers their whole pixels.

`Model.answer` is faster than the graph: it decodes large JPEGs at a reduced scale, and computes in
16-bit floats where the processor can. Both change answers a little. How much is measured here, on
photos as files; a model that is changed too much is marked to be exact.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from ..export import measure_agreement, rewrite_facts
from ..photos import SPARE, Photos
from ..samples import draw_photo
from ._exported import ExportedModel

if TYPE_CHECKING:
    import onnx

    from ..export import GraphFacts

__all__ = ["FROM_FILES", "REDUCED", "exact_in_words", "prove_from_files"]

FROM_FILES = "from files"
"""What ``parity.json`` calls the agreement of a model that answers in the fast way."""
REDUCED = "from files, reduced"
"""What it calls the agreement that the fast way had, where the model does not take it."""

_ENCODINGS: Sequence[tuple[float, str, dict[str, Any]]] = (
    (0.4, "PNG", {}),
    (1.5, "JPEG", {"quality": 90, "subsampling": "4:2:0"}),
    (3, "WEBP", {"quality": 90}),
    (2.1 * SPARE, "JPEG", {"quality": 90, "subsampling": "4:2:0"}),
    (2.1 * SPARE, "JPEG", {"quality": 90, "subsampling": "4:4:4", "progressive": True}),
)
"""Shorter side in sides of the largest square, format and options of the drawn photos."""

_DRAWN = 400  # pixels of the longer side, before a photo is enlarged
_SEED = 15


def prove_from_files(
    graph: onnx.ModelProto, facts: GraphFacts, photos: Photos
) -> dict[str, dict[str, Any]]:
    """Compare a model's answers to files with those to their whole pixels in 32-bit floats.

    Parameters
    ----------
    graph : onnx.ModelProto
        Where the limits of ``parity.json`` are not kept, its metadata are changed: the model is
        exact from then on (`GraphFacts.exact`).
    facts : GraphFacts
    photos : Photos
        Some photos of the run. Drawn ones of several sizes and encodings are added.

    Returns
    -------
    dict
        The agreement, as `FROM_FILES`, or as `REDUCED` where the model is exact from now on.
    """
    fast = ExportedModel(graph, facts)
    exact = ExportedModel(graph, replace(facts, exact=True))
    with TemporaryDirectory() as folder:
        side = max(spec.input_size for spec in facts.backbones)
        for number, (kind, data) in enumerate(_drawn(side)):
            (Path(folder) / f"{number}.{kind.lower()}").write_bytes(data)
        drawn = Photos.read(sorted(Path(folder).iterdir()), labels=False)
        pairs = [
            (model.answer(photos, progress=False).proba, model.answer(drawn, progress=False).proba)
            for model in (exact, fast)
        ]
    expected, found = (np.concatenate(pair) for pair in pairs)
    read = ~np.isnan(expected[:, 0]) & ~np.isnan(found[:, 0])
    agreement = measure_agreement(expected[read], found[read], facts.labels)
    if agreement.passed:
        return {FROM_FILES: asdict(agreement)}
    rewrite_facts(graph, exact.facts)
    return {REDUCED: asdict(agreement)}


def exact_in_words(parity: Mapping[str, Any]) -> str:
    """Say that a model is exact, and why; empty where it is not."""
    if REDUCED not in parity:
        return ""
    found = parity[REDUCED]
    return (
        "photos are decoded whole and in 32-bit floats: the faster way changes answers by "
        f"{found['mean_difference']:.4f} on average and {found['max_difference']:.3f} at most"
    )


def _drawn(side: int) -> Iterator[tuple[str, bytes]]:
    """Draw photos for squares of `side` pixels: format and bytes of a file each."""
    from PIL import Image

    rng = np.random.default_rng(_SEED)
    for times, kind, options in _ENCODINGS:
        photo = Image.fromarray(draw_photo("cat", rng, (_DRAWN, _DRAWN * 3 // 4)))
        short = round(times * side)
        sink = io.BytesIO()
        photo.resize((short * 4 // 3, short)).save(sink, kind, **options)
        yield kind, sink.getvalue()
