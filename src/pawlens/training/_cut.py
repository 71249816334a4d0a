"""A network cut before its last blocks: what comes before runs once, what follows is trained."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, fx, nn

from ..base import require
from ..errors import RecipeError
from ._blocks import block_names
from ._network import FusedHead, FusionNetwork

__all__ = ["Tail", "cut"]


class Tail(nn.Module):
    """The part of a network after the cut: the tail of each body, and the head.

    Parameters
    ----------
    tails : sequence of nn.Module
        Modules from activations to pooled features.
    head : FusedHead
    """

    def __init__(self, tails: Sequence[nn.Module], head: FusedHead) -> None:
        super().__init__()
        self.tails = nn.ModuleList(tails)
        self.head = head

    def forward(self, activations: Sequence[Tensor]) -> Tensor:
        """Compute logits float32 (N, K) of the activations at the cut of each body."""
        logits: Tensor = self.head(
            [tail(x.float()) for tail, x in zip(self.tails, activations, strict=True)]
        )
        return logits


def cut(network: FusionNetwork, blocks: int) -> tuple[list[nn.Module], Tail]:
    """Split every body before its last blocks; both parts share its weights.

    Parameters
    ----------
    network : FusionNetwork
    blocks : int
        Number of blocks after the cut; 0 cuts after the pooled features.

    Returns
    -------
    (fronts, tail)
        Front parts take the input of their body; the tail takes the outputs of the front parts.

    Raises
    ------
    RecipeError
        A body cannot be traced, or more than one tensor crosses the cut.
    """
    fronts, tails = [], []
    for body, spec in zip(network.bodies, network.specs, strict=True):
        if blocks == 0:
            front, tail = body, nn.Identity()
        else:
            front, tail = _halves(body, blocks, spec.name)
        fronts.append(front)
        tails.append(tail)
    return fronts, Tail(tails, network.head)


def _halves(body: nn.Module, blocks: int, name: str) -> tuple[nn.Module, nn.Module]:
    names = block_names(body)
    if blocks >= len(names):
        raise RecipeError(f"cache_split: {name} has {len(names)} blocks; cut off fewer: {blocks}")
    late = {parameter.rpartition(".")[0] for block in names[-blocks:] for parameter in block}
    try:
        traced = _trace(body)
        order = {node: number for number, node in enumerate(traced.graph.nodes)}
        calls = {node: n for node, n in order.items() if node.op == "call_module"}
        first = min(n for node, n in calls.items() if node.target in late)
    except Exception as error:  # what torch.fx cannot follow raises nearly anything
        raise RecipeError(f"cache_split: {name} cannot be cut: torch.fx cannot trace it") from error
    split = require("torch.fx.passes.split_module", extra="torch").split_module
    parts = split(traced, body, lambda node: int(order[node] >= first), keep_original_order=True)
    crossing = [node for node in parts.graph.nodes if node.op == "call_module"]
    if len(crossing) != 2 or len(crossing[1].args) != 1 or crossing[1].args[0] is not crossing[0]:
        raise RecipeError(
            f"cache_split: more than one tensor crosses {name} {blocks} blocks before its end: "
            "choose another number of blocks"
        )
    return parts.submod_0, parts.submod_1


def _trace(body: nn.Module) -> fx.GraphModule:
    """Trace with timm's untraceable layers as they are."""
    leaves = require("timm.layers", extra="torch").get_notrace_modules()
    functions = require("timm.layers", extra="torch").get_notrace_functions()

    class Tracer(fx.Tracer):
        def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
            return isinstance(m, tuple(leaves)) or super().is_leaf_module(m, module_qualified_name)

    tracer = Tracer(autowrap_functions=tuple(functions))
    return fx.GraphModule(body, tracer.trace(body))
