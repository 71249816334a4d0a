"""Which class a column or a value of a submission means, and where nobody can know."""

from __future__ import annotations

import unicodedata

import pytest

from pawlens.models._kaggle_classes import ClassNames

PETS = ClassNames(["cat", "dog"])


@pytest.mark.parametrize(
    "name",
    [
        *("cat", "CAT", "cats", "isCat", "is_cat", "IsCAT", "is_a_cat", "iscat", "has_cat"),
        *("hasCat", "contains_cat", "cat_label", "target_cat", "class_cat", "p_cat", "p(cat)"),
        *("pCat", "cat_prob", "catProb", "CatProbability", "probability of cat", "cat score"),
    ],
)
def test_columns_of_a_class(name: str) -> None:
    assert PETS.of_column(name).found == 0
    other = name.replace("cat", "dog").replace("Cat", "Dog").replace("CAT", "DOG")
    assert PETS.of_column(other).found == 1


def test_classes_in_the_plural() -> None:
    names = ClassNames(["cats", "dogs"])
    for name in ("isCat", "iscat", "cat", "has_cats", "catprob", "p_cats"):
        assert names.of_column(name).found == 0
    assert "'not'" in names.of_column("notcat").doubt


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("not_cat", "names the class 'cat' and says 'not' of it"),
        ("is_not_cat", "'not'"),
        ("isNotCat", "'not'"),
        ("notcat", "'not'"),
        ("non-cat", "'non'"),
        ("no_cats", "'no'"),
        ("cat_free", "'free'"),
        ("without_cat", "'without'"),
        ("!cat", "says '!cat'"),
        ("cat_or_dog", "names the classes 'cat' and 'dog'"),
        ("dogVsCat", "names the classes 'dog' and 'cat'"),
        ("is_feline", "says 'feline', which is no class of the model"),
        ("has_cactus", "'cactus'"),
        ("kitten", "'kitten'"),
    ],
)
def test_columns_whose_meaning_is_not_known(name: str, doubt: str) -> None:
    found, why = PETS.of_column(name)
    assert found is None
    assert doubt in why


@pytest.mark.parametrize(
    "name", ["label", "category", "target", "Prediction", "y_pred", "p", "score", "species", "p1"]
)
def test_columns_that_ask_for_the_answer(name: str) -> None:
    assert PETS.of_column(name) == (None, "")


def test_a_question_is_of_the_last_of_no_and_yes() -> None:
    for classes in (["0", "1"], ["no", "yes"], ["False", "True"], ["negative", "positive"]):
        assert ClassNames(classes).of_column("has_cactus") == (None, "")
    assert ClassNames(["0", "1"]).of_column("class_0").found == 0
    assert ClassNames(["0", "1"]).of_column("column0") == (None, "")


def test_a_class_that_is_a_negation_has_its_own_column() -> None:
    names = ClassNames(["cat", "not_cat"])
    assert [names.of_column(name).found for name in ("is_cat", "not cat", "isNotCat")] == [0, 1, 1]


@pytest.mark.parametrize(
    ("classes", "text", "found"),
    [
        (["0", "1"], "-1", None),
        (["-1", "1"], "-1.0", 0),
        (["-1", "1"], "+1", 1),
        (["0", "1", "10"], "1.0", 1),
        (["0", "1", "10"], "10.", 2),
        (["1", "01"], "001", None),
        (["1", "01"], "01", 1),
        (["C", "C++"], "c++", 1),
        (["C", "C++"], "c#", None),
        (["1-0", "10"], "1 0", 0),
        (["grade 1", "grade -1"], "grade_-1", 1),
        (["maine_coon"], "Maine Coon", 0),
        (["Salt & Pepper"], "salt_pepper", 0),
        (["cafe", "caf\u00e9"], unicodedata.normalize("NFD", "caf\u00e9"), 1),
        (["\U0001f431", "\U0001f436"], "\U0001f436", 1),
        (["cat", "dog"], "Dogs", 1),
        (["puppy", "glass"], "puppies", 0),
        (["puppy", "glass"], "glas", None),
    ],
)
def test_values(classes: list[str], text: str, found: int | None) -> None:
    assert ClassNames(classes).of_value(text) == found


def test_signs_of_columns() -> None:
    names = ClassNames(["-1", "1"])
    assert [names.of_column(name).found for name in ("class_-1", "class_1", "p(-1)")] == [0, 1, 0]
