"""Whether a model answers photo files as its graph answers their whole pixels.

`Model.answer` is faster than the graph: it decodes large JPEGs at a reduced scale, and computes in
16-bit floats where the processor can. Both change answers a little. How much is measured here, on
photos as files; where it is too much, a model is marked to do without one of the two, or both.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import MissingExtra, UnreadablePhoto
from ..export import (
    MAX_DIFFERENCE,
    MEAN_DIFFERENCE,
    Agreement,
    measure_agreement,
    rewrite_facts,
)
from ..photos import SPARE, Photo, Photos, make_thumbnail
from ._exported import ExportedModel

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    from ..export import GraphFacts
    from ..metrics import LabelRules

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["FROM_FILES", "REDUCED", "exact_in_words", "prove_from_files"]

FROM_FILES = "from files"
"""What ``parity.json`` calls the agreement of a model that answers in the fast way."""
REDUCED = "from files, reduced"
"""What it calls the agreement that the fast way had, where the model does not take it."""

_CAREFUL: Sequence[tuple[Mapping[str, Any], str]] = (
    ({"f32": True}, "answered in 32-bit floats"),
    ({"scale": "whole"}, "decoded whole"),
    ({"scale": "whole", "f32": True}, "decoded whole and answered in 32-bit floats"),
)
"""What a model can be marked to do (`GraphFacts`), in words; what costs less comes first."""
_INSTEAD = "instead"

_LARGE = 2.1 * SPARE  # sides of the square from which on a JPEG is decoded smaller
_ENCODINGS: Sequence[tuple[float, str, dict[str, Any]]] = (
    (0.4, "PNG", {}),
    (1.5, "JPEG", {"quality": 90, "subsampling": "4:2:0"}),
    (3, "WEBP", {"quality": 90}),
    *[(_LARGE, "JPEG", {"quality": 90, "subsampling": "4:2:0"})] * 5,
    *[(_LARGE, "JPEG", {"quality": 90, "subsampling": "4:4:4", "progressive": True})] * 4,
)
"""For each of the first photos: shorter side in sides of the largest square, format and options."""

_ICONS, _ICON_SIDE = 24, 50  # photos, and pixels of their longer side
_MOST = 8000  # pixels of a side, however narrow a photo is
_MARGIN = 0.5  # of the limits: other photos of a user may move twice as much as these few


def prove_from_files(
    graph: onnx.ModelProto, facts: GraphFacts, photos: Photos
) -> dict[str, dict[str, Any]]:
    """Compare a model's answers to files with those to their whole pixels in 32-bit floats.

    Parameters
    ----------
    graph : onnx.ModelProto
        Where half the limits of ``parity.json`` are not kept, its metadata are changed: from then
        on the model answers in 32-bit floats, has photos decoded whole, or both (`GraphFacts`),
        whichever is the first that keeps them. Half, since other photos may be worse.
    facts : GraphFacts
    photos : Photos
        Some photos of the run. Beside them some of them are answered when they are as small as an
        icon, which makes a model unsure, and in other sizes and encodings, most of them so large
        that they are decoded at a reduced scale.

    Returns
    -------
    dict
        The agreement on the photos of the run, on those made small, or on the others made of them,
        whichever is least: as `FROM_FILES` that of the way which the model takes, as `REDUCED` that
        of the faster way which it does not take. A model that does neither has no `FROM_FILES`.
    """
    side = max(spec.input_size for spec in facts.backbones)
    *careful, (exact, exactly) = _CAREFUL
    made = [
        [partial(bytes, data) for data in files]
        for files in (_icons(photos), _encoded(photos, side))
    ]
    files = [[partial(photos.read_bytes, row) for row in range(len(photos))], *made]
    # All are answered together: to open an engine takes longer than to answer them.
    asked = _as_table(photos.location, [read for kind in files for read in kind])
    sets = np.repeat(range(len(files)), [len(kind) for kind in files])
    expected = _answers(graph, replace(facts, **exact), asked)
    fast = _worst(expected, _answers(graph, facts, asked), sets, facts.labels)
    if _is_enough(fast):
        return {FROM_FILES: asdict(fast)}
    for needs, words in careful:
        answers = _answers(graph, replace(facts, **needs), asked)
        found = _worst(expected, answers, sets, facts.labels)
        if _is_enough(found):
            rewrite_facts(graph, replace(facts, **needs))
            return {FROM_FILES: asdict(found), REDUCED: asdict(fast) | {_INSTEAD: words}}
    rewrite_facts(graph, replace(facts, **exact))
    return {REDUCED: asdict(fast) | {_INSTEAD: exactly}}


class _Files:
    """A store of files by number, each read by a function of its own: no copy is written."""

    def __init__(self, location: Path, files: Sequence[Callable[[], bytes]]) -> None:
        self.location, self._files = location, files

    def names(self) -> list[str]:
        return [str(number) for number in range(len(self._files))]

    def head(self, name: str) -> bytes:
        return self.read(name)

    def read(self, name: str) -> bytes:
        return self._files[int(name)]()


def _as_table(location: Path, files: Sequence[Callable[[], bytes]]) -> Photos:
    store = _Files(location, files)
    return Photos(map(Photo, store.names()), store, name=location.stem)


def _answers(graph: onnx.ModelProto, facts: GraphFacts, photos: Photos) -> Floats:
    return ExportedModel(graph, facts).answer(photos, progress=False).proba


def _worst(expected: Floats, found: Floats, sets: Ints, rules: LabelRules | None) -> Agreement:
    """Compare answers with those expected on the photos that can be read: the less alike set."""
    read = ~np.isnan(expected[:, 0]) & ~np.isnan(found[:, 0])
    rows = [read & (sets == number) for number in np.unique(sets[read])]
    agreements = [measure_agreement(expected[some], found[some], rules) for some in rows]
    return max(agreements, key=lambda one: (not one.passed, one.mean_difference))


def _is_enough(found: Agreement) -> bool:
    share = max(found.mean_difference / MEAN_DIFFERENCE, found.max_difference / MAX_DIFFERENCE)
    return found.passed and share <= _MARGIN


def exact_in_words(parity: Mapping[str, Any]) -> str:
    """Say what a model does more exactly than the fastest way, and why; empty where nothing."""
    if REDUCED not in parity:
        return ""
    found = parity[REDUCED]
    instead = found.get(_INSTEAD, _CAREFUL[-1][1])
    return (
        f"photos are {instead}: the faster way changes answers by "
        f"{found['mean_difference']:.4f} on average and {found['max_difference']:.3f} at most"
    )


def _evenly(count: int, most: int) -> list[int]:
    """Choose rows evenly: the first photos of a list are often of one class."""
    chosen = min(count, most)
    return [number * count // chosen for number in range(chosen)]


def _icons(photos: Photos) -> Iterator[bytes]:
    """Shrink some of the photos, and encode them anew."""
    for row in _evenly(len(photos), _ICONS):
        shown = make_thumbnail(photos, row, _ICON_SIDE)
        if not shown.problem:
            yield shown.jpeg


def _encoded(photos: Photos, side: int) -> Iterator[bytes]:
    """Encode photos in other sizes, for squares of `side` pixels."""
    from PIL import Image

    rows = _evenly(len(photos), len(_ENCODINGS))
    for row, (times, kind, options) in zip(rows, _ENCODINGS, strict=False):
        try:
            photo = Image.fromarray(photos.decode(row))
        except (UnreadablePhoto, MissingExtra):
            continue
        scale = times * side / min(photo.size)
        width, height = (min(math.ceil(n * scale), _MOST) for n in photo.size)
        sink = io.BytesIO()
        photo.resize((width, height), Image.Resampling.BICUBIC).save(sink, kind, **options)
        yield sink.getvalue()
