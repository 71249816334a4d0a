"""The check for authors of phases lets good ones pass, and says what is wrong with others."""

from __future__ import annotations

from pathlib import PurePath
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

pytest.importorskip("torch")

import torch

from pawlens.plugins import Phase, TrainingSession
from pawlens.testing import check_phase

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]


class Shrink(Phase):
    """Make the last layer of the head smaller: what follows depends on it."""

    do: Literal["shrink"]
    factor: Annotated[float, Field(gt=0, le=1)] = 0.5

    def words(self) -> str:
        return f"Multiply the weights of the head by {self.factor:g}."

    def run(self, session: TrainingSession) -> None:
        with torch.no_grad():
            session.network.head.layers[-1].weight.mul_(self.factor)
        session.note("Shrunk", factor=self.factor, rows=len(session.train_rows))


class Dim(Shrink):
    """Change the backbone itself: features that were kept of the former one must not be used."""

    do: Literal["dim"]  # type: ignore[assignment]

    @property
    def needs_body(self) -> bool:
        return True

    def run(self, session: TrainingSession) -> None:
        before = session.logits(session.valid_rows)
        with torch.no_grad():
            next(session.network.bodies[0].parameters()).mul_(self.factor)
        session.changed = True
        moved = abs(session.logits(session.valid_rows) - before).max()
        session.note("Dimmed", moved=bool(moved > 1e-4))
        assert moved > 1e-4


class Forgetful(Shrink):
    """What it does depends on how often the process has done it."""

    do: Literal["forgetful"]  # type: ignore[assignment]

    def run(self, session: TrainingSession) -> None:
        done = session.folder / "done"
        session.note("Done before" if done.exists() else "Done")
        done.touch()


class Mumbling(Shrink):
    do: Literal["mumbling"]  # type: ignore[assignment]

    def words(self) -> str:
        return "no full stop"


class Unwritable(Shrink):
    do: Literal["unwritable"]  # type: ignore[assignment]
    where: PurePath = PurePath("here")


@pytest.mark.parametrize("phase", [Shrink, Dim])
def test_a_phase_in_order_passes(phase: type[Phase]) -> None:
    check_phase(phase, {"factor": 0.25})


@pytest.mark.parametrize(
    ("phase", "values", "message"),
    [
        (Shrink, {"factor": 2}, "less than or equal to 1"),
        (Shrink, {"fcator": 1}, "Extra inputs are not permitted"),
        (Mumbling, {}, "words() gives 'no full stop', which is no sentence on one line."),
        (Unwritable, {}, "unwritable: it cannot stand in a recipe: "),
        (Forgetful, {}, "forgetful: after an interruption the history is another."),
        (int, {}, "is no subclass of pawlens.plugins.Phase."),
    ],
)
def test_what_is_wrong_is_said(phase: Any, values: dict[str, Any], message: str) -> None:
    with pytest.raises(AssertionError) as caught:
        check_phase(phase, values)
    assert message in str(caught.value)
