"""``pawlens recipes``."""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ._app import app, print_json

if TYPE_CHECKING:
    from ..recipes import Recipe

__all__: list[str] = []


@app.command()
def recipes(
    name: Annotated[
        str | None, typer.Argument(help="One recipe, or a YAML file, in words.")
    ] = None,
    backbone: Annotated[
        list[str] | None, typer.Option(help="Other backbones than the recipe's; repeat to fuse.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="KEY=VALUE of the recipe, as phases.4.epochs=3; repeat it."),
    ] = None,
    as_yaml: Annotated[
        bool, typer.Option("--yaml", help="Print it as YAML, every value spelled out.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List the recipes that come with pawlens, or say what one does."""
    from ..recipes import find_recipe
    from ..workflows import as_recipe
    from ..workflows import recipes as list_recipes

    if name is None:
        if as_yaml or settings or backbone:
            raise UsageError("--yaml, --set and --backbone need a recipe: pawlens recipes NAME")
        abouts = list_recipes()
        if as_json:
            print_json([{"name": one, "about": about} for one, about in abouts.items()])
            return
        for one, about in abouts.items():
            print(f"{one:16} {about}")
        return
    found = find_recipe(name)
    recipe = as_recipe(found.recipe, settings, backbone)
    if as_json:
        print_json(recipe.model_dump())
    elif as_yaml:
        print(recipe.to_yaml(), end="")
    else:
        _describe(found.name, found.notes, recipe)


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
