"""The page about recipes says what the recipes are."""

from __future__ import annotations

import re
from pathlib import Path

from pawlens.recipes import PHASES, Recipe, Train, named_recipes
from pawlens.recipes._yaml import load_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")


def test_the_defaults_are_those_of_the_page() -> None:
    (block,) = re.findall(r"<!-- recipe -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert block == Recipe().to_yaml()


def test_its_example_is_in_order() -> None:
    examples = [one for one in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "do:" in one]
    assert examples
    for one in examples:
        assert Recipe.parse(load_yaml(one), "page").phases


def test_every_phase_key_and_recipe_is_explained() -> None:
    phases = PHASES.names()
    keys = {key for name in phases for key in PHASES.get(name).model_fields} - {"do"}
    for name in [*phases, *keys, *Train.model_fields, *Recipe.model_fields, *named_recipes()]:
        assert name == "do" or re.search(rf"`{name}[`:]", PAGE), name
