"""``pawlens demo``: the main job on drawn photos whose flaws are known."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import PhotosError
from ._app import app, print_json
from ._options import AsJson
from ._progress import Bars

if TYPE_CHECKING:
    from ..audit import Audit

__all__: list[str] = []

_EXPECTED = {
    "wrong_label": {"label_error", "high_loss"},
    "exact_duplicate": {"exact_duplicate", "contradicting_duplicate"},
    "near_duplicate": {"near_duplicate", "contradicting_duplicate"},
    "leak": {"leak"},
    "tiny": {"tiny"},
    "truncated": {"unreadable"},
    "zero_bytes": {"unreadable"},
    "gif_named_jpg": {"wrong_extension"},
    "white_border": {"border"},
    "both": {"both"},
    "neither": {"neither"},
}
_NO_FLAW = {"exif_rotated", "cmyk"}


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(help="The new folder for photos, run and audit.")
    ] = Path("demo"),
    count: Annotated[
        int, typer.Option(max=1_000_000, help="How many training pictures to draw.")
    ] = 400,
    as_json: AsJson = False,
) -> None:
    """Train and audit drawn photos whose flaws are known. Says which flaws were found."""
    from ..audit import AUDIT_PAGE
    from ..metrics import percent
    from ..photos import Photos
    from ..samples import draw_samples
    from ..workflows import audit, predict
    from ..workflows.train import Classifier

    photos, path = folder / "photos", folder / "run"
    if folder.exists():
        raise PhotosError(f"{folder}: is there already; remove it or name another folder")
    with Bars() as bars:
        draw_samples(photos, count=count, progress=bars)
        table = Photos.read(photos)
        run = Classifier().fit(table, path, progress=bars)
        found = audit(table, folder / "audit", progress=bars)
        answers = predict(photos / "test", path, progress=bars)
    truth = json.loads((photos / "truth.json").read_text(encoding="utf-8"))
    names = [name.rsplit("/", 1)[-1] for name in answers.paths]
    right = [truth["test_labels"].get(n) == a for n, a in zip(names, answers.labels, strict=True)]
    rows = score_flaws(truth, found)
    if as_json:
        print_json({"run": str(path), "flaws": rows, "test_right": sum(right), **run.metrics})
        return
    for row in rows:
        print(
            f"{row['kind']:16} planted {row['planted']:3}  found {row['found']:3}  {row['remark']}"
        )
    print(f"out-of-fold log loss {run.log_loss:.4f}, accuracy {percent(run.accuracy, 2)}")
    print(f"on {len(right)} test photos that it never saw: {sum(right)} right")
    print(f"report  {run.report_path}")
    print(f"audit   {folder / 'audit' / AUDIT_PAGE}")


def score_flaws(truth: dict[str, Any], audited: Audit) -> list[dict[str, Any]]:
    """Compare planted flaws with an audit's findings, kind by kind."""
    kinds_of: dict[str, set[str]] = defaultdict(set)
    for kind in audited.detections:
        for row in audited.rows(kind):
            kinds_of[audited.photos.paths[row]].add(kind)
    planted: dict[str, list[dict[str, str]]] = defaultdict(list)
    for flaw in truth["flaws"]:
        planted[flaw["kind"]].append(flaw)
    return [_score(kind, flaws, kinds_of) for kind, flaws in sorted(planted.items())]


def _score(kind: str, flaws: list[dict[str, str]], kinds_of: dict[str, set[str]]) -> dict[str, Any]:
    if kind in _NO_FLAW:
        read = [f for f in flaws if "unreadable" not in kinds_of.get(f["file"], set())]
        return _row(kind, len(flaws), len(read), "read as they should be")
    wanted = _EXPECTED.get(kind, set())
    # Of a pair either may be named: nothing tells which of the two is the copy.
    missed = [
        f["file"]
        for f in flaws
        if not (kinds_of.get(f["file"], set()) | kinds_of.get(f.get("of", ""), set())) & wanted
    ]
    remark = f"missed: {', '.join(missed)}" if missed else ""
    return _row(kind, len(flaws), len(flaws) - len(missed), remark)


def _row(kind: str, planted: int, found: int, remark: str) -> dict[str, Any]:
    return {"kind": kind, "planted": planted, "found": found, "remark": remark}
