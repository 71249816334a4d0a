"""Optimisers of torch by the names that recipes use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..recipes import Train
from ._blocks import parameter_groups
from ._network import FusionNetwork

__all__ = ["build_optimizer", "set_rate"]


def build_optimizer(network: FusionNetwork, plan: Train) -> torch.optim.Optimizer:
    """Build an optimiser of the open weights of `network`, each group at its share of the rate."""
    groups = parameter_groups(network, plan.rates)
    decay = plan.weight_decay
    if plan.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=1.0, momentum=plan.momentum, weight_decay=decay)
    if plan.optimizer == "adadelta":  # epsilon of Keras, where a rate of 1 is common
        return torch.optim.Adadelta(groups, lr=1.0, rho=0.95, eps=1e-7, weight_decay=decay)
    kind = torch.optim.Adam if plan.optimizer == "adam" else torch.optim.AdamW
    return kind(groups, lr=1.0, betas=(plan.momentum, 0.999), weight_decay=decay)


def set_rate(optimizer: torch.optim.Optimizer, rate: float, momentum: float) -> None:
    """Set every group's rate, scaled by its depth, and the momentum where there is one."""
    groups: Sequence[dict[str, Any]] = optimizer.param_groups
    for group in groups:
        group["lr"] = rate * group["scale"]
        if "momentum" in group:
            group["momentum"] = momentum
        elif "betas" in group:
            group["betas"] = (momentum, group["betas"][1])
