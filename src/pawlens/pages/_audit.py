"""The page of an audit: its findings, kind by kind, as one HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..audit import Audit, Kind
from ..photos import Thumbnail, make_thumbnails, shortcut_notes
from ..trust import LEAST_NOISE
from ._audit_plots import balance_plot
from ._html import fill_page
from ._shape_plots import aspect_plot, size_plot

__all__ = ["render_audit"]

_MOST = 48  # of a kind on the page; the table holds them all


def render_audit(found: Audit) -> str:
    """Render the page of an audit, self-contained: style, plots and thumbnails are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy).
    """
    shown = {int(row) for kind in found.detections for row in found.rows(kind)[:_MOST]}
    pictures = make_thumbnails(found.photos, shown)
    suspicious = np.any([one.found for one in found.detections.values()], axis=0)
    return fill_page(
        "audit.html.j2",
        filters={"number": lambda value: f"{value:,}"},
        title=found.photos.name,
        photos=len(found.photos),
        suspicious=int(suspicious.sum()),
        backbones=found.backbones,
        left_out=_left_out(found),
        notes=[*found.notes, *shortcut_notes(found.shortcuts)],
        sheets=[
            _sheet(found, kind, pictures) for kind in found.kinds if kind.name in found.detections
        ],
        plots=_draw(found),
        balance=_balance(found),
        noise=_noise(found),
        skipped=found.photos.skipped,
    )


def _sheet(found: Audit, kind: Kind, pictures: Mapping[int, Thumbnail]) -> dict[str, Any]:
    rows = found.rows(kind.name)
    return {
        "kind": kind,
        "count": len(rows),
        "cards": [_card(found, kind, row, pictures) for row in rows[:_MOST].tolist()],
    }


def _card(found: Audit, kind: Kind, row: int, pictures: Mapping[int, Thumbnail]) -> dict[str, Any]:
    one, path = found.detections[kind.name], found.photos[row].path
    return {
        "picture": pictures[row],
        "path": path,
        "name": path.replace("\\", "/").rsplit("/", 1)[-1],
        "labels": ", ".join(found.photos[row].labels),
        "score": f"{one.score[row]:.2f}",
        "why": one.why.get(row, ""),
        "box": _box(found, row) if kind.name == "border" else None,
    }


def _box(found: Audit, row: int) -> str | None:
    """Return the box of the picture inside its border, as CSS percentages of the photo."""
    look = found.appearances[row]
    if look is None or not look.width:
        return None
    left, top = 100 * look.left / look.width, 100 * look.top / look.height
    width = 100 * (look.right - look.left) / look.width
    height = 100 * (look.bottom - look.top) / look.height
    return f"left:{left:.1f}%;top:{top:.1f}%;width:{width:.1f}%;height:{height:.1f}%"


def _draw(found: Audit) -> dict[str, Any]:
    from markupsafe import Markup

    if not len(found.shapes.row):
        return {}
    odd = {int(row) for kind in ("odd_size", "odd_aspect") for row in found.rows(kind)}
    drawn = {"sizes": size_plot(found.shapes, odd), "aspects": aspect_plot(found.shapes)}
    counts = _balance(found)
    if counts:
        drawn["balance"] = balance_plot(counts)
    return {name: Markup(svg) for name, svg in drawn.items()}


def _balance(found: Audit) -> list[tuple[str, int]]:
    labels = [photo.label for photo in found.photos]
    return [(name, labels.count(name)) for name in found.classes]


def _noise(found: Audit) -> str | None:
    """Write the estimated number of wrong labels in words."""
    if found.beliefs is None:
        return None
    if found.beliefs.noise < LEAST_NOISE * 1.01:
        return f"Fewer than {100 * LEAST_NOISE:.1f} of 100 labels are"
    return f"About {100 * found.beliefs.noise:.1f} of 100 labels are"


def _left_out(found: Audit) -> list[tuple[str, str]]:
    titles = {kind.name: kind.title for kind in found.kinds}
    return [(titles.get(kind, kind), why) for kind, why in found.left_out.items()]
