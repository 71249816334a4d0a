"""One model behind the server: its arithmetic, and the proof before it answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("prometheus_client", reason="the extra serve is not installed")

from pawlens.backbones import Backbone, OpenVinoEngine
from pawlens.errors import ParityError
from pawlens.server import _served
from pawlens.server._incoming import Incoming
from pawlens.server._metrics import Metrics

from .conftest import model_file, photo_bytes


def opened(file: Path, precision: Any = "auto") -> _served.ServedModel:
    return _served.ServedModel(
        "pets", "1", file, precision=precision, max_pixels=10**6, metrics=Metrics()
    )


@pytest.mark.parametrize(("exact", "tried"), [(True, ["f32"] * 2), (False, ["auto"] * 2)])
def test_an_exact_model_is_answered_in_f32(
    paw_of_session: Backbone,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    exact: bool,
    tried: list[str],
) -> None:
    asked = []

    def engine(*arguments: Any, precision: Any, **options: Any) -> OpenVinoEngine:
        asked.append(precision)
        return OpenVinoEngine(*arguments, precision="f32", **options)

    monkeypatch.setattr(_served, "OpenVinoEngine", engine)
    opened(model_file(paw_of_session, tmp_path, f32=exact)).close()
    assert asked == tried


def test_where_auto_breaks_the_limits_f32_is_taken_and_else_it_is_refused(
    paw_of_session: Backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Rough(OpenVinoEngine):
        """An engine that is far off in everything but f32."""

        def __init__(self, *arguments: Any, precision: Any, **options: Any) -> None:
            super().__init__(*arguments, precision="f32", **options)
            self.far = precision != "f32"

        def answer(self, inputs: Any) -> Any:
            answers = super().answer(inputs)
            return np.roll(answers, 1, axis=1) if self.far else answers

    monkeypatch.setattr(_served, "OpenVinoEngine", Rough)
    file = model_file(paw_of_session, tmp_path)
    opened(file).close()  # f32 was taken
    with pytest.raises(ParityError, match=r"pets: answers to a batch in .* not those of its own"):
        opened(file, "bf16")


def test_a_map_is_drawn_also_when_the_model_has_been_replaced_meanwhile(
    paw_of_session: Backbone, tmp_path: Path
) -> None:
    model = opened(model_file(paw_of_session, tmp_path), precision="f32")
    model.close()
    png = asyncio.run(model.draw_map(Incoming("photo", photo_bytes())))
    assert png.startswith(b"\x89PNG")
