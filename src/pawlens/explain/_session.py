"""Sessions of ONNX Runtime that answer with any tensors of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..base import cores

if TYPE_CHECKING:
    import onnx

__all__ = ["open_session"]


def open_session(graph: onnx.ModelProto, outputs: Sequence[str]) -> Any:
    """Open a session of a copy of the graph with more outputs."""
    import onnx
    import onnxruntime as ort

    model = onnx.ModelProto()
    model.CopyFrom(graph)
    there = {tensor.name for tensor in model.graph.output}
    model.graph.output.extend(
        onnx.ValueInfoProto(name=name) for name in dict.fromkeys(outputs) if name not in there
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = cores()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # waits cost a core
    return ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
