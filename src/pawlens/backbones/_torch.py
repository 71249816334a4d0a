"""Inference of timm's networks by torch, for GPUs. Needs ``pawlens[torch]``."""

from __future__ import annotations

from collections import deque
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
    from torch.cuda import Event

    Fetched = tuple[Tensor, Event | None]  # valid once the event has happened

__all__ = ["TorchEngine"]

Tag = TypeVar("Tag")

_BATCH_SIZE = 64
_AHEAD = 2  # batches on the GPU or on their way


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
        self._lane = _Lane(device)
        self._network = network.eval().to(device, memory_format=torch.channels_last)

    def run(
        self, batches: Iterable[tuple[Tag, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Tag, npt.NDArray[np.float32]]]:
        """Stream batches; see `Engine.run`.

        While the GPU works on a batch, the next one is copied to it and the one after is decoded.
        """
        waiting: deque[tuple[Tag, int, Fetched]] = deque()
        for tag, (pixels,) in batches:
            waiting.append((tag, len(pixels), self._start(padded(pixels, self.batch_size))))
            if len(waiting) > _AHEAD:
                yield _answer(*waiting.popleft())
        while waiting:
            yield _answer(*waiting.popleft())

    def _start(self, pixels: npt.NDArray[np.uint8]) -> Fetched:
        """Queue a full batch on the GPU."""
        torch = require("torch", extra="torch")
        bf16 = torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.precision == "bf16")
        exact = torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)
        try:
            with torch.inference_mode(), bf16, exact:
                # Pixels lie as a picture has them, which is the network's own order of memory.
                images = self._lane.send(pixels).permute(0, 3, 1, 2)
                images = images.flip(1) if self._bgr else images
                features = self._network((images.float() - self._mean) / self._std)
                return self._lane.fetch(features)
        except torch.OutOfMemoryError as error:
            raise UsageError(
                f"the GPU has no room for a batch of {len(pixels)} photos: use --device cpu"
            ) from error


class _Lane:
    """Copies between this machine's memory and a device, beside the device's work.

    On a GPU they go through pinned memory, pixels on a stream of their own, so that nobody waits
    for a copy; on a CPU there is nothing to copy to.
    """

    def __init__(self, device: str) -> None:
        self._torch = require("torch", extra="torch")
        self._copies = self._torch.cuda.Stream() if device == "cuda" else None

    def send(self, pixels: npt.NDArray[np.uint8]) -> Tensor:
        """Return the pixels on the device; its work waits for them, this thread does not."""
        torch = self._torch
        if self._copies is None:
            return torch.tensor(pixels)
        pinned = torch.empty(pixels.shape, dtype=torch.uint8, pin_memory=True)
        pinned.numpy()[...] = pixels
        work = torch.cuda.current_stream()
        with torch.cuda.stream(self._copies):
            sent = pinned.to("cuda", non_blocking=True)
        work.wait_stream(self._copies)
        sent.record_stream(work)
        return sent

    def fetch(self, features: Tensor) -> Fetched:
        """Begin to bring features back, float32."""
        torch = self._torch
        if self._copies is None:
            return features.float(), None
        pinned = torch.empty(features.shape, dtype=torch.float32, pin_memory=True)
        pinned.copy_(features, non_blocking=True)
        there = torch.cuda.Event()
        there.record()
        return pinned, there


def _answer(tag: Tag, count: int, fetched: Fetched) -> tuple[Tag, npt.NDArray[np.float32]]:
    features, there = fetched
    if there is not None:
        there.synchronize()
    answers: npt.NDArray[np.float32] = features[:count].numpy().copy()
    return tag, answers
