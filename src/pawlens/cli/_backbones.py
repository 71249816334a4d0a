"""``pawlens backbones``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ._app import app, print_json
from ._options import AsJson, CacheDir, WeightsDir
from ._progress import Bars

if TYPE_CHECKING:
    from ..workflows import BackboneCard, Rate

__all__: list[str] = []

_PURPOSES = {
    "tiny": "tiny, for phones, browsers and a first look",
    "fast": "fast",
    "balanced": "balanced",
    "best": "best features for their cost, on a GPU or for few photos",
    "": "known for the published systems",
}
"""Headings of the list, by the purpose of a backbone."""


@app.command()
def backbones(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The backbone to describe: paw, a name of timm, an ONNX file, or SOURCE:NAME of a "
            "package. By default all are listed."
        ),
    ] = None,
    weights_dir: WeightsDir = None,
    size: Annotated[
        int | None,
        typer.Option(
            min=16,
            help="The side of the input in pixels. By default that of the network as published.",
        ),
    ] = None,
    layers: Annotated[
        bool,
        typer.Option("--layers", help="List every layer. Without it, one line for each stage."),
    ] = False,
    speed: Annotated[
        bool, typer.Option(help="Whether to measure photos per second, where weights are at hand.")
    ] = True,
    random_weights: Annotated[
        bool,
        typer.Option(
            "--random-weights",
            help="Measure the speed with random weights where none are at hand. Without it, it is "
            "not measured there.",
        ),
    ] = False,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Measure photos per second of every backbone in the list whose weights are at "
            "hand. Without it, the list has no speeds.",
        ),
    ] = False,
    every: Annotated[
        bool,
        typer.Option(
            "--all",
            help="List every network of timm too, which needs pawlens[torch]. Without it, those "
            "that pawlens has facts about.",
        ),
    ] = False,
    cache_dir: CacheDir = None,
    as_json: AsJson = False,
) -> None:
    """List backbones, or show the card of one. A card has layers, FLOPs, size and speed."""
    from ..workflows import describe_backbone

    if name is None:
        if size or layers or random_weights:
            raise UsageError("--size, --layers and --random-weights need a name, as backbones paw")
        _list(weights_dir, every, measure, as_json)
        return
    with Bars() as bars:
        card = describe_backbone(
            name,
            size=size,
            weights_dir=weights_dir,
            cache_dir=cache_dir,
            speed=speed,
            random_weights=random_weights,
            progress=bars,
        )
    if as_json:
        print_json(card.as_json())
    else:
        _show(card, layers)


def _list(weights_dir: Path | None, every: bool, measure: bool, as_json: bool) -> None:
    from ..workflows import backbones as list_backbones

    with Bars() as bars:
        rows = list_backbones(weights_dir=weights_dir, every=every, measure=measure, progress=bars)
    if as_json:
        print_json(rows)
        return
    known = [row for row in rows if "licence" in row]
    for purpose, title in _PURPOSES.items():
        print(f"{title}:")
        for row in known:
            if row["purpose"] == purpose:
                print(_row(row))
    for row in rows:
        if "licence" not in row:
            where = row.get("package") or ("here" if row["at_hand"] else "")
            print(f"{row['name']:59} {where}".rstrip() if where else row["name"])


def _row(row: dict[str, Any]) -> str:
    here = "here" if row["at_hand"] else "download"
    rate = row.get("photos_per_second")
    speed = "" if rate is None else f"{rate:6.0f} photos/s"
    mark = f" ({row['terms']})" if row["terms"] else ""
    return (
        f"  {row['name']:32} {row['input_size']:4} px {row['feature_dim']:5} features "
        f"{row['parameters'] / 1e6:6.1f} M parameters {row['macs'] / 1e9:6.2f} G mult-adds "
        f"{speed} {here:9}{row['licence']}{mark}"
    )


def _show(card: BackboneCard, every_layer: bool) -> None:
    from ..backbones import group_by_stage
    from ..metrics import percent

    _facts(card)
    if not card.layers:
        return
    print()
    if every_layer:
        width = max(len(layer.name) for layer in card.layers)
        print(
            f"{'layer':{width}}  {'kind':18} {'output':>16} {'parameters':>12} {'M mult-adds':>12}"
        )
        for layer in card.layers:
            shape = " x ".join(map(str, layer.output))
            print(
                f"{layer.name:{width}}  {layer.kind:18} {shape:>16} {layer.parameters:12,} "
                f"{layer.macs / 1e6:12,.2f}"
            )
        return
    print(f"{'stage':14} {'layers':>7} {'parameters':>12} {'M mult-adds':>12}  share")
    for stage in group_by_stage(card.layers):
        print(
            f"{stage.name:14} {stage.layers:7} {stage.parameters:12,} {stage.macs / 1e6:12,.1f}"
            f"  {percent(stage.macs / card.macs, 0)}"
        )


def _facts(card: BackboneCard) -> None:
    from ..backbones import licence_terms

    lines = [("backbone", f"{card.name} at {card.size} px")]
    if card.spec is not None:
        lines.append(("features", f"{card.spec.feature_dim} for each photo"))
    if card.layers:
        lines += [
            ("parameters", f"{card.parameters:,} ({card.counted}, features alone)"),
            ("multiply-adds", f"{_giga(card.macs)} a photo, {2 * card.macs / 1e9:.3f} GFLOPs"),
        ]
    else:
        lines.append(("counted", card.counted))
    if card.classifier is not None:
        held, macs = card.classifier
        whole = f"{held:,} parameters, {_giga(macs)} multiply-adds, with the classifier"
        lines.append(("as published", whole))
    if card.weights is not None and card.file_bytes is not None:
        lines.append(("weights", f"{card.weights.name}, {card.file_bytes / 1e6:.1f} MB"))
    else:
        lines.append(("weights", "none here: --weights-dir names a folder with them"))
    if card.speed is not None:
        speed = card.speed
        how = f"{speed.precision} on {speed.device}, {speed.processors} processors"
        how += ", random weights" if card.random else ""
        lines += [
            ("photos/s", f"{_rate(speed.engine)}: the engine alone ({how})"),
            ("", f"{_rate(speed.from_jpeg)}: from drawn JPEG files"),
        ]
    if card.spec is not None:
        terms = licence_terms(card.spec.licence)
        licence = f"{card.spec.licence} ({terms})" if terms else card.spec.licence
        lines += [("licence", licence), ("origin", card.spec.source)]
    for label, text in lines:
        print(f"{label:14} {text}")


def _giga(number: int) -> str:
    return f"{number / 1e9:.3f} G"


def _rate(rate: Rate) -> str:
    return f"{rate.median:.0f} ({rate.slowest:.0f} to {rate.fastest:.0f})"
