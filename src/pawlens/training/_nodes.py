"""Training on several machines: every process runs the same phases, and the first one decides.

torchrun starts the processes. Each reads the photos and prepares its own pixels; what is found out
before weights change (a start, a rate, photos to leave out) and every checkpoint comes from the
first one, as the bytes of its file. Within ``train`` they share every batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

from ..base import cores, ranks, write_atomic
from ..errors import RunError

__all__ = ["made_by_the_first", "shared_training"]

_PATIENCE = timedelta(days=7)  # for the first process at work; one that dies is noticed at once


@contextmanager
def shared_training(digest: str, device: str) -> Iterator[None]:
    """Join the processes that torchrun started for as long as the block lasts; else do nothing.

    Parameters
    ----------
    digest : str
        A digest of photos and weights, the same for all.
    device : {"cpu", "cuda"}

    Raises
    ------
    RunError
        This process has other photos or weights than the first one.
    """
    rank, world = ranks()
    if world == 1:
        yield
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    else:
        torch.set_num_threads(max(1, cores() // int(os.environ["LOCAL_WORLD_SIZE"])))
    backend = "cpu:gloo,cuda:nccl" if device == "cuda" else "gloo"
    dist.init_process_group(backend, timeout=_PATIENCE)
    try:
        if _from_the_first(digest.encode()) != digest.encode():
            raise RunError(
                f"process {rank} of {world}: its photos, labels or weights are not those of the "
                "first one; give all of them the same"
            )
        yield
        dist.barrier()
    finally:
        dist.destroy_process_group()


def made_by_the_first(path: Path, make: Callable[[], None] | None = None) -> None:
    """Have a file as the first process has it; where there is none yet, it makes it.

    Parameters
    ----------
    path : Path
        The same name may be in another folder for every process.
    make : callable, optional
        Writes the file. Without it, a file that the first process lacks is gone for all.
    """
    rank, world = ranks()
    if rank == 0 and make is not None and not path.exists():
        make()
    if world == 1:
        return
    data = path.read_bytes() if rank == 0 and path.exists() else b""
    data = _from_the_first(data)
    if rank and data:
        write_atomic(path, data)
    elif rank:
        path.unlink(missing_ok=True)


def _from_the_first(data: bytes) -> bytes:
    """Return the first process's bytes to all."""
    length = torch.tensor(len(data))
    dist.broadcast(length, 0)
    content = torch.zeros(int(length), dtype=torch.uint8)
    if dist.get_rank() == 0:
        content = torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else content
    if len(content):
        dist.broadcast(content, 0)
    return content.numpy().tobytes()
