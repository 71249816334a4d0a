"""Pooled features beside the answers of a batched graph, so that one pass gives both."""

from __future__ import annotations

from ._graph import embedding_nodes
from ._resize import Nodes

__all__ = ["with_embedding"]


def with_embedding(graph: bytes) -> bytes:
    """Append the pooled features, float32 (N, D), to the columns of a batched graph's output.

    Parameters
    ----------
    graph : bytes
        Serialised, as `batched_graph` makes it: one output, float32 (N, W).

    Returns
    -------
    bytes
        Serialised, with one output, float32 (N, W + D).
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load_from_string(graph)
    nodes = Nodes("embedding")
    (answers,) = model.graph.output
    features = embedding_nodes(nodes, model.graph)
    both = nodes.add("Concat", [answers.name, features], axis=1)
    model.graph.node.extend(nodes.nodes)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(both, TensorProto.FLOAT, ["N", None]))
    return bytes(model.SerializeToString())
