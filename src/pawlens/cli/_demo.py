"""``pawlens demo``: the main job on drawn photos whose flaws are known."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._errors import PhotosError
from ._app import app
from ._progress import Bars

if TYPE_CHECKING:
    from ..runs import Run

__all__: list[str] = []

_EXPECTED = {
    "wrong_label": {"suspect label"},
    "exact_duplicate": {"duplicate", "contradicting duplicate"},
    "near_duplicate": {"duplicate", "contradicting duplicate"},
    "leak": {"leak"},
    "tiny": {"tiny"},
    "truncated": {"unreadable"},
    "zero_bytes": {"unreadable"},
    "gif_named_jpg": {"wrong extension"},
    "both": {"suspect label"},
    "neither": {"suspect label"},
}
_NO_FLAW = {"exif_rotated", "cmyk"}


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="A new folder for photos and run.")] = Path("demo"),
    count: Annotated[int, typer.Option(help="Pictures to draw.")] = 400,
) -> None:
    """Draw photos with planted flaws, train on them, and say which flaws were found."""
    from .. import Classifier, Photos, load
    from ..photos import draw_samples

    photos, path = folder / "photos", folder / "run"
    if folder.exists():
        raise PhotosError(f"{folder}: is there already; remove it or name another folder")
    with Bars() as bars:
        draw_samples(photos, count=count, progress=lambda d, t: bars("drawing", d, t))
        run = Classifier().fit(Photos.read(photos), path, progress=bars)
        answers = load(path).answer(Photos.read(photos / "test", labels=False), progress=bars)
    truth = json.loads((photos / "truth.json").read_text(encoding="utf-8"))
    names = [name.rsplit("/", 1)[-1] for name in answers.paths]
    right = [truth["test_labels"].get(n) == a for n, a in zip(names, answers.labels, strict=True)]
    for row in score_flaws(truth, run):
        print(
            f"{row['kind']:16} planted {row['planted']:3}  found {row['found']:3}  {row['missed']}"
        )
    print(f"out-of-fold log loss {run.log_loss:.4f}, accuracy {run.accuracy:.2%}")
    print(f"on {len(right)} test photos that it never saw: {sum(right)} right")
    print(f"report  {run.report_path}")


def score_flaws(truth: dict[str, Any], run: Run) -> list[dict[str, Any]]:
    """Compare planted flaws with a run's findings, kind by kind."""
    table = run.photos().to_pydict()
    found = {
        path: {finding.partition(":")[0] for finding in findings}
        for path, findings in zip(table["path"], table["findings"], strict=True)
    }
    planted: dict[str, list[str]] = defaultdict(list)
    for flaw in truth["flaws"]:
        planted[flaw["kind"]].append(flaw["file"])
    rows = []
    for kind, files in sorted(planted.items()):
        wanted = _EXPECTED.get(kind, set())
        if kind in _NO_FLAW:
            wrongly = [f for f in files if "unreadable" in found.get(f, set())]
            rows.append(_row(kind, len(files), len(files) - len(wrongly), "read as they should be"))
            continue
        hits = [f for f in files if found.get(f, set()) & wanted]
        missed = sorted(set(files) - set(hits))
        rows.append(
            _row(kind, len(files), len(hits), f"missed: {', '.join(missed)}" if missed else "")
        )
    return rows


def _row(kind: str, planted: int, found: int, missed: str) -> dict[str, Any]:
    return {"kind": kind, "planted": planted, "found": found, "missed": missed}
