"""What cannot be trained is refused before the run begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from pawlens.backbones import find_backbone
from pawlens.errors import RecipeError
from pawlens.recipes import Recipe
from pawlens.training import check_trainable
from pawlens.training._trainable import needs_bodies

pytestmark = pytest.mark.torch

HEAD = [{"do": "fuse"}, {"do": "train"}]


def recipe(*phases: dict[str, Any]) -> Recipe:
    return Recipe.parse({"phases": list(phases)}, "test")


@pytest.mark.parametrize(
    ("phases", "reach"),
    [
        (HEAD, False),
        ([{"do": "fuse"}, {"do": "cache_split", "blocks": 0}, {"do": "train"}], False),
        ([{"do": "fuse"}, {"do": "unfreeze", "blocks": 1}, {"do": "train"}], True),
        ([{"do": "fuse"}, {"do": "train", "augment": "light"}], True),
        ([{"do": "fuse"}, {"do": "train", "size": 64}], True),
    ],
)
def test_what_reaches_behind_the_features(phases: list[dict[str, Any]], reach: bool) -> None:
    assert needs_bodies(recipe(*phases)) == reach


def test_a_graph_alone_is_refused_where_its_body_would_train(tmp_path: Path) -> None:
    paw = find_backbone("paw", cache_dir=tmp_path)
    check_trainable(recipe(*HEAD), [paw])
    with pytest.raises(RecipeError, match="'paw' is a finished graph and cannot be trained"):
        check_trainable(recipe(HEAD[0], {"do": "unfreeze", "blocks": 1}, HEAD[1]), [paw])
