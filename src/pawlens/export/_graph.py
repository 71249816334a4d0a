"""The single graph: uint8 pixels of any size in, calibrated probabilities out.

Composed with onnx alone. Names tell the parts: ``preprocess/…`` turns one photo into the inputs of
the backbones, ``backbone0/…`` and so on are the backbones, ``head/…`` is the fused head with its
temperature, softmax (of several labels: sigmoids) and clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Backbone, BackboneSpec, feature_names
from ..errors import UsageError
from ..heads import SMALLEST_NORM, Head
from ..metrics import LabelRules
from ..photos import BORDER_RULE
from ..trust import NeitherScore
from ._border import trim_nodes
from ._facts import FACTS_KEY, LICENCES_KEY, GraphFacts
from ._neither_nodes import NEITHER_OUTPUT, SCORES, has_score, neither_nodes, one_score
from ._resize import Nodes, resize_nodes

if TYPE_CHECKING:
    import onnx

__all__ = [
    "BATCH",
    "EMBEDDING",
    "IMAGE",
    "PROBABILITIES",
    "backbone_input",
    "batched_graph",
    "compose_graph",
    "embedding_nodes",
    "features_in_order",
    "finish_graph",
    "one_photo",
    "preprocess",
    "read_head",
    "softmax_nodes",
    "without_resizing",
]

IMAGE = "image"
PROBABILITIES = "probabilities"
EMBEDDING = "embedding"
BATCH = "head/probabilities"
_OPSET = 18


def compose_graph(
    backbones: Sequence[Backbone],
    head: Head,
    facts: GraphFacts,
    neither: NeitherScore | None = None,
) -> onnx.ModelProto:
    """Join preprocessing, backbones and head.

    Parameters
    ----------
    backbones : sequence of Backbone
        In the order in which their features stand side by side.
    head : Head
        On the concatenated features, before temperature.
    facts : GraphFacts
    neither : NeitherScore, optional
        The score of photos that are unlike those of training.

    Returns
    -------
    onnx.ModelProto
        Input ``image`` uint8 (H, W, 3). The first output is ``probabilities`` float32 (K,), the
        second ``embedding`` float32 (D,), the pooled features of all backbones, the third, where
        the model has it, ``neither`` float32 (1,).
    """
    parts = [_load(backbone, i) for i, backbone in enumerate(backbones)]
    nodes = Nodes("preprocess")
    picture = trim_nodes(nodes, IMAGE, BORDER_RULE) if facts.borders == "trim" else IMAGE
    for i, (backbone, part) in enumerate(zip(backbones, parts, strict=True)):
        preprocess(nodes, picture, backbone.spec, part.graph.input[0].name, i)
    features = [part.graph.output[0].name for part in parts]
    tails = [tail := Nodes("head")]
    logits = _head(tail, head, facts, features)
    if neither is not None:
        units = Nodes("neither/unit")
        tails += [units, neither_nodes(neither, _unit_rows(units, features), logits)]
        one_score(tails[-1])
    return finish_graph(
        [
            *nodes.nodes,
            *(n for p in parts for n in p.graph.node),
            *(n for t in tails for n in t.nodes),
        ],
        [
            *nodes.constants,
            *(t for p in parts for t in p.graph.initializer),
            *(t for tail in tails for t in tail.constants),
        ],
        facts,
    )


def finish_graph(
    nodes: Sequence[onnx.NodeProto], constants: Sequence[onnx.TensorProto], facts: GraphFacts
) -> onnx.ModelProto:
    """Make a checked model of the nodes, from ``image`` to ``probabilities``, with its facts.

    The pooled features become an output beside the probabilities, which stay the first one.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        nodes,
        "pawlens",
        [helper.make_tensor_value_info(IMAGE, TensorProto.UINT8, ["H", "W", 3])],
        [helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, [len(facts.classes)])],
        constants,
    )
    joined = Nodes("embedding")
    row = embedding_nodes(joined, graph)
    joined.add("Reshape", [row, joined.integers(-1)], output=EMBEDDING)
    graph.node.extend(joined.nodes)
    graph.initializer.extend(joined.constants)
    width = sum(spec.feature_dim for spec in facts.backbones)
    graph.output.append(helper.make_tensor_value_info(EMBEDDING, TensorProto.FLOAT, [width]))
    if has_score(graph):
        graph.output.append(helper.make_tensor_value_info(NEITHER_OUTPUT, TensorProto.FLOAT, [1]))
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="pawlens"
    )
    model.ir_version = 9
    helper.set_model_props(model, {FACTS_KEY: facts.to_json(), LICENCES_KEY: facts.licences()})
    onnx.checker.check_model(model)
    return model


