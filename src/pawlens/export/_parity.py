"""Parity check: the exported graph must give the answers that were evaluated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import Backbone, OpenVinoEngine, openvino_core
from ..errors import ParityError
from ..heads import Head, unit_rows
from ..metrics import LabelRules, percent
from ..photos import resize, trim
from ._facts import GraphFacts
from ._graph import IMAGE, PROBABILITIES

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float64]

__all__ = [
    "MAX_DIFFERENCE",
    "MEAN_DIFFERENCE",
    "PARITY_LIMITS",
    "Agreement",
    "answers_of",
    "check_agreement",
    "check_parity",
    "measure_agreement",
]

MEAN_DIFFERENCE = 0.002
MAX_DIFFERENCE = 0.02
PARITY_LIMITS = {"mean_difference": MEAN_DIFFERENCE, "max_difference": MAX_DIFFERENCE, "top1": 1.0}
"""The agreement that every runtime must have with the steps that were measured."""

_TIE = 0.02


@dataclass(frozen=True)
class Agreement:
    """The difference between one runtime's probabilities and those of the Python path.

    Attributes
    ----------
    photos : int
    mean_difference, max_difference : float
        Absolute difference of the probabilities, over all photos and classes.
    top1 : float
        Share of photos with the same most probable class; a photo whose two best classes lie within
        0.02 of each other counts as agreeing. Of several labels, the share of photos with the same
        labels, where one within 0.02 of its threshold counts as agreeing.
    passed : bool
        Whether the three figures are within 0.002, 0.02 and 1.
    """

    photos: int
    mean_difference: float
    max_difference: float
    top1: float
    passed: bool


def check_parity(
    model: Path,
    facts: GraphFacts,
    head: Head,
    backbones: Sequence[Backbone],
    photos: Sequence[Callable[[], Pixels]],
    as_evaluated: Floats,
) -> dict[str, Any]:
    """Compare the graph in onnxruntime and OpenVINO with the Python path on the same pixels.

    Parameters
    ----------
    model : Path
        The file of a graph from `compose_graph`. The runtimes load it one after the other.
    facts : GraphFacts
    head : Head
    backbones : sequence of Backbone
    photos : sequence of callables
        Each decodes one photo at full size, uint8 (H, W, 3); one is held at a time.
    as_evaluated : ndarray of float64, shape (n, K)
        The same photos' probabilities from the features that training used: the effect of their
        precision and of scaled JPEG decoding is recorded, without a limit.

    Returns
    -------
    dict
        ``limits``, then for each runtime, and for ``as evaluated``, its `Agreement` as a dict: what
        ``parity.json`` holds.

    Raises
    ------
    ParityError
        A runtime exceeds a limit; the message names it and the figure.
    """
    inputs = [
        [resize(pixels, spec.input_size, spec.interpolation) for spec in facts.backbones]
        for pixels in (_picture(decoded(), facts) for decoded in photos)
    ]
    expected = _python_path(facts, head, backbones, inputs)
    return check_agreement(model, expected, photos, as_evaluated, facts.labels)


def check_agreement(
    model: Path,
    expected: Floats,
    photos: Sequence[Callable[[], Pixels]],
    as_evaluated: Floats,
    rules: LabelRules | None = None,
) -> dict[str, Any]:
    """Compare a graph in both runtimes with expected probabilities, float64 (n, K).

    The rest is as in `check_parity`.
    """
    figures: dict[str, Any] = {"limits": PARITY_LIMITS}
    for name, runtime in _RUNTIMES.items():
        run = runtime(model)
        answers = np.array([run(decoded()) for decoded in photos], np.float64)
        agreement = measure_agreement(expected, answers, rules)
        del run
        figures[name] = asdict(agreement)
        if not agreement.passed:
            raise ParityError(
                f"the exported graph in {name} differs from the evaluated model: mean "
                f"{agreement.mean_difference:.2g} (limit {MEAN_DIFFERENCE}), largest "
                f"{agreement.max_difference:.2g} (limit {MAX_DIFFERENCE}), "
                f"same answer on {percent(agreement.top1)}"
            )
    effect = asdict(measure_agreement(expected, as_evaluated, rules))
    del effect["passed"]  # there is no limit that it could pass
    return figures | {"as evaluated": effect}


def answers_of(model: Path | bytes, photos: Sequence[Callable[[], Pixels]]) -> Floats:
    """Compute a graph's probabilities in onnxruntime, float64 (n, K)."""
    run = _onnxruntime(model)
    return np.array([run(decoded()) for decoded in photos], np.float64)


def measure_agreement(
    expected: Floats, answers: Floats, rules: LabelRules | None = None
) -> Agreement:
    """Measure answers float64 (n, K) against those expected; `rules` give several labels."""
    gap = np.abs(expected - answers)
    if rules is None:
        best = np.sort(expected, axis=1)
        tie = best[:, -1] - best[:, -2] < _TIE
        same = (expected.argmax(axis=1) == answers.argmax(axis=1)) | tie
    else:
        near = np.abs(expected - np.array(rules.threshold)) < _TIE
        same = ((rules.answers(expected) == rules.answers(answers)) | near).all(axis=1)
    mean, largest, top1 = float(gap.mean()), float(gap.max()), float(same.mean())
    passed = mean <= MEAN_DIFFERENCE and largest <= MAX_DIFFERENCE and top1 == 1
    return Agreement(len(expected), mean, largest, top1, passed)


def _python_path(
    facts: GraphFacts,
    head: Head,
    backbones: Sequence[Backbone],
    inputs: Sequence[Sequence[Pixels]],
) -> Floats:
    """Compute probabilities float64 (n, K) by the steps that training used, in float32."""
    features = []
    for number, backbone in enumerate(backbones):
        engine = OpenVinoEngine(backbone.path, [backbone.spec], precision="f32")
        size = engine.batch_size
        pixels = [resized[number] for resized in inputs]
        batches = ((i, [np.stack(pixels[i : i + size])]) for i in range(0, len(pixels), size))
        answers = np.concatenate([answer for _, answer in engine.run(batches)])
        features.append(unit_rows(answers) if head.unit else answers)
    logits = head.logits(np.hstack(features))
    return facts.probabilities(logits)


def _picture(pixels: Pixels, facts: GraphFacts) -> Pixels:
    return trim(pixels) if facts.borders == "trim" else pixels


def _onnxruntime(model: Path | bytes) -> Any:
    import onnxruntime as ort

    graph = model if isinstance(model, bytes) else str(model)
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return lambda pixels: session.run([PROBABILITIES], {IMAGE: pixels})[0]


def _openvino(model: Path) -> Any:
    core = openvino_core()
    config = {"INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(str(model)), "CPU", config).create_infer_request()
    return lambda pixels: request.infer({IMAGE: pixels})[PROBABILITIES].copy()


_RUNTIMES = {"onnxruntime": _onnxruntime, "openvino": _openvino}
