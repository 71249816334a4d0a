"""One graph of several: the members' backbones and heads, and what combines their answers.

A backbone that several members share is there once. Preprocessing is composed anew, so that photos
are resized once for each size, and names tell the parts as in every graph of `compose_graph`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..backbones import BackboneSpec
from ..base import __version__
from ..errors import UsageError
from ..heads import LEAST_PROBABILITY, Combiner
from ..photos import BORDER_RULE
from ._border import trim_nodes
from ._facts import GraphFacts
from ._graph import (
    IMAGE,
    backbone_input,
    finish_graph,
    one_photo,
    preprocess,
    softmax_nodes,
)
from ._neither_nodes import SCORES, joint_score
from ._resize import Nodes

if TYPE_CHECKING:
    import onnx

__all__ = ["Member", "ensemble_facts", "ensemble_graph"]

_OWN = ("head/", "neither/")  # names of what each member brings itself
_BACKBONE = re.compile(r"^backbone(\d+)/")


class Member(NamedTuple):
    """The graph of one member of the ensemble, and the facts in its metadata."""

    graph: onnx.GraphProto
    facts: GraphFacts


@dataclass
class _Parts:
    """The nodes and constants gathered from the members."""

    nodes: list[onnx.NodeProto]
    constants: list[onnx.TensorProto]


def ensemble_facts(
    members: Sequence[Member], classes: Sequence[str], *, temperature: float, clip: float
) -> GraphFacts:
    """Make the facts of an ensemble's graph; each backbone is listed once.

    Raises
    ------
    UsageError
        Some members trim borders and others do not.
    """
    facts = [member.facts for member in members]
    if len({of_member.borders for of_member in facts}) > 1:
        raise UsageError(
            "some members trim borders and others keep them; train them with the same --borders"
        )
    pairs = _shared(facts)
    return replace(
        facts[0],
        classes=tuple(classes),
        backbones=tuple(spec for spec, _ in pairs),
        weights_hashes=tuple(digest for _, digest in pairs),
        temperature=temperature,
        clip=clip,
        version=__version__,
        scale="reduced",
        f32=False,
    )


def ensemble_graph(
    members: Sequence[Member],
    combiner: Combiner,
    facts: GraphFacts,
    *,
    neither_shift: float | None = None,
) -> onnx.ModelProto:
    """Join members and combiner.

    Parameters
    ----------
    members : sequence of Member
    combiner : Combiner
        The combiner of the members in their order, on the classes of `facts`.
    facts : GraphFacts
        Facts from `ensemble_facts`.
    neither_shift : float, optional
        From `joint_shift`, where every member has a score of *neither*: the ensemble's is that of
        the mean of their log odds.

    Returns
    -------
    onnx.ModelProto
        Input ``image`` uint8 (H, W, 3), output ``probabilities`` float32 (K,), and where it was
        asked for ``neither`` float32 (1,).
    """
    pairs = list(zip(facts.backbones, facts.weights_hashes, strict=True))
    parts, seen, answers = _Parts([], []), set[int](), []
    for number, member in enumerate(members):
        pairs_of_member = list(
            zip(member.facts.backbones, member.facts.weights_hashes, strict=True)
        )
        places = [pairs.index(pair) for pair in pairs_of_member]
        fresh = {i for i, place in enumerate(places) if place not in seen}
        scored = neither_shift is not None
        _take(parts, member.graph, number, dict(enumerate(places)), fresh, scored=scored)
        seen.update(places)
        answers.append(f"head/member{number}/probabilities")
    nodes = Nodes("preprocess")
    picture = trim_nodes(nodes, IMAGE, BORDER_RULE) if facts.borders == "trim" else IMAGE
    for number, spec in enumerate(facts.backbones):
        preprocess(nodes, picture, spec, backbone_input(number), number)
    tails: list[Nodes | _Parts] = [nodes, parts, _combined(answers, members, combiner, facts)]
    if neither_shift is not None:
        odds = [_of_member(_odds(member.graph), n) for n, member in enumerate(members)]
        tails.append(joint_score(odds, neither_shift))
    return finish_graph(
        [node for tail in tails for node in tail.nodes],
        [constant for tail in tails for constant in tail.constants],
        facts,
    )


def _shared(facts: Sequence[GraphFacts]) -> list[tuple[BackboneSpec, str]]:
    """List the backbones with their weights, each once, in the order of the members."""
    pairs = [
        pair
        for of_member in facts
        for pair in zip(of_member.backbones, of_member.weights_hashes, strict=True)
    ]
    return [pair for number, pair in enumerate(pairs) if pair not in pairs[:number]]


def _take(
    parts: _Parts,
    graph: onnx.GraphProto,
    number: int,
    places: Mapping[int, int],
    fresh: set[int],
    *,
    scored: bool,
) -> None:
    """Copy a member's head, and those backbones that are not there yet, under new names."""
    import onnx

    def renamed(name: str) -> str:
        match = _BACKBONE.match(name)
        if match:
            return f"backbone{places[int(match[1])]}/{name[match.end() :]}"
        return _of_member(name, number)

    def wanted(name: str) -> bool:
        if name.startswith(_OWN):
            return name not in ("head/one", "neither/one") and (scored or name.startswith("head/"))
        match = _BACKBONE.match(name)
        return match is not None and int(match[1]) in fresh

    for node in graph.node:
        if SCORES in node.output:  # their odds are read instead
            continue
        if wanted(node.name or node.output[0]):  # a backbone's own nodes may be nameless
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.name = renamed(node.name)
            copy.input[:] = map(renamed, node.input)
            copy.output[:] = map(renamed, node.output)
            parts.nodes.append(copy)
    used = {name for node in parts.nodes for name in node.input}
    for tensor in graph.initializer:
        if wanted(tensor.name) and renamed(tensor.name) in used:
            constant = onnx.TensorProto()
            constant.CopyFrom(tensor)
            constant.name = renamed(tensor.name)
            parts.constants.append(constant)


