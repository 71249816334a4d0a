"""``pawlens prove``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import RecipeError
from ._app import app, print_json
from ._augment import read_values
from ._options import AsJson, CacheDir, Labelled, WeightsDir
from ._progress import Bars

if TYPE_CHECKING:
    from ..recipes import Augment

__all__: list[str] = []


@app.command()
def prove(
    photos: Labelled,
    augment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|VALUES",
            help="The augmentation to prove: a preset, or values such as flip=0.5,rotate=20; "
            "repeat it to compare several. By default flip, light, medium and strong.",
        ),
    ] = None,
    backbone: Annotated[
        str, typer.Option(help="The frozen backbone: paw, a name of timm, or an ONNX file.")
    ] = "paw",
    weights_dir: WeightsDir = None,
    copies: Annotated[
        int, typer.Option(min=1, max=50, help="How many varied copies of each photo train too.")
    ] = 2,
    folds: Annotated[
        int,
        typer.Option(
            min=2,
            max=50,
            help="How many folds the photos are dealt into; each is answered by a head that was "
            "fitted on the others.",
        ),
    ] = 5,
    seeds: Annotated[
        int, typer.Option(min=1, max=20, help="How many times photos are dealt into folds anew.")
    ] = 2,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("augmentation.html"),
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """Prove whether augmentations help.

    Trains with and without each, on the same folds and seeds.
    """
    from .. import Photos
    from ..base import make_folder, user_cache, write_atomic
    from ..pages import in_words, render_proof
    from ..workflows import prove_augmentations

    wanted = _augmentations(augment or ["flip", "light", "medium", "strong"])
    make_folder(out.parent)
    with Bars() as bars:
        proof = prove_augmentations(
            Photos.read(photos),
            wanted,
            backbone=backbone,
            copies=copies,
            folds=folds,
            seeds=seeds,
            weights_dir=weights_dir,
            cache_dir=cache_dir or user_cache(),
            progress=bars,
        )
        page = render_proof(proof, progress=bars)
    write_atomic(out, page.encode())
    if as_json:
        arms = [arm.as_json() for arm in (proof.plain, *proof.arms)]
        print_json({"page": str(out), "photos": len(proof.rows), "arms": arms})
        return
    print(f"plain: log loss {proof.plain.metrics['log_loss']:.4f}")
    for arm in proof.arms:
        print(f"{arm.name}: {in_words(arm)}")
    print(f"page  {out}")


def _augmentations(texts: list[str]) -> dict[str, Augment]:
    """What is asked for by name: ``flip``, ``rotate=20,erase=0.5`` or ``light,rotate=20``."""
    found = {}
    for text in texts:
        parts = [part.strip() for part in text.split(",") if part.strip()]
        preset = parts.pop(0) if parts and "=" not in parts[0] else None
        if preset is None and not parts:
            raise RecipeError(f"--augment {text!r}: give a preset, or values as in rotate=20")
        found[text] = read_values(preset, parts, "--augment", "--augment")
    return found
