"""Checkpoints: tensors and plain values, written in one piece, read without running code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from ..base import read_regular, sealed, unsealed, write_atomic
from ..errors import RunError

__all__ = ["load_checkpoint", "save_checkpoint"]


def save_checkpoint(path: Path, values: dict[str, Any]) -> None:
    """Write `values`; a crash leaves the earlier file unchanged."""
    sink = io.BytesIO()
    torch.save(values, sink)
    write_atomic(path, sealed(sink.getvalue()))


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    RunError
        The file is damaged, or holds more than tensors and plain values.
    """
    try:
        content = io.BytesIO(unsealed(read_regular(path)))
        values: dict[str, Any] = torch.load(content, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen kinds of exception
        raise RunError(
            f"{path}: a damaged checkpoint; delete it to train this phase again"
        ) from error
    return values
