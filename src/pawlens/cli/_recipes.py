"""``pawlens recipes``."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json
from ._options import AsJson, Settings

if TYPE_CHECKING:
    from ..recipes import Recipe

__all__: list[str] = []


@app.command()
def recipes(
    name: Annotated[
        str | None,
        typer.Argument(
            help="The recipe to put into words: a name, or a YAML file. By default all that come "
            "with pawlens are listed."
        ),
    ] = None,
    backbone: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The backbone to put into the recipe; repeat it to put the features of several "
            "side by side. By default the recipe's own.",
        ),
    ] = None,
    settings: Settings = None,
    as_yaml: Annotated[
        bool,
        typer.Option(
            "--yaml",
            help="Print YAML with every value spelled out, to keep and change. Without it, words.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List recipes, or say in words what one does."""
    from ..recipes import find_recipe
    from ..workflows import as_recipe
    from ..workflows import recipes as list_recipes

    if name is None:
        if as_yaml or settings or backbone:
            raise UsageError("--yaml, --set and --backbone need a recipe: pawlens recipes NAME")
        abouts = list_recipes()
        if as_json:
            print_json([{"name": key, "about": about} for key, about in abouts.items()])
            return
        for key, about in abouts.items():
            print(f"{key:16} {about}")
        return
    named = find_recipe(name)
    recipe = as_recipe(named.recipe, settings, backbone)
    if as_json:
        print_json(recipe.model_dump())
    elif as_yaml:
        print(recipe.to_yaml(), end="")
    else:
        _describe(named.name, named.notes, recipe)


def _describe(name: str, notes: str, recipe: Recipe) -> None:
    from ..recipes import explain

    width = min(shutil.get_terminal_size().columns, 100)
    print(f"{name}: {recipe.about}" if recipe.about else name)
    for line in _refilled(notes, width):
        print(line)
    lines = explain(recipe)
    indent = max(len(label) for label, _ in lines) + 2
    print()
    for label, words in lines:
        hanging = " " * indent
        print(
            textwrap.fill(
                words, width, initial_indent=f"{label:{indent}}", subsequent_indent=hanging
            )
        )


def _refilled(notes: str, width: int) -> list[str]:
    """The notes at the width of the terminal; indented lines, which are tables, stay so."""
    lines: list[str] = []
    running: list[str] = []
    for line in [*notes.splitlines(), ""]:
        if line and not line.startswith(" "):
            running.append(line)
            continue
        lines += textwrap.wrap(" ".join(running), width)
        lines.append(line)
        running = []
    return ["", *lines[:-1]] if notes else []
