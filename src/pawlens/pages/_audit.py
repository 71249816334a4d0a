"""The page of an audit: its findings, kind by kind, as one HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..audit import KINDS, LEAST_NOISE, Audit, Kind
from ..photos import Thumbnail, make_thumbnails
from ._audit_plots import balance_plot
from ._html import fill_page
from ._shape_plots import aspect_plot, size_plot

__all__ = ["render_audit"]

_MOST = 48  # photos of a kind on the page; the table holds all of them


def render_audit(audit: Audit) -> str:
    """Render the page of an audit, self-contained: style, plots and thumbnails are inside.

    Names and paths are escaped, and the page forbids itself any request
    (Content-Security-Policy).
    """
    shown = {int(row) for kind in audit.detections for row in audit.rows(kind)[:_MOST]}
    pictures = make_thumbnails(audit.photos, shown)
    suspicious = np.any([detection.found for detection in audit.detections.values()], axis=0)
    return fill_page(
        "audit.html.j2",
        filters={"number": lambda value: f"{value:,}"},
        title=audit.photos.name,
        photos=len(audit.photos),
        suspicious=int(suspicious.sum()),
        backbones=audit.backbones,
        left_out=_left_out(audit),
        sheets=[_sheet(audit, kind, pictures) for kind in KINDS if kind.name in audit.detections],
        plots=_draw(audit),
        balance=_balance(audit),
        noise=_noise(audit),
        skipped=audit.photos.skipped,
    )


def _sheet(audit: Audit, kind: Kind, pictures: Mapping[int, Thumbnail]) -> dict[str, Any]:
    rows = audit.rows(kind.name)
    return {
        "kind": kind,
        "count": len(rows),
        "cards": [_card(audit, kind, row, pictures) for row in rows[:_MOST].tolist()],
    }


def _card(audit: Audit, kind: Kind, row: int, pictures: Mapping[int, Thumbnail]) -> dict[str, Any]:
    detection, path = audit.detections[kind.name], audit.photos[row].path
    return {
        "picture": pictures[row],
        "path": path,
        "name": path.replace("\\", "/").rsplit("/", 1)[-1],
        "labels": ", ".join(audit.photos[row].labels),
        "score": f"{detection.score[row]:.2f}",
        "why": detection.why.get(row, ""),
        "box": _box(audit, row) if kind.name == "border" else None,
    }


def _box(audit: Audit, row: int) -> str | None:
    """Return the box of the picture inside its border, as CSS percentages of the photo."""
    look = audit.looks[row]
    if look is None or not look.width:
        return None
    left, top = 100 * look.left / look.width, 100 * look.top / look.height
    width = 100 * (look.right - look.left) / look.width
    height = 100 * (look.bottom - look.top) / look.height
    return f"left:{left:.1f}%;top:{top:.1f}%;width:{width:.1f}%;height:{height:.1f}%"


def _draw(audit: Audit) -> dict[str, Any]:
    from markupsafe import Markup

    if not len(audit.shapes.row):
        return {}
    odd = {int(row) for kind in ("odd_size", "odd_aspect") for row in audit.rows(kind)}
    drawn = {"sizes": size_plot(audit.shapes, odd), "aspects": aspect_plot(audit.shapes)}
    counts = _balance(audit)
    if counts:
        drawn["balance"] = balance_plot(counts)
    return {name: Markup(svg) for name, svg in drawn.items()}


def _balance(audit: Audit) -> list[tuple[str, int]]:
    labels = [photo.label for photo in audit.photos]
    return [(name, labels.count(name)) for name in audit.classes]


def _noise(audit: Audit) -> str | None:
    """Write the estimated number of wrong labels in words."""
    if audit.beliefs is None:
        return None
    if audit.beliefs.noise < LEAST_NOISE * 1.01:
        return f"Fewer than {100 * LEAST_NOISE:.1f} of 100 labels are"
    return f"About {100 * audit.beliefs.noise:.1f} of 100 labels are"


def _left_out(audit: Audit) -> list[tuple[str, str]]:
    titles = {kind.name: kind.title for kind in KINDS}
    return [(titles[kind], why) for kind, why in audit.left_out.items()]
