"""How many processors are used."""

from __future__ import annotations

import pytest

from pawlens.base import cores
from pawlens.errors import UsageError


def test_a_number_in_the_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAWLENS_CORES", raising=False)
    mine = cores()
    assert mine >= 1
    monkeypatch.setenv("PAWLENS_CORES", str(mine + 3))
    assert cores() == mine + 3


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_what_is_no_number_of_processors_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAWLENS_CORES", text)
    with pytest.raises(UsageError, match=f"PAWLENS_CORES={text}: set it to a number"):
        cores()
