"""Whether a graph from elsewhere may be run: a trial in a child process, with limits.

A file of a few bytes can ask for all memory, for hours of work, or for an operator that ends the
process. So a graph that this machine has not seen answers one small photo in a process of its own
first, in both runtimes. What passed is remembered by the SHA-256 of its file, as is what was made
here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..base import make_folder, user_cache
from ..errors import PawlensError, RunError

__all__ = ["admit", "limit_this_process", "run_trial", "vouch"]

_SECONDS = 10  # of processor time
_PATIENCE = 120  # seconds on the clock, where other work has the processors
_MEMORY = 6 * 2**30  # bytes of addresses, which runtimes reserve more than they use
_PER_BYTE = 8  # more of them for each byte of the file


def vouch(sha256: str) -> None:
    """Remember a graph that needs no trial; where the cache cannot be written it has one again."""
    with suppress(OSError, PawlensError):
        make_folder(_known(sha256).parent)
        _known(sha256).touch()


def admit(path: Path, data: bytes, sha256: str) -> None:
    """Let a graph pass that is known, or that answers one small photo in time.

    Raises
    ------
    RunError
        The graph needs too much, ends its process, or gives no probabilities of its classes.
    """
    if _known(sha256).exists():
        return
    modules = os.pathsep.join(filter(None, sys.path))  # as this process finds them
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", f"{__package__}._trial"],
            env=os.environ | {"PYTHONPATH": modules},
            input=data,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise RunError(_refused(path, f"one small photo took more than {_PATIENCE} s")) from None
    reason = _reason(done)
    if reason:
        raise RunError(_refused(path, reason))
    vouch(sha256)


def run_trial(data: bytes) -> str:
    """Have a graph answer one small photo in both runtimes; why it may not pass, or nothing."""
    import onnx
    import onnxruntime as ort

    from ..backbones import OpenVinoEngine
    from ._facts import read_facts
    from ._graph import IMAGE, PROBABILITIES, batched_graph

    model = onnx.load_from_string(data)
    facts = read_facts(model)
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    photo = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    answer = session.run([PROBABILITIES], {IMAGE: photo})[0]
    engine = OpenVinoEngine(
        batched_graph(model, facts, score=True), facts.backbones, precision="f32", batch_size=1
    )
    squares = [np.full((1, s.input_size, s.input_size, 3), 90, np.uint8) for s in facts.backbones]
    ((_, rows),) = engine.run([(0, squares)])
    batched, scores = rows[:, : len(facts.classes)], rows[:, len(facts.classes) :]
    if not np.all((scores >= 0) & (scores <= 1)):
        return "its score of neither is none from 0 to 1"
    for proba, shape in ((answer, (len(facts.classes),)), (batched, (1, len(facts.classes)))):
        if np.shape(proba) != shape or not np.isfinite(proba).all():
            return f"its answer is no probability of each of its {len(facts.classes)} classes"
        if np.min(proba) < 0 or np.max(proba) > 1:
            return "its answer lies outside 0 to 1"
        if facts.labels is None and abs(float(np.sum(proba)) - 1) > 1e-3:
            return "its probabilities do not sum to 1"
    return ""


def limit_this_process(size: int) -> None:
    """Limit memory and time of this process, where the system can, for a graph of `size` bytes."""
    try:
        import resource
    except ImportError:  # Windows: the clock alone
        return
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY + _PER_BYTE * size),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS knows not all
            resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """Why a trial failed, from its answer or from how it ended; nothing where it did not."""
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        answer = None
    if done.returncode == 0 and isinstance(answer, str):
        return answer
    if os.name != "nt" and done.returncode == -_signal("SIGXCPU"):
        return f"one small photo took more than {_SECONDS} s of processor time"
    return f"it ended its process (exit code {done.returncode}), perhaps for want of memory"


def _signal(name: str) -> int:
    import signal

    return int(getattr(signal, name, 0))


def _refused(path: Path, reason: str) -> str:
    return f"{path}: its graph was tried and may not be run: {reason}"


def _known(sha256: str) -> Path:
    return user_cache() / "graphs" / sha256
