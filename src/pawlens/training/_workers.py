"""One phase in several processes: each takes its share of every batch, gradients are averaged."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from ..base import Progress, cores, ranks, tell
from ._checkpoint import load_checkpoint
from ._job import Job, State
from ._loop import Trainer
from ._nodes import made_by_the_first

__all__ = ["train_job"]

_POLL = 0.5  # seconds


def train_job(job: Job, devices: int = 1, progress: Progress | None = None) -> State:
    """Train a job to its end, in this process or in `devices` child processes (DDP).

    The children get the job once and leave the checkpoint; gloo joins them on CPUs, NCCL on GPUs.
    Where torchrun started several processes, they are joined already, and share the job.
    """
    rank, world = ranks()
    if world > 1:
        made_by_the_first(job.checkpoint)
        return Trainer(job, rank, world).run(progress if rank == 0 else None)
    if devices == 1:
        return Trainer(job).run(progress)
    done = mp.get_context("spawn").Value("q", 0)
    with tempfile.TemporaryDirectory(prefix="pawlens-") as folder:
        meeting = Path(folder, "meeting").as_uri()
        context = mp.start_processes(
            _work, (job, devices, meeting, done), devices, join=False, start_method="spawn"
        )
        whole = job.plan.length * job.steps_per_epoch
        try:
            while not context.join(timeout=_POLL):
                tell(progress, f"training (phase {job.phase})", int(done.value), whole)
        finally:
            for process in context.processes:
                process.kill()  # those of a training that was stopped; the others have ended
    values = load_checkpoint(job.checkpoint)
    job.network.load_state_dict(values["network"])
    return State(**values["state"])


def _work(rank: int, job: Job, world: int, meeting: str, done: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in a terminal: no traceback of its own
    if job.device == "cuda":
        torch.cuda.set_device(rank)
    else:
        torch.set_num_threads(max(1, cores() // world))
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")  # one machine: nothing leaves it
    backend = "nccl" if job.device == "cuda" else "gloo"
    dist.init_process_group(backend, init_method=meeting, rank=rank, world_size=world)

    # What a process is sent lies in shared memory, where each would train the other's weights.
    for tensor in [*job.network.parameters(), *job.network.buffers()]:
        tensor.data = tensor.data.clone()

    def note(label: str, step: int, whole: int) -> None:
        if rank == 0:
            done.value = step

    try:
        Trainer(job, rank, world).run(note)
    finally:
        dist.destroy_process_group()
