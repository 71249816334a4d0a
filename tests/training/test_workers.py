"""Two processes that share every batch end where one does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch

from pawlens.training._session import Session

from .tiny import backbone, place, prepared, recipe

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]


def test_two_processes_give_the_metrics_of_one(
    tmp_path: Path, photo_folder: Callable[..., Path]
) -> None:
    given = recipe(
        {"do": "unfreeze", "blocks": 2},
        {
            "do": "train",
            "epochs": 2,
            "batch": 11,
            "optimizer": "sgd",  # Adam turns rounding of gradients near zero into whole steps
            "rate": 0.02,
            "augment": "light",
            "class_weights": "balanced",
        },
    )
    data = prepared(photo_folder(cat=24, dog=22))  # 34 train: batches of 11 are shared unevenly
    sessions = []
    for devices in (1, 2):
        where = place(tmp_path / str(devices), [backbone()], devices=devices, precision="f32")
        session = Session(given, data, where)
        session.run()
        sessions.append(session)
    one, two = sessions
    for first, second in zip(one.history, two.history, strict=True):
        if first["do"] == "train":
            assert second["valid_loss"] == pytest.approx(first["valid_loss"], abs=1e-5)
            assert second["train_loss"] == pytest.approx(first["train_loss"], abs=1e-5)
    for key, value in one.network.state_dict().items():
        torch.testing.assert_close(two.network.state_dict()[key], value, atol=1e-5, rtol=1e-4)
