"""The network that is trained: bodies of timm, each at its own size, under one head."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..backbones import Backbone, BackboneSpec, load_network
from ..heads import SMALLEST_NORM, Head
from ..recipes import Fuse
from ._trainable import weights_of

__all__ = ["FusedHead", "FusionNetwork", "load_bodies"]


class FusedHead(nn.Module):
    """A head of linear layers with ReLU between them, on pooled features side by side.

    Parameters
    ----------
    widths : sequence of int
        D, the number of features, of each backbone.
    classes : int
    plan : Fuse
        Plan with hidden layers, dropout and batch norm.
    """

    def __init__(self, widths: Sequence[int], classes: int, plan: Fuse) -> None:
        super().__init__()
        self.unit = plan.init == "logistic"
        sizes = [sum(widths), *plan.hidden, classes]
        self.norm = nn.BatchNorm1d(sizes[0]) if plan.batch_norm else nn.Identity()
        self.layers = nn.ModuleList(nn.Linear(*pair) for pair in pairwise(sizes))
        self.dropout = plan.dropout

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Compute logits float32 (N, K) of the features float32 (N, D) of each backbone."""
        parts = [x.float() for x in features]
        if self.unit:
            parts = [x / x.norm(dim=1, keepdim=True).clamp_min(SMALLEST_NORM) for x in parts]
        x = self.norm(torch.cat(parts, 1))
        for number, layer in enumerate(self.layers):
            x = F.relu(x) if number else x
            x = layer(F.dropout(x, self.dropout, self.training))
        return x

    def start_from(self, weights: Tensor, bias: Tensor) -> None:
        """Start from the weights (D, K) and the bias (K,) of a linear head."""
        (layer,) = self.layers
        with torch.no_grad():
            layer.weight.copy_(weights.T)
            layer.bias.copy_(bias)

    @torch.no_grad()
    def exported(self) -> Head:
        """Return the head in NumPy, the batch norm folded into the first layer."""
        pairs = [(layer.weight.T.double(), layer.bias.double()) for layer in self.layers]
        if isinstance(self.norm, nn.BatchNorm1d):
            norm = self.norm
            assert norm.running_var is not None
            assert norm.running_mean is not None
            scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
            shift = norm.bias.double() - norm.running_mean.double() * scale
            weights, bias = pairs[0]
            pairs[0] = (weights * scale[:, None], bias + shift @ weights)
        layers = [(w.float().cpu().numpy().copy(), b.float().cpu().numpy()) for w, b in pairs]
        return Head(tuple(layers), unit=self.unit)


class FusionNetwork(nn.Module):
    """Several backbones (bodies) under one head, from pixels to logits.

    Parameters
    ----------
    bodies : sequence of nn.Module
        Backbones without their classifiers, from float32 (N, 3, S, S) to (N, D).
    specs : sequence of BackboneSpec
    head : FusedHead
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self, bodies: Sequence[nn.Module], specs: Sequence[BackboneSpec], head: FusedHead
    ) -> None:
        super().__init__()
        self.bodies = nn.ModuleList(bodies)
        self.specs = list(specs)
        self.head = head
        for name in ("mean", "std"):
            values = torch.tensor([getattr(spec, name) for spec in specs])
            self.register_buffer(name, values.view(len(specs), 3, 1, 1), persistent=False)

    def normalised(self, number: int, pixels: Tensor) -> Tensor:
        """Normalise RGB pixels (N, 3, S, S) in 0..255 for a body."""
        x = pixels.flip(1) if self.specs[number].channel_order == "bgr" else pixels
        x = (x.float() - self.mean[number]) / self.std[number]
        return x.contiguous(memory_format=torch.channels_last)

    def features(self, pixels: Sequence[Tensor]) -> list[Tensor]:
        """Compute the pooled features (N, D) of each body; a closed body needs no gradients."""
        features = []
        for number, (body, x) in enumerate(zip(self.bodies, pixels, strict=True)):
            learns = any(weight.requires_grad for weight in body.parameters())
            with torch.set_grad_enabled(torch.is_grad_enabled() and learns):
                features.append(body(self.normalised(number, x)))
        return features

    def forward(self, pixels: Sequence[Tensor]) -> Tensor:
        """Compute logits float32 (N, K) of the pixels (N, 3, S, S), 0..255, of each body."""
        logits: Tensor = self.head(self.features(pixels))
        return logits


def load_bodies(backbones: Sequence[Backbone]) -> list[nn.Module]:
    """Build each backbone's network of timm with its weights, which it has to have."""
    files = [weights_of(backbone) for backbone in backbones]
    bodies = [
        load_network(file.stem, file, backbone.spec.input_size)
        for file, backbone in zip(files, backbones, strict=True)
    ]
    return [body.to(memory_format=torch.channels_last) for body in bodies]
