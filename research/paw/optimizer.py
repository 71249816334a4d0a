"""Muon for the network's matrices, AdamW for everything else (Jordan et al. 2024, "Muon").

Muon replaces the momentum of a weight matrix by the nearest orthogonal one, so that every
direction of it moves: it needs fewer photos than AdamW for the same loss, which is what a
training on two cores is short of.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import torch
from torch import Tensor, nn

MOMENTUM = 0.95
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


@torch.no_grad()
def orthogonal(matrix: Tensor, steps: int = 5) -> Tensor:
    """Nearly the closest (semi-)orthogonal matrix, by Newton-Schulz iteration."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    a, b, c = NEWTON_SCHULZ
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Convolution weights as matrices [outputs, inputs * kernel], step size as AdamW's."""

    def __init__(self, weights: Iterable[Tensor], lr: float, weight_decay: float) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay})
        self._pool = ThreadPoolExecutor(2)  # a weight's step needs no other weight's

    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            weights = sorted(group["params"], key=Tensor.numel, reverse=True)
            list(
                self._pool.map(
                    self._move,
                    weights,
                    repeat(group["lr"] * group["weight_decay"]),
                    repeat(group["lr"]),
                )
            )

    @torch.no_grad()
    def _move(self, weight: Tensor, shrink: float, rate: float) -> None:
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        assert weight.grad is not None
        momentum = state["momentum"].lerp_(weight.grad, 1 - MOMENTUM)
        nesterov = weight.grad.lerp(momentum, MOMENTUM)
        update = orthogonal(nesterov.flatten(1)).view(weight.shape)
        # 0.2 sqrt(longer side) gives the root mean square of an AdamW step.
        scale = 0.2 * max(weight.shape[0], weight[0].numel()) ** 0.5
        weight.mul_(1 - shrink)
        weight.add_(update, alpha=-rate * scale)


def step(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    """Take one step with every optimiser, at the same learning rate."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()


def optimizers(
    model: nn.Module, project: nn.Module, rate: float, decay: float
) -> tuple[Muon, torch.optim.AdamW]:
    """Muon for the model's matrices; AdamW for its biases and norms and for the projector."""
    matrices = [w for w in model.parameters() if w.ndim > 1]
    plain = [w for w in [*model.parameters(), *project.parameters()] if w.ndim <= 1]
    groups = [
        {"params": [w for w in project.parameters() if w.ndim > 1], "weight_decay": decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    return Muon(matrices, rate, decay), torch.optim.AdamW(groups, rate, fused=True)
