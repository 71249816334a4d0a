"""Where an answer comes from when no map can be read: places are covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.export import CELLS, find_window, mapped_graph
from pawlens.models._covered import covered_maps

from ..small_models import linear_head, picture, small_model


class Reader:
    """An engine whose answer is the mean of one corner of each square."""

    batch_size = 2

    def run(
        self, batches: Iterable[tuple[list[int], list[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[list[int], npt.NDArray[np.float32]]]:
        for rows, (squares,) in batches:
            yield rows, squares[:, 24:, :8].mean((1, 2)).astype(np.float32)


def test_what_the_answer_reads_is_found() -> None:
    squares = np.zeros((2, 40, 40, 3), np.uint8)
    squares[:, 24:, :8] = 255
    engine: Any = Reader()
    ((rows, maps),) = covered_maps(engine, [([3, 5], [squares])])
    assert rows == [3, 5]
    assert maps.shape == (2, CELLS)
    assert squares[0, 30, 2, 0] == 255  # it was covered in a copy
    left, top, right, bottom = find_window(maps[1]) or pytest.fail("no window")
    assert (left, bottom) == (0, 1)
    assert top > 0.3
    assert right < 0.7


def test_the_view_subject_is_there_for_any_network(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim))
    pool = [n for n in model._graph.graph.node if n.op_type == "ReduceMean"][-1]
    pool.op_type = "ReduceMax"
    with pytest.raises(UsageError, match="nothing tells where"):
        mapped_graph(model.batched())
    Image.fromarray(picture()).save(tmp_path / "a.png")
    seen: list[str] = []
    plain = model.answer(tmp_path)
    nearer = model.answer(
        tmp_path, views=("subject",), progress=lambda what, done, whole: seen.append(what)
    )
    assert "covering places" in seen
    assert nearer.proba.sum() == pytest.approx(1)
    assert nearer.proba.shape == plain.proba.shape
