"""What is done to the photos of a part: each job makes a table with a row for every photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...audit import Appearance, measure_appearance
from ...backbones import cpu_precision
from ...base import Progress, __version__
from ...models import ModelLike, as_model
from ...photos import Photos, is_unreachable, scan_photos
from ._part import PartJob

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Rows", "common_facts", "rows_of_job"]

Rows = Callable[[Photos, Progress | None], "pa.Table"]


def rows_of_job(job: PartJob, model: ModelLike) -> Rows:
    """Return the function that makes the rows of some photos.

    Raises
    ------
    RunError
        There is no such model.
    """
    if job == "audit":
        return _measured
    opened = as_model(model)

    def computed(photos: Photos, progress: Progress | None) -> pa.Table:
        if job == "embed":
            return opened.embed(photos, progress=progress or False).to_arrow()
        return opened.answer(photos, progress=progress or False).to_arrow()

    return computed


def common_facts(job: PartJob, model: ModelLike) -> dict[str, Any]:
    """Return what makes rows differ: parts with other facts are not of one whole."""
    if job == "audit":
        return {"job": job, "pawlens": __version__}
    opened = as_model(model)
    exact = opened.facts.precision("auto") == "f32"
    return {
        "job": job,
        "model": opened.sha256 or repr(opened),
        "precision": "f32" if exact else cpu_precision(),
        "pawlens": __version__,
    }


def _measured(photos: Photos, progress: Progress | None) -> pa.Table:
    """Measure what an audit measures of single photos, without looking at the others."""
    import pyarrow as pa

    scans = scan_photos(photos, progress=progress)
    hashes = ["" if scan.problem else scan.sha256 for scan in scans]
    appearances = measure_appearance(photos, hashes, progress=progress)
    rows = []
    for path, scan, appearance in zip(photos.paths, scans, appearances, strict=True):
        problem = scan.problem
        status = problem if is_unreachable(problem) else f"unreadable: {problem}"
        measured = asdict(appearance or Appearance(scan.sha256))
        facts = asdict(scan)
        del facts["problem"]
        if problem:
            measured = dict.fromkeys(measured)
        measured |= {"box_width": measured.pop("width"), "box_height": measured.pop("height")}
        rows.append({"path": path, "status": status if problem else "ok"} | measured | facts)
    return pa.Table.from_pylist(rows, schema=_audit_schema())


def _audit_schema() -> pa.Schema:
    import pyarrow as pa

    texts = ("path", "status", "sha256", "format", "phash", "mirrored")
    floats = ("bright", "dim", "sharpness", "entropy")
    numbers = ("width", "height", "left", "top", "right", "bottom", "box_width", "box_height")
    fields = [(name, pa.string()) for name in texts]
    fields += [(name, pa.float64()) for name in floats]
    return pa.schema([*fields, *((name, pa.int32()) for name in numbers)])
