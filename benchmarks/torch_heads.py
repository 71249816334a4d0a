"""Heads of a search as torch would train them: three ways, for `head_training.py`.

Each has the methods of `pawlens.heads._layers.Stack` that a cross-validation needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from pawlens.heads import HeadPlan

if TYPE_CHECKING:
    import numpy.typing as npt
    import torch

    Floats = npt.NDArray[np.float32]

_RHO, _EPSILON, _NORM_EPSILON, _FRESH = 0.95, 1e-7, 1e-5, 0.1  # as in pawlens.heads


class Stacked:
    """Networks as stacked tensors, [D, C, H] first and then [C, H, H'], with autograd.

    It does all that `pawlens.heads._layers.Stack` does with `_steps` and `_norms`.
    """

    def __init__(
        self, plans: Sequence[HeadPlan], copies: int, inputs: int, outputs: int, seed: int
    ) -> None:
        import torch

        self.copies, self.plan, count = copies, plans[0], len(plans) * copies
        self.chance = torch.Generator().manual_seed(seed)
        starts = _starts(plans[0], inputs, outputs, seed)
        self.weights, self.bias, self.norms = [], [], []
        for start in starts:
            axis = 0 if self.weights else 1
            self.weights.append(start.unsqueeze(axis).repeat_interleave(count, axis))
            self.bias.append(torch.zeros(count, 1, start.shape[1]))
        if self.plan.batch_norm:
            shapes = [(count, 1, width) for width in self.plan.hidden]
            self.norms = [(torch.ones(shape), torch.zeros(shape)) for shape in shapes]
        self.moments = [(torch.zeros_like(s), torch.ones_like(s)) for s, _ in self.norms]
        names = ("rate", "decay", "momentum", "l2")
        values = torch.tensor([[getattr(plan, name) for name in names] for plan in plans])
        self.rate, self.decay, self.momentum, self.l2 = values.T.repeat_interleave(copies, 1)
        self.taken = 0
        self.parameters = [*self.weights, *self.bias, *[p for pair in self.norms for p in pair]]
        for parameter in self.parameters:
            parameter.requires_grad_()
        many = 2 if self.plan.optimizer == "adadelta" else 1
        self.states = [[torch.zeros_like(p) for _ in range(many)] for p in self.parameters]

    @property
    def width(self) -> int:
        """C, the networks that still train."""
        return len(self.rate)

    def train(self, x: Floats, share: Floats, slope: Callable[[Floats], Floats]) -> None:
        """Take one step on the rows x float32 [B, D]."""
        import torch

        rows, part = torch.from_numpy(x), torch.from_numpy(share)
        z = self.forward(self.dropped(rows), part)
        z.backward(torch.from_numpy(slope(z.detach().numpy())))
        with torch.no_grad():
            self.move()
        self.taken += 1

    def forward(self, x: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Logits [C, B, K'] of rows [B, D] in training."""
        z = self.first(x, self.weights[0]) + self.bias[0]
        for number, weights in enumerate(self.weights[1:]):
            if self.norms:
                z = self.normal(z, share, number)
            z = self.dropped(z.relu()) @ weights + self.bias[number + 1]
        return z

    def first(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Products of rows [B, D] with every network's [D, H], as [C, B, H]."""
        flat = x @ weights.reshape(len(weights), -1)
        return flat.reshape(len(x), weights.shape[1], -1).transpose(0, 1)

    def dropped(self, x: torch.Tensor) -> torch.Tensor:
        """Inverted dropout with a mask that networks share."""
        import torch

        if not self.plan.dropout:
            return x
        keep = 1 - self.plan.dropout
        mask = torch.empty(x.shape[-2:]).bernoulli_(keep, generator=self.chance)
        return x * mask.div_(keep)

    def normal(self, z: torch.Tensor, share: torch.Tensor, number: int) -> torch.Tensor:
        """Batch norm by the batch's moments over the rows that a network trains on."""
        mean = (z * share).sum(1, keepdim=True)
        variance = ((z - mean) ** 2 * share).sum(1, keepdim=True)
        for kept, new in zip(self.moments[number], (mean, variance), strict=True):
            kept.lerp_(new.detach(), _FRESH)
        scale, shift = self.norms[number]
        return scale * (z - mean) * (variance + _NORM_EPSILON).rsqrt() + shift

    def move(self) -> None:
        """Change every parameter by its gradient, as Keras's SGD and Adadelta do."""
        rates = self.rate / (1 + self.decay * self.taken)
        for number, parameter in enumerate(self.parameters):
            slope, states = parameter.grad, self.states[number]
            parameter.grad = None
            if number < len(self.weights) and self.l2.any():
                slope = slope + parameter * self.spread(self.l2, parameter)
            if len(states) == 2:
                squares, moves = states
                squares.mul_(_RHO).add_(slope**2, alpha=1 - _RHO)
                step = slope * ((moves + _EPSILON) / (squares + _EPSILON)).sqrt()
                moves.mul_(_RHO).add_(step**2, alpha=1 - _RHO)
                parameter.sub_(self.spread(rates, parameter) * step)
            else:
                states[0].mul_(self.spread(self.momentum, parameter))
                states[0].addcmul_(slope, self.spread(rates, parameter), value=-1)
                parameter.add_(states[0])

    def spread(self, values: torch.Tensor, parameter: torch.Tensor) -> torch.Tensor:
        """A number of each network [C] in a shape that goes with a parameter's."""
        return values[None, :, None] if parameter is self.weights[0] else values[:, None, None]

    def logits(self, x: Floats, copy: int) -> Floats:
        """Logits float32 [T, n, K'] that one copy of each plan gives to rows [n, D]."""
        import torch

        own = slice(copy, None, self.copies)
        with torch.no_grad():
            z = self.first(torch.from_numpy(x), self.weights[0][:, own]) + self.bias[0][own]
            for number, weights in enumerate(self.weights[1:]):
                if self.norms:
                    scale, shift = self.norms[number]
                    mean, variance = self.moments[number]
                    z = (z - mean[own]) * (variance[own] + _NORM_EPSILON).rsqrt()
                    z = z * scale[own] + shift[own]
                z = z.relu() @ weights[own] + self.bias[number + 1][own]
        return np.asarray(z.numpy())


class Mapped(Stacked):
    """The same with `torch.func.vmap` over one network; linear heads and hidden layers."""

    def forward(self, x: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
        """Logits [C, B, K'] of rows [B, D] in training."""
        import torch

        def network(weights: Sequence[torch.Tensor], bias: Sequence[torch.Tensor]) -> torch.Tensor:
            z = x @ weights[0] + bias[0]
            for layer, shift in zip(weights[1:], bias[1:], strict=True):
                z = self.dropped(z.relu()) @ layer + shift
            return z

        axes = ([1] + [0] * (len(self.weights) - 1), [0] * len(self.bias))
        return torch.func.vmap(network, in_dims=axes)(self.weights, self.bias)


class Modules:
    """A plain module for each plan and fold, moved by `torch.optim.SGD`; no batch norm."""

    def __init__(
        self, plans: Sequence[HeadPlan], copies: int, inputs: int, outputs: int, seed: int
    ) -> None:
        import torch

        torch.manual_seed(seed)
        self.plans = [plan for plan in plans for _ in range(copies)]
        self.copies, self.width, self.taken = copies, len(self.plans), 0
        self.networks, groups = [], []
        for plan in self.plans:
            parts: list[Any] = []
            for start in _starts(plan, inputs, outputs, seed):
                layer = torch.nn.Linear(*start.shape)
                with torch.no_grad():
                    layer.weight.copy_(start.T)
                    layer.bias.zero_()
                parts += [torch.nn.Dropout(plan.dropout), layer, torch.nn.ReLU()]
            # Dropout, linear, ReLU, dropout, linear, ...: the last linear layer has no ReLU.
            network = torch.nn.Sequential(*parts[:-1])
            self.networks.append(network)
            groups.append({"params": [*network.parameters()], "momentum": plan.momentum})
        # The rate enters with the slope, so that it decays as in Keras.
        self.optimizer = torch.optim.SGD(groups, lr=1.0, momentum=0.5)

    def train(self, x: Floats, share: Floats, slope: Callable[[Floats], Floats]) -> None:
        """Take one step on the rows x float32 [B, D]."""
        import torch

        rows = torch.from_numpy(x)
        z = torch.stack([network.train()(rows) for network in self.networks])
        rates = [plan.rate / (1 + plan.decay * self.taken) for plan in self.plans]
        back = slope(z.detach().numpy()) * np.array(rates, np.float32)[:, None, None]
        self.optimizer.zero_grad()
        z.backward(torch.from_numpy(back))
        self.optimizer.step()
        self.taken += 1

    def logits(self, x: Floats, copy: int) -> Floats:
        """Logits float32 [T, n, K'] that one copy of each plan gives to rows [n, D]."""
        import torch

        rows = torch.from_numpy(x)
        with torch.no_grad():
            own = [network.eval()(rows).numpy() for network in self.networks[copy :: self.copies]]
        return np.stack(own)


def _starts(plan: HeadPlan, inputs: int, outputs: int, seed: int) -> list[torch.Tensor]:
    """Weights [D, H] of each layer before training, as `pawlens.heads` draws them."""
    import torch

    rng = np.random.default_rng([seed, 1])
    starts = []
    for rows, columns in pairwise([inputs, *plan.hidden]):
        reach = np.sqrt(6 / (rows + columns))
        starts.append(rng.uniform(-reach, reach, (rows, columns)).astype(np.float32))
    starts.append(np.zeros(([inputs, *plan.hidden][-1], outputs), np.float32))
    return [torch.from_numpy(start) for start in starts]


STACKS: dict[str, Callable[..., Any]] = {"stacked": Stacked, "vmap": Mapped, "modules": Modules}
