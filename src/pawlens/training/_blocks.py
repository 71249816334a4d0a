"""Blocks of a network: which are open, how their batch norms behave, at which rates they learn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from ..base import require
from ._network import FusionNetwork

__all__ = ["Opening", "block_names", "open_blocks", "parameter_groups"]


def block_names(body: nn.Module) -> list[list[str]]:
    """Names of the parameters of each block, first to last, in timm's own grouping."""
    group = require("timm.models", extra="torch").group_parameters
    matcher: Any = body.group_matcher
    found = group(body, matcher(coarse=False))
    return [found[number] for number in sorted(found)]


@dataclass(frozen=True)
class Opening:
    """What is open for training in a network, and the modes that follow from it; see `open_blocks`.

    Attributes
    ----------
    network : FusionNetwork
    blocks : "all" or int
        How many of every body's last blocks are open; 0 for none.
    batch_norm : {"frozen", "trained"}
        Of open batch norms.
    moving : tuple of Module
        Batch norms whose statistics follow the photos.
    """

    network: FusionNetwork
    blocks: Literal["all"] | int
    batch_norm: Literal["frozen", "trained"] = "frozen"
    moving: tuple[nn.Module, ...] = ()

    @property
    def needs_whole_batches(self) -> bool:
        """Whether statistics of a batch norm follow the batch, in a body or in the head."""
        return bool(self.moving) or isinstance(self.network.head.norm, _BatchNorm)

    def train(self) -> None:
        """Put the head in training mode, and of the bodies only batch norms that may move."""
        self.network.train()
        for body in self.network.bodies:
            body.eval()
        for module in self.moving:
            module.train()


def open_blocks(
    network: FusionNetwork,
    blocks: Literal["all"] | int,
    batch_norm: Literal["frozen", "trained"] = "frozen",
) -> Opening:
    """Open the last blocks of every body for training, and close the others.

    The weights of `network` are changed: those of open blocks want a gradient, others do not.

    Parameters
    ----------
    network : FusionNetwork
    blocks : "all" or int
        How many; 0 for none.
    batch_norm : {"frozen", "trained"}
        Of open batch norms. Closed ones always keep their statistics.
    """
    moving: list[nn.Module] = []
    for body in network.bodies:
        names = block_names(body)
        count = len(names) if blocks == "all" else min(blocks, len(names))
        opened = {name for block in names[len(names) - count :] for name in block}
        for name, weight in body.named_parameters():
            weight.requires_grad_(name in opened)
        if batch_norm == "trained":
            owners = {name.rpartition(".")[0] for name in opened}
            moving += [
                module
                for name, module in body.named_modules()
                if name in owners and isinstance(module, _BatchNorm)
            ]
    return Opening(network, blocks, batch_norm, tuple(moving))


def parameter_groups(network: FusionNetwork, rates: Sequence[float]) -> list[dict[str, Any]]:
    """Groups for an optimiser: open weights with the multiplier of their depth as ``scale``.

    Discriminative learning rates (Howard and Ruder 2018): the last multiplier is the head's, the
    others share out the blocks of each body evenly, early to late. One alone is everybody's.
    """
    *early, last = rates
    groups: list[dict[str, Any]] = []
    for body in network.bodies:
        weights = dict(body.named_parameters())
        names = block_names(body)
        parts = np.array_split(np.arange(len(names)), len(early) or 1)
        for part, scale in zip(parts, early or [last], strict=True):
            members = [weights[name] for number in part for name in names[int(number)]]
            groups.append({"params": [w for w in members if w.requires_grad], "scale": scale})
    groups.append({"params": list(network.head.parameters()), "scale": last})
    return [group for group in groups if group["params"]]
