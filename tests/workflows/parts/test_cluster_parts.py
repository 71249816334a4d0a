"""How many parts a cluster is given, which needs no cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens.errors import UsageError
from pawlens.workflows.parts import _cluster


@pytest.mark.parametrize(
    ("photos", "parts"), [(0, 1), (512, 1), (513, 2), (20_000, 40), (100_000, 64), (1_000_000, 245)]
)
def test_parts_are_many_enough_to_end_together(photos: int, parts: int) -> None:
    assert _cluster._number_of_parts(photos) == parts


def test_parts_of_another_division_are_refused_before_anything_is_computed(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "parts"
    (out / "part-00001-of-00005").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"parts of 5 are in it, and these photos make 1; name an"):
        _cluster.write_parts("embed", photo_folder(cat=2, dog=2), out)


def test_parts_of_the_same_division_are_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "part-00001-of-00005").mkdir()
    (tmp_path / "part-of-a-film").mkdir()
    _cluster._refuse_another_division(tmp_path, 5)