def embedding_nodes(nodes: Nodes, graph: onnx.GraphProto, output: str | None = None) -> str:
    """Join the pooled features (N, D) that a graph's head reads, in the order of the backbones."""
    return nodes.add("Concat", features_in_order(graph), axis=1, output=output)


def features_in_order(graph: onnx.GraphProto) -> list[str]:
    """Return the features that a graph's head reads, in the order of the backbones."""

    def number(name: str) -> int:
        return int(name.partition("/")[0].removeprefix("backbone"))

    return sorted(feature_names(graph), key=number)


def read_head(model: onnx.ModelProto) -> Head:
    """Read the head inside a graph of `compose_graph`, its temperature included.

    Raises
    ------
    UsageError
        The graph is an ensemble, which has several.
    """
    from onnx import numpy_helper

    stored = {
        tensor.name: numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.name.startswith("head/")
    }
    if "head/weights" not in stored:
        raise UsageError("an ensemble has several heads; ask one of its members instead")
    hidden = sum(name.startswith("head/hidden") for name in stored) // 2
    pairs = [(f"head/hidden{i}w", f"head/hidden{i}b") for i in range(hidden)]
    layers = [(stored[w], stored[b]) for w, b in [*pairs, ("head/weights", "head/bias")]]
    return Head(tuple(layers), unit="head/smallest" in stored)


def batched_graph(
    model: onnx.ModelProto, facts: GraphFacts, *, embedding: bool = False, score: bool = False
) -> bytes:
    """Return the graph without preprocessing: float32 (N, 3, S, S) inputs, probabilities (N, K).

    The same weights run over many photos at once, with resizing done by the decode threads. With
    `embedding`, the output is the pooled features of all backbones, float32 (N, D). With `score`,
    the score of *neither* is one more column of the probabilities, where the model has it.
    """
    import onnx
    from onnx import TensorProto, helper

    graph = onnx.GraphProto()
    graph.CopyFrom(model.graph)
    score = score and has_score(graph)
    kept = without_resizing(graph, score=score)
    answer, width, joined = BATCH, len(facts.classes), Nodes("embedding")
    if embedding:
        answer = embedding_nodes(joined, graph)
        width = sum(spec.feature_dim for spec in facts.backbones)
        kept += joined.nodes
    elif score:
        joined, width = Nodes("answers"), width + 1
        answer = joined.add("Concat", [BATCH, SCORES], axis=1)
        kept += joined.nodes
    used = {name for node in kept for name in node.input}
    constants = [t for t in graph.initializer if t.name in used]
    inputs = [
        helper.make_tensor_value_info(
            backbone_input(i), TensorProto.FLOAT, ["N", 3, s.input_size, s.input_size]
        )
        for i, s in enumerate(facts.backbones)
    ]
    output = helper.make_tensor_value_info(answer, TensorProto.FLOAT, ["N", width])
    batched = helper.make_graph(kept, "pawlens-batched", inputs, [output], constants)
    return bytes(
        helper.make_model(
            batched, opset_imports=model.opset_import, ir_version=model.ir_version
        ).SerializeToString()
    )


def without_resizing(graph: onnx.GraphProto, *, score: bool = False) -> list[onnx.NodeProto]:
    """List the nodes of backbones and head: neither what resizes a photo nor its outputs.

    With `score`, those of the score of *neither* are among them.
    """
    ends = ("preprocess/", "embedding/", "head/one", "neither/one" if score else "neither/")
    return [node for node in graph.node if not node.name.startswith(ends)]


def backbone_input(number: int) -> str:
    """Return the name of a backbone's input, float32 (N, 3, S, S)."""
    return f"backbone{number}/input"


def _load(backbone: Backbone, number: int) -> onnx.ModelProto:
    """Load a backbone's graph at the common opset, with unique names and a known input name."""
    import onnx
    from onnx import compose, inliner, version_converter

    model = onnx.load(str(backbone.path))
    if model.functions:
        model = inliner.inline_local_functions(model)
    if next(o.version for o in model.opset_import if o.domain == "") != _OPSET:
        model = version_converter.convert_version(model, _OPSET)
    del model.graph.value_info[:]
    model = compose.add_prefix(model, f"backbone{number}/", inplace=True)
    pixels = model.graph.input[0].name
    for node in model.graph.node:
        node.input[:] = [backbone_input(number) if name == pixels else name for name in node.input]
    model.graph.input[0].name = backbone_input(number)
    return model


