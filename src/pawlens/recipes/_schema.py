"""A recipe: a training method as data."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..errors import RecipeError
from ._checks import check_phases
from ._faults import describe
from ._yaml import dump_yaml
from .phases import AnyPhase, Calibrate, Phase, Search

__all__ = ["Recipe"]

SomePhase = TypeVar("SomePhase", bound=Phase)


class Recipe(BaseModel):
    """Everything that decides the outcome of a training run, next to the photos.

    Attributes
    ----------
    about : str
        What the recipe is for, in a line.
    backbones : list of str
        Names, or paths of ONNX feature extractors; several are fused side by side.
    views : list of str
        Views of each photo whose features are averaged with its own, in training and in the model
        that ships: flip, crops.
    precision : {"auto", "f32", "bf16", "int8"}
        Precision of feature extraction.
    folds : int or "given"
        Number of folds of the cross-validation, or the folds that the photos lie in.
    seed : int
        Seed of the random numbers of folds and bootstrap.
    labels : {"one", "several"}
        Whether a photo shows one of the classes, or any number of labels at once.
    heads : {"joint", "stacked"}
        Whether one head is fitted on all backbones side by side, or one on each, whose answers are
        weighted.
    l2 : "auto" or list of float
        Strengths of the L2 penalty that the head tries.
    class_weights : {"none", "balanced"}
        Whether rare classes count more.
    clip : "auto" or float
        Limit of the probabilities, chosen out-of-fold or given (0.005 is system B's).
    threshold : "auto" or float
        Probability from which a label is given, where a photo may have several: ``"auto"`` finds
        that of the largest F1 for each label; a number holds for all.
    borders : {"keep", "trim"}
        Whether large plain borders are cut off every photo, here and in the model that ships.
    clean : {"none", "auto"}
        Whether suspect labels are left out of training, if that is not worse on held-out photos.
    sets : float, optional
        Share of photos whose set of labels holds the true one: with each answer comes a set.
    sets_by_class : bool
        Whether that share holds within each class.
    risk : float, optional
        Share of wrong answers among those that are given; for the rest a person is asked.
    coverage : float, optional
        Share of photos that are answered, in place of `risk`.
    costs : dict of str to dict of str to float
        What an answer costs, by the true class and then by the answer: 1 where nothing is said.
        The answer is the one that costs least on average.
    neither : float
        Share of photos like those of training that may be called neither; 0 for no such answer.
    phases : list of Phase
        How a network is trained, step by step. Without any, the default head is fitted on features
        of frozen backbones.

    Examples
    --------
    >>> recipe = Recipe(folds=3, class_weights="balanced")
    >>> recipe.backbones, recipe.folds, recipe.phases
    (['paw'], 3, [])
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    about: str = ""
    backbones: Annotated[list[str], Field(min_length=1)] = ["paw"]
    views: list[Literal["flip", "crops"]] = []
    precision: Literal["auto", "f32", "bf16", "int8"] = "auto"
    folds: Literal["given"] | Annotated[int, Field(ge=2, le=50)] = 5
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0  # what every library takes
    labels: Literal["one", "several"] = "one"
    heads: Literal["joint", "stacked"] = "joint"
    l2: Literal["auto"] | Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1)] = (
        "auto"
    )
    class_weights: Literal["none", "balanced"] = "none"
    clip: Literal["auto"] | Annotated[float, Field(ge=0, lt=0.5)] = "auto"
    threshold: Literal["auto"] | Annotated[float, Field(gt=0, lt=1)] = "auto"
    borders: Literal["keep", "trim"] = "keep"
    clean: Literal["none", "auto"] = "none"
    sets: Annotated[float, Field(gt=0, lt=1)] | None = None
    sets_by_class: bool = False
    risk: Annotated[float, Field(gt=0, lt=1)] | None = None
    coverage: Annotated[float, Field(gt=0, le=1)] | None = None
    costs: dict[str, dict[str, Annotated[float, Field(ge=0)]]] = {}
    neither: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    phases: list[AnyPhase] = []

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Recipe:
        check_phases(self.phases)
        if self.labels == "one" and self.threshold != "auto":
            raise ValueError("threshold is of several labels; add labels: several or leave it out")
        if self.heads == "stacked" and (self.labels == "several" or self.clean == "auto"):
            raise ValueError("heads: stacked needs labels: one and clean: none")
        if self.labels == "several" and self.search is not None:
            raise ValueError("a search needs labels: one")
        if self.labels == "several" and self.clean == "auto":
            raise ValueError("clean: auto needs labels: one; see the suspect labels in the report")
        if self.risk is not None and self.coverage is not None:
            raise ValueError("risk and coverage are two ways to say the same; leave one out")
        if self.sets_by_class and self.sets is None:
            raise ValueError("sets_by_class needs sets; add sets: 0.95 or leave it out")
        if self.labels == "several" and (self.sets or self.risk or self.coverage or self.costs):
            raise ValueError("sets, risk, coverage and costs need labels: one")
        if not self.phases:
            return self
        if self.precision == "int8":
            raise ValueError("precision: int8 does not go with phases; a network trains in floats")
        if self.heads == "stacked":
            raise ValueError("heads: stacked does not go with phases; see fuse")
        if self.views:
            raise ValueError("views does not go with phases; an evaluate phase has views")
        if self.clean == "auto":
            raise ValueError("clean: auto does not go with phases; use a phase 'do: clean'")
        if self.class_weights == "balanced":
            raise ValueError("class_weights: balanced does not go with phases; set it in a train")
        if self.l2 != "auto":
            raise ValueError("l2 does not go with phases; a train has weight_decay")
        if self.clip != "auto" and self.phases_of(Calibrate):
            raise ValueError("clip does not go with a calibrate phase; set it there")
        return self

    def phases_of(self, kind: type[SomePhase]) -> dict[int, SomePhase]:
        """Return the phases of one kind, by their place in the recipe, counted from 0."""
        return {n: phase for n, phase in enumerate(self.phases) if isinstance(phase, kind)}

    @property
    def search(self) -> Search | None:
        """The phase that searches; a recipe has one at most."""
        return next(iter(self.phases_of(Search).values()), None)

    def to_yaml(self) -> str:
        """Write the recipe with every value spelled out."""
        return dump_yaml(self.model_dump())

    @classmethod
    def parse(cls, values: dict[str, Any], where: str) -> Recipe:
        """Check values from outside.

        Raises
        ------
        RecipeError
            One line: where, which key, what is wrong; an unknown key names the nearest known one.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise RecipeError(f"{where}: {describe(error, values, cls)}") from error
