"""Whether a graph from elsewhere may be run: a trial in a child process, with limits.

A graph that this machine has not seen answers one small photo in a process of its own first, in
both runtimes. What passed is remembered by the SHA-256 of its file, as is what was made here.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from ..base import OutOfLimits, in_child_within_limits, make_folder, user_cache
from ..errors import PawlensError, RunError

__all__ = ["admit", "run_trial", "vouch"]


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
    try:
        reason = in_child_within_limits(f"{__package__}._trial", data=data)
    except OutOfLimits as error:
        reason = f"for one small photo {error}"
    if reason:
        raise RunError(f"{path}: its graph was tried and may not be run: {reason}")
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


def _known(sha256: str) -> Path:
    return user_cache() / "graphs" / sha256
