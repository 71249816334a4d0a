from __future__ import annotations

import pytest

from pawlens.errors import RecipeError
from pawlens.recipes import Augment, Freeze, Recipe, Train, override, read_recipe


def test_values_are_put_in() -> None:
    recipe = override(
        read_recipe("b-finetune"),
        [
            "folds=3",
            "backbones.0=resnet34",
            "phases.5.rate=1e-4",
            "phases.5.rates=[0.1, 1]",
            "phases.5.augment={flip: 0.5}",
            "phases.5.augment.rotate=10",
            "phases.4={do: freeze}",
        ],
    )
    train = recipe.phases[5]
    assert isinstance(train, Train)
    assert (recipe.folds, recipe.backbones) == (3, ["resnet34"])
    assert (train.rate, train.rates) == (1e-4, [0.1, 1.0])
    assert train.augment == Augment(flip=0.5, rotate=10)
    assert isinstance(recipe.phases[4], Freeze)
    assert train.early_stopping == 4


def test_they_are_checked_together() -> None:
    recipe = override(Recipe(precision="int8"), ["phases=[{do: fuse}]", "precision=f32"])
    assert recipe.precision == "f32"


def test_none_changes_nothing() -> None:
    recipe = read_recipe("a-resnet34-sgdr")
    assert override(recipe, []) is recipe


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("folds", "--set folds: write KEY=VALUE"),
        ("=3", "--set =3: write KEY=VALUE"),
        ("fodls=3", "--set: unknown key 'fodls'; did you mean 'folds'?"),
        ("phase.1.epochs=3", "unknown key 'phase'; did you mean 'phases'?"),
        ("phases.3.epohcs=3", "--set: unknown key 'phases.3.epohcs'; did you mean 'epochs'?"),
        ("phases.3.epochs=0", "--set: phases.3.epochs = 0: input should be greater than or"),
        ("phases.8.epochs=3", "phases has no item '8'; it has 0 to 7"),
        ("phases.-1.epochs=3", "phases has no item '-1'; it has 0 to 7"),
        ("phases.fuse.dropout=0", "phases has no item 'fuse'; it has 0 to 7"),
        ("phases.1.hidden.0=3", "phases.1.hidden has no item '0'; it is empty"),
        ("phases.3.augment.flip=1", "phases.3.augment is 'none', which has no parts; set it whole"),
        ("phases.3.rate=found", "--set: phases.3: rate: found needs a find_rate before it"),
        ("l2=[", "--set l2=[: not a YAML value"),
        ("folds=", "--set: folds = None: input should be 'given' or a valid integer"),
    ],
)
def test_wrong_settings(setting: str, message: str) -> None:
    with pytest.raises(RecipeError) as caught:
        override(read_recipe("b-finetune"), [setting])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
