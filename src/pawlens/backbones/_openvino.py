"""Inference on CPUs by OpenVINO: asynchronous, in throughput mode, in small fixed batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .._parallel import cores
from ._engine import Precision, padded
from ._spec import BackboneSpec

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["OpenVinoEngine", "cpu_precision"]

Tag = TypeVar("Tag")

_BATCH_SIZE = 8


def cpu_precision() -> str:
    """The fastest faithful precision of this CPU: bf16 where it has instructions for it, else f32."""
    import openvino as ov

    capabilities = ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


class OpenVinoEngine:
    """A compiled graph behind an asynchronous queue.

    Parameters
    ----------
    graph : Path or bytes
        ONNX with one float32 ``[N, 3, S, S]`` input for each spec, in order, and one output.
    specs : sequence of BackboneSpec
        Preprocessing of each input; it is compiled into the graph, which then takes uint8 pixels.
    precision : {"auto", "f32", "bf16", "int8"}
        ``int8`` expects a graph that is quantised already.
    threads : int, optional
        Processors to use; all that the process may use by default.
    """

    def __init__(
        self,
        graph: Path | bytes,
        specs: Sequence[BackboneSpec],
        *,
        precision: Precision = "auto",
        batch_size: int = _BATCH_SIZE,
        threads: int | None = None,
    ) -> None:
        import openvino as ov

        self.batch_size = batch_size
        self.precision = cpu_precision() if precision == "auto" else precision
        core = ov.Core()
        model = core.read_model(graph if isinstance(graph, bytes) else str(graph))
        _take_pixels(model, specs, batch_size)
        config: dict[str, Any] = {
            "PERFORMANCE_HINT": "THROUGHPUT",
            "INFERENCE_NUM_THREADS": threads or cores(),
            "INFERENCE_PRECISION_HINT": "bf16" if self.precision == "bf16" else "f32",
        }
        self._compiled = core.compile_model(model, "CPU", config)

    def run(
        self, batches: Iterable[tuple[Tag, Sequence[npt.NDArray[np.uint8]]]]
    ) -> Iterator[tuple[Tag, npt.NDArray[np.float32]]]:
        """See `Engine.run`."""
        import openvino as ov

        answers: dict[int, npt.NDArray[np.float32]] = {}
        waiting: list[tuple[Tag, int]] = []

        def keep(request: Any, number: int) -> None:
            answers[number] = request.get_output_tensor(0).data.copy()

        queue = ov.AsyncInferQueue(self._compiled)
        queue.set_callback(keep)
        try:
            first = 0
            for number, (tag, inputs) in enumerate(batches):
                waiting.append((tag, len(inputs[0])))
                full = [padded(pixels, self.batch_size) for pixels in inputs]
                queue.start_async(dict(enumerate(full)), number)
                while waiting and first in answers:
                    tag, count = waiting.pop(0)
                    yield tag, answers.pop(first)[:count]
                    first += 1
        finally:
            queue.wait_all()
        for number, (tag, count) in enumerate(waiting, start=first):
            yield tag, answers.pop(number)[:count]


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
