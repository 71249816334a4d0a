"""Inference on CPUs by OpenVINO: asynchronous, in throughput mode, in small fixed batches."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..base import cores
from ..errors import UsageError
from ._engine import Precision, padded
from ._spec import BackboneSpec

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["OpenVinoEngine", "cpu_precision", "int8_is_faster", "openvino_core"]

Tag = TypeVar("Tag")

_BATCH_SIZE = 4  # needs the least processor time per photo among 1, 4, 8 and 16, in bf16
_AHEAD = 2  # requests that wait their turn while others run


@cache
def openvino_core() -> Any:
    """Return OpenVINO's core, the one of this process: it is made once and never let go.

    Its plugin for CPUs gives the thread that loads it a stack for signals. When the last core is
    let go by another thread, that memory goes too, and the next signal, as a Ctrl-C or SIGHUP,
    would end the process with a segmentation fault.
    """
    import openvino as ov

    return ov.Core()


def cpu_precision() -> str:
    """Return the fastest accurate precision of this CPU: bf16 where it has it, else f32.

    Where ``$PAWLENS_PRECISION`` is ``f32`` it is f32 on every CPU, so that machines of different
    kinds give the same digits.

    Raises
    ------
    UsageError
        The variable names something else.
    """
    wanted = os.environ.get("PAWLENS_PRECISION", "auto")
    if wanted not in ("auto", "f32"):
        raise UsageError(f"PAWLENS_PRECISION={wanted}: set it to auto or f32, or leave it out")
    if wanted == "f32":
        return "f32"
    capabilities = openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


def int8_is_faster() -> bool:
    """Whether int8 is worth a trial on this CPU: it has no bf16, and nobody asks for f32."""
    if cpu_precision() == "bf16" or os.environ.get("PAWLENS_PRECISION") == "f32":
        return False
    return "INT8" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVinoEngine:
    """A compiled graph behind a ring of asynchronous requests.

    Parameters
    ----------
    graph : Path or bytes
        ONNX with one float32 ``(N, 3, S, S)`` input for each spec, in order, and one output.
    specs : sequence of BackboneSpec
        Preprocessing of each input; it is compiled into the graph, which then takes uint8 pixels.
    precision : {"auto", "f32", "bf16", "int8"}
        ``auto`` is `cpu_precision`'s; ``int8`` wants a graph from `quantise`.
    threads : int, optional
        Processors to use; all that the process may use by default.

    Raises
    ------
    UsageError
        When this CPU, or this graph, is not one for the precision.
    """

    device = "cpu"

    def __init__(
        self,
        graph: Path | bytes,
        specs: Sequence[BackboneSpec],
        *,
        precision: Precision = "auto",
        batch_size: int = _BATCH_SIZE,
        threads: int | None = None,
    ) -> None:
        self.batch_size = batch_size
        self.precision = cpu_precision() if precision == "auto" else precision
        core = openvino_core()
        model = core.read_model(graph if isinstance(graph, bytes) else str(graph))
        _check_precision(self.precision, model)
        _take_pixels(model, specs, batch_size)
        count = threads or cores()
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "INFERENCE_NUM_THREADS": count,
            "INFERENCE_PRECISION_HINT": "bf16" if self.precision == "bf16" else "f32",
        }
        if count < (os.cpu_count() or 1):  # others like this one would be pinned to the same ones
            config["ENABLE_CPU_PINNING"] = False
        self._compiled = core.compile_model(model, "CPU", config)
        self._requests = threading.local()  # a request of each thread that calls `answer`

    def run(
        self, batches: Iterable[tuple[Tag, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Tag, npt.NDArray[np.float32]]]:
        """Stream batches through the graph; see `Engine.run`."""
        # A ring of requests, the oldest waited for when it comes round again. OpenVINO's own queue
        # calls back into Python, and its destructor can wait for ever for a call under way.
        count = self._compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS") + _AHEAD
        requests = [self._compiled.create_infer_request() for _ in range(count)]
        waiting: deque[tuple[Tag, int, Any]] = deque()
        try:
            for number, (tag, inputs) in enumerate(batches):
                if len(waiting) == count:
                    yield _answer(*waiting.popleft())
                full = [padded(pixels, self.batch_size) for pixels in inputs]
                request = requests[number % count]
                request.start_async(dict(enumerate(full)))
                waiting.append((tag, len(inputs[0]), request))
            while waiting:
                yield _answer(*waiting.popleft())
        finally:
            for _, _, request in waiting:
                request.wait()

    def answer(self, inputs: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
        """Answer one batch, and wait for it; safe to call from several threads.

        Parameters
        ----------
        inputs : sequence of ndarray of uint8, shape (n, S, S, 3)
            One array for each input of the graph; n is at most `batch_size`.

        Returns
        -------
        ndarray of float32, shape (n, D)
        """
        request = getattr(self._requests, "own", None)
        if request is None:
            request = self._requests.own = self._compiled.create_infer_request()
        full = [padded(pixels, self.batch_size) for pixels in inputs]
        request.start_async(dict(enumerate(full)))
        return _answer(None, len(inputs[0]), request)[1]


def _answer(tag: Tag, count: int, request: Any) -> tuple[Tag, npt.NDArray[np.float32]]:
    request.wait()
    return tag, request.get_output_tensor(0).data[:count].copy()


def _check_precision(precision: str, model: Any) -> None:
    """Refuse a precision that OpenVINO would silently replace with f32."""
    if precision == "bf16" and cpu_precision() != "bf16":
        raise UsageError(
            "this CPU has no bf16 instructions, or PAWLENS_PRECISION forbids them: "
            "use --precision auto or f32"
        )
    operations = {operation.get_type_name() for operation in model.get_ops()}
    if precision == "int8" and "FakeQuantize" not in operations:
        raise UsageError("int8 wants a quantised graph and this one is not: use --precision auto")


def _take_pixels(model: Any, specs: Sequence[BackboneSpec], batch_size: int) -> None:
    """Fix the batch size and compile the preprocessing into the graph."""
    import openvino as ov
    from openvino.preprocess import ColorFormat, PrePostProcessor

    model.reshape(
        {
            model.input(i).get_any_name(): [batch_size, 3, s.input_size, s.input_size]
            for i, s in enumerate(specs)
        }
    )
    stages = PrePostProcessor(model)
    for i, spec in enumerate(specs):
        stage = stages.input(i)
        stage.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        stage.tensor().set_color_format(ColorFormat.RGB)
        steps = stage.preprocess().convert_element_type(ov.Type.f32)
        if spec.channel_order == "bgr":
            steps.convert_color(ColorFormat.BGR)
        steps.mean(list(spec.mean)).scale(list(spec.std))
        stage.model().set_layout(ov.Layout("NCHW"))
    stages.build()
