"""The network: FasterNet blocks behind a convolutional stem, about 2 million weights.

A partial convolution (a dense 3 x 3 over a quarter of the channels, Chen et al. 2023, "Run,
don't walk") keeps both cores busy where depthwise convolutions wait for memory; it was the
cheapest to train here per multiply-add.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

FEATURES = 512
STRIDE = 32
SPREAD = 5.0  # about the deviation of the teacher's cells
WIDTHS = (32, 64, 128, 256)
DEPTHS = (1, 2, 6, 2)


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class Block(nn.Module):
    """Partial 3 x 3 convolution, then a pointwise network twice as wide, and a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.part = width // 4
        self.spatial = nn.Conv2d(self.part, self.part, 3, padding=1, bias=False)
        self.widen = _conv(width, 2 * width, 1)
        self.narrow = nn.Conv2d(2 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        part, rest = x.split([self.part, x.shape[1] - self.part], 1)
        y = self.widen(torch.cat([self.spatial(part), rest], 1))
        return x + self.narrow(y)


class Paw(nn.Module):
    """Normalised pixels float32 [N, 3, S, S] to pooled features float32 [N, 512]."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv(3, WIDTHS[0] // 2, 3, 2)]
        before = WIDTHS[0] // 2
        for width, depth in zip(WIDTHS, DEPTHS, strict=True):
            layers += [_conv(before, width, 3, 2), *(Block(width) for _ in range(depth))]
            before = width
        self.body = nn.Sequential(*layers, _conv(before, FEATURES, 1))

    def cells(self, x: Tensor) -> Tensor:
        """Return the last map, [N, 512, S / 32, S / 32]."""
        return self.body(x)  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        return self.cells(x).float().mean((2, 3))


class Projector(nn.Module):
    """The student's cells [N, g, g, 512] as the teacher's components; not part of the file."""

    def __init__(self, outputs: int) -> None:
        super().__init__()
        # Features are positive, with a large common part: unscaled, the regression starts slowly.
        self.norm = nn.BatchNorm1d(FEATURES, affine=False)
        self.linear = nn.Linear(FEATURES, outputs)

    def forward(self, cells: Tensor) -> Tensor:
        flat = self.linear(self.norm(cells.float().flatten(0, 2)))
        return SPREAD * flat.view(*cells.shape[:3], -1)  # type: ignore[no-any-return]


def fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    """Return one convolution that does what `conv` and then `norm` (frozen) do."""
    folded = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding
    )
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    with torch.no_grad():
        folded.weight.copy_(conv.weight * scale[:, None, None, None])
        assert folded.bias is not None
        folded.bias.copy_(norm.bias - norm.running_mean * scale)
    return folded


def folded(model: Paw) -> Paw:
    """Return a copy of `model`, in eval mode, without batch norms."""
    plain = Paw()
    plain.load_state_dict(model.state_dict())
    for module in plain.modules():
        if isinstance(module, nn.Sequential) and isinstance(module[-2], nn.BatchNorm2d):
            conv = module[0]
            assert isinstance(conv, nn.Conv2d)
            module[0], module[1] = fold(conv, module[1]), nn.Identity()
    return plain.eval()
