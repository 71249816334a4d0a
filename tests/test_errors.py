from __future__ import annotations

import pytest

import pawlens.errors as errors
from pawlens import PawlensError
from pawlens.base._extras import require

LEAVES = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", LEAVES)
def test_all_are_ours_and_are_drawn_in_the_tree(kind: type[PawlensError]) -> None:
    assert issubclass(kind, PawlensError)
    assert kind.__name__ in (errors.__doc__ or "")
    assert kind.__doc__


def test_exit_codes() -> None:
    assert {k.__name__ for k in LEAVES if k.exit_code == 1} == {"PawlensError", "ParityError"}
    assert {k.exit_code for k in LEAVES} == {1, 2}


def test_missing_extra_is_an_import_error_that_says_what_to_install() -> None:
    with pytest.raises(ImportError, match=r"pip install 'pawlens\[heic\]'"):
        require("no_such_module_at_all", extra="heic")
