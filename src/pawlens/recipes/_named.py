"""Recipes by name, from those that come with pawlens, or by path."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from ..base import read_regular
from ..errors import RecipeError
from ._schema import Recipe
from ._yaml import load_yaml

__all__ = ["FoundRecipe", "find_recipe", "named_recipes", "read_recipe"]

_FOLDER = Path(__file__).parent / "named"


@dataclass(frozen=True)
class FoundRecipe:
    """A recipe and what its file says about it.

    Attributes
    ----------
    name : str
        Name of the file, without its ending.
    notes : str
        The comment at the head of the file, without its marks.
    recipe : Recipe
        The recipe that the file holds.
    """

    name: str
    notes: str
    recipe: Recipe


def named_recipes() -> tuple[str, ...]:
    """List the recipes that come with pawlens: general ones first, then published systems."""
    general = ("default", "quick", "best", "record", "finetune")
    others = sorted(file.stem for file in _FOLDER.glob("*.yaml") if file.stem not in general)
    return (*general, *others)


def find_recipe(name: str | Path) -> FoundRecipe:
    """Find a recipe that comes with pawlens, or read one from a YAML file.

    Parameters
    ----------
    name : str or Path
        A name such as ``"b-fused"`` stands for the recipe that comes with pawlens, also where a
        file is called so; ``"./b-fused"`` or a Path is the file.

    Raises
    ------
    RecipeError
        The name is unknown, or the file is missing, not YAML, not a mapping, or holds a wrong key
        or value.
    """
    if not isinstance(name, Path):
        if name in named_recipes():
            return _read(_FOLDER / f"{name}.yaml", name)
        if not _is_path(name):
            near = difflib.get_close_matches(name, named_recipes(), n=3, cutoff=0.4)
            nearest = ", ".join(near or named_recipes())
            raise RecipeError(f"unknown recipe {name!r}, nearest: {nearest}; or give a YAML file")
    return _read(Path(name), str(name))


def read_recipe(name: str | Path) -> Recipe:
    """Return the recipe that `find_recipe` finds, alone.

    Examples
    --------
    >>> recipe = read_recipe("b-fused")
    >>> recipe.backbones
    ['resnet50', 'legacy_xception', 'inception_v3']
    >>> [phase.do for phase in recipe.phases]
    ['explore', 'fuse', 'cache_split', 'train', 'calibrate', 'evaluate']
    """
    return find_recipe(name).recipe


def _is_path(text: str) -> bool:
    path = Path(text)
    return path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or path.exists()


def _read(path: Path, where: str) -> FoundRecipe:
    try:
        text = read_regular(path).decode("utf-8-sig")
    except OSError as error:
        raise RecipeError(
            f"{where}: cannot be read ({error.strerror}); name a YAML file, or one of those that "
            "`pawlens recipes` lists"
        ) from error
    except UnicodeDecodeError as error:
        raise RecipeError(f"{where}: not valid YAML (not UTF-8 at byte {error.start})") from error
    try:
        values = load_yaml(text)
    except ValueError as error:
        raise RecipeError(f"{where}: not valid YAML ({error})") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise RecipeError(f"{where}: a recipe is a mapping of keys to values")
    return FoundRecipe(path.stem, _head_comment(text), Recipe.parse(values, where))


def _head_comment(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:].removeprefix(" "))
    return "\n".join(lines)
