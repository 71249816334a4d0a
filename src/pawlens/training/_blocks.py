"""Blocks of a network: freezing and unfreezing, batch norms, and learning rates by depth."""

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
    """List the parameter names of each block, first to last, in timm's own grouping."""
    group = require("timm.models", extra="torch").group_parameters
    matcher: Any = body.group_matcher
    groups = group(body, matcher(coarse=False))
    return [groups[number] for number in sorted(groups)]


@dataclass(frozen=True)
class Opening:
    """The blocks that are open for training, and the modes that follow; see `open_blocks`.

    Attributes
    ----------
    network : FusionNetwork
    blocks : "all" or int
        How many of every body's last blocks are open; 0 for none.
    batch_norm : {"frozen", "trained"}
        Whether batch norms in open blocks keep their statistics or train.
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
    """Open (unfreeze) the last blocks of every body for training, and close the others.

    `network` is changed: the weights of open blocks require a gradient, others do not.

    Parameters
    ----------
    network : FusionNetwork
    blocks : "all" or int
        Number of blocks to open; 0 for none.
    batch_norm : {"frozen", "trained"}
        Whether batch norms in open blocks keep their statistics or train. Those in closed blocks
        always keep them.
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
    """Make parameter groups for an optimiser: open weights, with a rate multiplier ``scale``.

    Discriminative learning rates (Howard and Ruder 2018): the last multiplier is the head's, the
    others are spread evenly over the blocks of each body, early to late. A single multiplier holds
    for all.
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