def _of_member(name: str, number: int) -> str:
    """Rename a part of a member's own: of its head, or of its score."""
    own = next((prefix for prefix in _OWN if name.startswith(prefix)), None)
    return name if own is None else f"{own}member{number}/{name.removeprefix(own)}"


def _odds(graph: onnx.GraphProto) -> str:
    """Return the name of what a member's score of *neither* is the sigmoid of."""
    return next(str(node.input[0]) for node in graph.node if SCORES in node.output)


def _combined(
    answers: Sequence[str], members: Sequence[Member], combiner: Combiner, facts: GraphFacts
) -> Nodes:
    """Join the members' probabilities (N, K) as `Combiner.logits` does, then calibrate them."""
    nodes = Nodes("head")
    least = nodes.scalar(LEAST_PROBABILITY)
    weighted = []
    for number, (name, member) in enumerate(zip(answers, members, strict=True)):
        if member.facts.classes != facts.classes:
            order = [member.facts.classes.index(answer) for answer in facts.classes]
            chosen = nodes.constant(f"order{number}", np.array(order, np.int64))
            name = nodes.add("Gather", [name, chosen], axis=1)
        answer = nodes.add("Max", [name, least])
        if combiner.method == "stack":
            answer = nodes.add("Log", [answer])
        weight = nodes.constant(f"weight{number}", np.array(combiner.weights[number], np.float32))
        weighted.append(nodes.add("Mul", [answer, weight]))
    total = nodes.add("Sum", weighted)
    if combiner.method == "stack":
        bias = nodes.constant("bias", combiner.bias.astype(np.float32))
        logits = nodes.add("Add", [total, bias])
    else:
        logits = nodes.add("Log", [total])
    cold = nodes.constant("cold", np.array(1 / facts.temperature, np.float32))
    softmax_nodes(nodes, nodes.add("Mul", [logits, cold]), facts.clip)
    one_photo(nodes)
    return nodes
