"""``pawlens explain``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ._app import app, print_json, say
from ._options import AsJson
from ._predict import model_and_photos
from ._progress import Bars

if TYPE_CHECKING:
    from ..base import Progress
    from ..explain import MapCheck
    from ..photos import Photos

__all__: list[str] = []

_SHOWN = 20


@app.command()
def explain(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[MODEL] PHOTOS...",
            help="The model, as a run folder or a model.onnx, then the photos: a folder, a zip, a "
            "list, or single ones. Without a model the bundled classifier is explained, cat "
            "against dog.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder for the page and a PNG of each photo.")] = (
        Path("explained")
    ),
    of: Annotated[
        str | None,
        typer.Option(
            "--class",
            metavar="NAME",
            help="The class to explain. By default the answer of each photo.",
        ),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="cam|gradcam|integrated-gradients",
            help="How maps are made: cam reads them out of the model itself; gradcam and "
            "integrated-gradients follow gradients and need pawlens[explain].",
        ),
    ] = "cam",
    weights_dir: Annotated[
        Path | None,
        typer.Option(
            help="The folder with the weights of backbones as NAME[.TAG].safetensors, which "
            "methods other than cam need. By default there is none."
        ),
    ] = None,
    check: Annotated[
        int | None,
        typer.Option(
            min=2,
            metavar="N",
            help="How many of the photos to check the maps on: whether they follow the model's "
            "weights, and whether the answer depends on what they mark. By default no check.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show where in photos an answer comes from. Says what each backbone adds to it."""
    from .. import Photos, load
    from ..explain import check_method
    from ..pages import check_section, check_sentences
    from ..workflows import PAGE, write_explanations

    chosen = check_method(method)
    named, photos = model_and_photos(sources)
    source: Any = photos[0] if len(photos) == 1 else photos
    explainer = load(named).explainer(chosen, weights_dir=weights_dir)
    table = Photos.read(source, labels=False)
    notes = tuple(
        f"{name}: its features are no mean over a grid; it has a share of the answer and no map."
        for name in explainer.unmapped
    )
    with Bars() as bars:
        found = _checked(explainer, table, check, bars) if check is not None else None
        rows = write_explanations(
            explainer,
            table,
            out,
            method=chosen,
            of=of,
            notes=notes,
            check=None if found is None else check_section(found),
            progress=bars,
        )
    if as_json:
        more = {} if found is None else {"check": found.as_json()}
        print_json({"page": str(out / PAGE), "photos": rows} | more)
    else:
        _show(rows)
        for sentence in [] if found is None else check_sentences(found):
            print(sentence)
        print(f"page  {out / PAGE}")
    for note in notes:
        say(f"pawlens: {note}")
    lost = [row for row in rows if row["status"] != "ok"]
    for row in lost:
        say(f"pawlens: {row['path']}: {row['status']}")
    return 2 if lost else 0


def _checked(explainer: Any, photos: Photos, count: int, progress: Progress) -> MapCheck:
    """Only maps out of the graph can be checked without torch, and fast enough."""
    from ..explain import Explainer, check_maps

    if not isinstance(explainer, Explainer):
        raise UsageError("--check is for --method cam; leave one of the two out")
    return check_maps(explainer, photos, count, progress=progress)


def _show(rows: list[dict[str, Any]]) -> None:
    """Each photo's class, probability, and what every backbone adds."""
    from ..metrics import percent

    read = [row for row in rows if row["status"] == "ok"]
    width = max((len(row["path"]) for row in read[:_SHOWN]), default=0)
    for row in read[:_SHOWN]:
        said = "  ".join(
            f"{one['name']} {one['contribution']:+.2f} ({percent(one['share'], 0)})"
            for one in row["backbones"]
        )
        print(f"{row['path']:{width}}  {row['class']}  {row['probability']:.4f}  {said}")
    if len(read) > _SHOWN:
        print(f"... and {len(read) - _SHOWN} more; the page shows them")
