"""A model as a network of torch, with the features before pooling as layers of their own."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..errors import UsageError
from ..heads import SMALLEST_NORM, Head

__all__ = ["FusedNetwork", "TappedBody"]


class TappedBody(nn.Module):
    """A network of timm whose features pass `tap` as a grid before they are pooled.

    Parameters
    ----------
    body : nn.Module
        A network without its classifier.

    Attributes
    ----------
    tap : nn.Identity
        Gets float32 (N, C, h, w), whatever the network's own layout is.
    """

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.tap = nn.Identity()

    def forward(self, pixels: Tensor) -> Tensor:
        """Compute pooled features (N, D) of normalised pixels (N, 3, S, S)."""
        x = self.body.forward_features(pixels)
        if x.ndim == 4 and x.shape[1] == self.body.num_features:
            x = self.tap(x)
        elif x.ndim == 4:  # channels last
            x = self.tap(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        else:
            x = self._tokens(x)
        return self.body.forward_head(x)

    def _tokens(self, x: Tensor) -> Tensor:
        prefix = getattr(self.body, "num_prefix_tokens", 0)
        side = round((x.shape[1] - prefix) ** 0.5)
        if x.ndim != 3 or side**2 != x.shape[1] - prefix:
            raise UsageError(
                f"{type(self.body).__name__} has no grid of features: use --method "
                "integrated-gradients"
            )
        grid = x[:, prefix:].transpose(1, 2).unflatten(2, (side, side))
        return torch.cat([x[:, :prefix], self.tap(grid).flatten(2).transpose(1, 2)], 1)


class FusedNetwork(nn.Module):
    """Several backbones under a head, frozen, in inference mode.

    Parameters
    ----------
    bodies : sequence of nn.Module
        Headless networks of timm, in the order of their features.
    head : Head
    """

    def __init__(self, bodies: Sequence[nn.Module], head: Head) -> None:
        super().__init__()
        self.bodies = nn.ModuleList(TappedBody(body) for body in bodies)
        self.unit = head.unit
        self.layers = nn.ModuleList()
        for weights, bias in head.layers:
            layer = nn.Linear(*weights.shape)
            layer.weight.data, layer.bias.data = (
                torch.from_numpy(weights.T.copy()),
                torch.from_numpy(bias.copy()),
            )
            self.layers.append(layer)
        self.eval().requires_grad_(False)

    def forward(self, *pixels: Tensor) -> Tensor:
        """Compute logits (N, K) of the normalised pixels (N, 3, S, S) of each body."""
        parts = [body(x) for body, x in zip(self.bodies, pixels, strict=True)]
        if self.unit:
            squares = [x.square().sum(1, keepdim=True) for x in parts]
            parts = [
                x / square.clamp_min(SMALLEST_NORM).sqrt()
                for x, square in zip(parts, squares, strict=True)
            ]
        x = torch.cat(parts, 1)
        for number, layer in enumerate(self.layers):
            x = layer(F.relu(x) if number else x)
        return x
