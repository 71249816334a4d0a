"""A recipe: a training method as data."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from .._errors import RecipeError
from ._phases import Phase

__all__ = ["Recipe", "read_recipe"]


class Recipe(BaseModel):
    """Everything that decides the outcome of a training run, next to the photos.

    Attributes
    ----------
    backbones : list of str
        Names, or paths of ONNX feature extractors; several are fused side by side.
    precision : {"auto", "f32", "bf16", "int8"}
        Of feature extraction.
    folds : int
        Of cross-validation.
    seed : int
        Of folds and bootstrap.
    l2 : "auto" or list of float
        Strengths that the head tries.
    class_weights : {"none", "balanced"}
        Whether rare classes count more.
    clip : "auto" or float
        Limit of the probabilities, chosen out-of-fold or given (0.005 is system B's).
    borders : {"keep", "trim"}
        Whether large plain borders are cut off every photo, here and in the model that ships.
    clean : {"none", "auto"}
        Whether suspect labels are left out of training, if that is not worse on held-out photos.
    phases : list of Phase
        How a network is trained, step by step. Without any, the default head is fitted on features
        of frozen backbones.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    backbones: Annotated[list[str], Field(min_length=1)] = ["paw"]
    precision: Literal["auto", "f32", "bf16", "int8"] = "auto"
    folds: Annotated[int, Field(ge=2, le=50)] = 5
    seed: Annotated[int, Field(ge=0)] = 0
    l2: Literal["auto"] | Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)] = (
        "auto"
    )
    class_weights: Literal["none", "balanced"] = "none"
    clip: Literal["auto"] | Annotated[float, Field(ge=0, lt=0.5)] = "auto"
    borders: Literal["keep", "trim"] = "keep"
    clean: Literal["none", "auto"] = "none"
    phases: list[Phase] = []

    def to_yaml(self) -> str:
        """The recipe with every value spelled out."""
        text: str = yaml.safe_dump(self.model_dump(), sort_keys=False, allow_unicode=True)
        return text

    @classmethod
    def parse(cls, values: dict[str, Any], where: str) -> Recipe:
        """Check values from outside.

        Raises
        ------
        RecipeError
            One line: where, which key, what is wrong; an unknown key names the nearest known one.
        """
        for key in values:
            if key not in cls.model_fields:
                near = difflib.get_close_matches(str(key), cls.model_fields, n=1, cutoff=0.4)
                hint = (
                    f"did you mean {near[0]!r}?"
                    if near
                    else f"known: {', '.join(cls.model_fields)}"
                )
                raise RecipeError(f"{where}: unknown key {key!r}; {hint}")
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors()[-1]  # of "auto or a number" the number is what was meant
            key = str(first["loc"][0]) if first["loc"] else "recipe"
            given = values.get(key)
            raise RecipeError(f"{where}: {key} = {given!r}: {first['msg'].lower()}") from error


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a YAML file; only data, no tags that build objects.

    Raises
    ------
    RecipeError
        The file is missing, not YAML, not a mapping, or holds a wrong key or value.
    """
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise RecipeError(f"{path}: not valid YAML ({reason[:160]})") from error
    if values is None:
        values = {}
    if not isinstance(values, dict):
        raise RecipeError(f"{path}: a recipe is a mapping of keys to values")
    return Recipe.parse(values, str(path))
