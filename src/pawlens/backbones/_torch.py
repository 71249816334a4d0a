"""Inference of timm's networks by torch, for GPUs. Needs ``pawlens[torch]``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from ..base import require
from ..errors import UsageError
from ._engine import Precision, padded
from ._spec import BackboneSpec

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor, nn

__all__ = ["TorchEngine"]

Tag = TypeVar("Tag")

_BATCH_SIZE = 64


class TorchEngine:
    """A network behind the interface of `Engine`.

    Parameters
    ----------
    network : torch.nn.Module
        Headless: float32 ``(N, 3, S, S)`` in, ``(N, D)`` out. It is moved to the device.
    spec : BackboneSpec
    precision : {"auto", "f32", "bf16"}
        ``auto`` is bf16 where the GPU has instructions for it, else f32. bf16 is autocast's: the
        weights stay in float32. f32 is without TensorFloat-32.
    device : {"cuda", "cpu"}
    """

    def __init__(
        self,
        network: nn.Module,
        spec: BackboneSpec,
        *,
        precision: Precision = "auto",
        device: Literal["cuda", "cpu"] = "cuda",
        batch_size: int = _BATCH_SIZE,
    ) -> None:
        torch = require("torch", extra="torch")
        if precision == "auto":
            fast = device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            precision = "bf16" if fast else "f32"
        self.batch_size = batch_size
        self.precision: str = precision
        self.device: str = device
        self._bgr = spec.channel_order == "bgr"
        self._mean, self._std = (
            torch.tensor(values, device=device).view(3, 1, 1) for values in (spec.mean, spec.std)
        )
        self._network = network.eval().to(device, memory_format=torch.channels_last)

    def run(
        self, batches: Iterable[tuple[Tag, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Tag, npt.NDArray[np.float32]]]:
        """Stream batches; see `Engine.run`. The GPU works while the next batch is decoded."""
        waiting: tuple[Tag, int, Tensor] | None = None
        for tag, (pixels,) in batches:
            if waiting:
                yield self._answer(*waiting)
            waiting = tag, len(pixels), self._start(padded(pixels, self.batch_size))
        if waiting:
            yield self._answer(*waiting)

    def _start(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Queue a full batch on the GPU."""
        torch = require("torch", extra="torch")
        bf16 = torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.precision == "bf16")
        exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
        try:
            with torch.inference_mode(), bf16, exact:
                images = torch.tensor(pixels, device=self.device).permute(0, 3, 1, 2)
                images = images.flip(1) if self._bgr else images
                return self._network((images.float() - self._mean) / self._std)
        except torch.OutOfMemoryError as error:
            raise UsageError(
                f"the GPU has no room for a batch of {len(pixels)} photos: use --device cpu"
            ) from error

    def _answer(
        self, tag: Tag, count: int, features: Tensor
    ) -> tuple[Tag, npt.NDArray[np.float32]]:
        answers: npt.NDArray[np.float32] = features[:count].float().cpu().numpy()
        return tag, answers