def preprocess(nodes: Nodes, picture: str, spec: BackboneSpec, target: str, number: int) -> None:
    """Resize, order the planes, normalise, add the batch axis."""
    planes = resize_nodes(nodes, picture, spec.input_size, spec.interpolation)
    if spec.channel_order == "bgr":
        order = nodes.constant(f"order{number}", np.array([2, 1, 0], np.int64))
        planes = nodes.add("Gather", [planes, order], axis=0)
    mean = nodes.constant(f"mean{number}", np.array(spec.mean, np.float32).reshape(3, 1, 1))
    std = nodes.constant(f"std{number}", np.array(spec.std, np.float32).reshape(3, 1, 1))
    normal = nodes.add("Div", [nodes.add("Sub", [planes, mean]), std])
    axis = nodes.constant(f"axis{number}", np.array([0], np.int64))
    nodes.add("Unsqueeze", [normal, axis], output=target)


def _head(nodes: Nodes, head: Head, facts: GraphFacts, features: list[str]) -> str:
    """Add the head, from features to the graph's output; returns its calibrated logits."""
    units = _unit_rows(nodes, features) if head.unit else features
    x = units[0] if len(units) == 1 else nodes.add("Concat", units, axis=1)
    *hidden, (weights, bias) = head.layers
    for number, layer in enumerate(hidden):
        names = [nodes.constant(f"hidden{number}{part}", layer[i]) for i, part in enumerate("wb")]
        x = nodes.add("Relu", [nodes.add("Gemm", [x, *names])])
    rules = facts.labels
    temperature = facts.temperature if rules is None else np.array(rules.temperature)
    scale = np.float32(1 / temperature)
    last = [nodes.constant("weights", weights * scale), nodes.constant("bias", bias * scale)]
    logits = nodes.add("Gemm", [x, *last])
    if rules is None:
        softmax_nodes(nodes, logits, facts.clip)
    else:
        _sigmoids(nodes, logits, rules)
    one_photo(nodes)
    return logits


def softmax_nodes(nodes: Nodes, logits: str, clip: float) -> None:
    """Turn logits (N, K), the temperature already inside, into probabilities within the clip."""
    output = nodes.add("Softmax", [logits], axis=1, output=None if clip else BATCH)
    if clip:
        low = nodes.constant("low", np.array(clip, np.float32))
        high = nodes.constant("high", np.array(1 - clip, np.float32))
        limited = nodes.add("Clip", [output, low, high])
        total = nodes.add("ReduceSum", [limited, _classes_axis(nodes)], keepdims=1)
        nodes.add("Div", [limited, total], output=BATCH)


def one_photo(nodes: Nodes) -> None:
    """Add the last node, from probabilities (1, K) to the graph's output (K,)."""
    shape = nodes.constant("shape", np.array([-1], np.int64))
    nodes.add("Reshape", [BATCH, shape], output=PROBABILITIES, name="head/one")


def _sigmoids(nodes: Nodes, logits: str, rules: LabelRules) -> None:
    """Turn logits into a probability for each label, limited to its own clip."""
    clip = np.array(rules.clip)
    low = nodes.constant("low", clip.astype(np.float32))
    high = nodes.constant("high", (1 - clip).astype(np.float32))
    raised = nodes.add("Max", [nodes.add("Sigmoid", [logits]), low])
    nodes.add("Min", [raised, high], output=BATCH)


def _classes_axis(nodes: Nodes) -> str:
    return nodes.constant("axes", np.array([1], np.int64))


def _unit_rows(nodes: Nodes, features: list[str]) -> list[str]:
    """Scale the features of each backbone to unit length, as `unit_rows` does."""
    axes = _classes_axis(nodes)
    smallest = nodes.constant("smallest", np.array(SMALLEST_NORM, np.float32))
    units = []
    for name in features:
        square = nodes.add("ReduceSum", [nodes.add("Mul", [name, name]), axes], keepdims=1)
        norm = nodes.add("Sqrt", [nodes.add("Max", [square, smallest])])
        units.append(nodes.add("Div", [name, norm]))
    return units
