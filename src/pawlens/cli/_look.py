"""``pawlens doctor`` and ``pawlens samples``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ._app import app, print_json, say
from ._progress import Bars

__all__: list[str] = []


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Say what this machine can do."""
    from importlib.util import find_spec

    from ..backbones import cpu_precision
    from ..base import cores, environment, user_cache

    extras = {
        "torch": "timm",
        "tune": "optuna",
        "serve": "fastapi",
        "explain": "captum",
        "heic": "pillow_heif",
    }
    facts: dict[str, Any] = {
        "processors": cores(),
        "precision that auto takes": cpu_precision(),
        "cache folder": str(user_cache()),
        "extras": {extra: find_spec(module) is not None for extra, module in extras.items()},
        "versions": environment({}, [], 0)["libraries"],
    }
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            print(f"{key}:")
            for inner, one in value.items():
                shown = {True: "installed", False: f"pip install 'pawlens[{inner}]'"}.get(one, one)
                print(f"  {inner:14} {shown}")
        else:
            print(f"{key}: {value}")


@app.command()
def samples(
    folder: Annotated[Path, typer.Argument(help="An empty or new folder.")],
    count: Annotated[int, typer.Option(help="Pictures to train on.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed draws the same pictures.")] = 0,
    flaws: Annotated[bool, typer.Option(help="Plant flaws and record them.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Draw cat-like and dog-like pictures to try things on."""
    from ..samples import draw_samples

    with Bars() as bars:
        draw_samples(
            folder,
            count=count,
            seed=seed,
            flaws=flaws,
            progress=bars,
        )
    truth = folder / "truth.json"
    if as_json:
        print_json({"folder": str(folder), "pictures": count, "truth": str(truth)})
    else:
        say(f"drew {count} pictures into {folder}; what they truly show is in {truth}")
