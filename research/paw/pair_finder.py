"""The network that tells a picture of a cat and a dog from a picture of one kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Floats = npt.NDArray[np.float32]

HIDDEN = 128
EPOCHS = 20
BATCH = 256
RATE = 3e-3
DECAY = 0.03
DROPOUT = 0.4


@dataclass(frozen=True)
class PairFinder:
    """One hidden layer on unit features: ``relu(u @ first + shift) @ second + bias``.

    Attributes
    ----------
    first : ndarray of float32, shape (D, HIDDEN)
    shift : ndarray of float32, shape (HIDDEN,)
    second : ndarray of float32, shape (HIDDEN, 1)
    bias : ndarray of float32, shape (1,)
    """

    first: Floats
    shift: Floats
    second: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """Logits float32 [n] of unit features float32 [n, D]."""
        hidden = np.maximum(features @ self.first + self.shift, 0)
        return np.asarray((hidden @ self.second + self.bias)[:, 0], np.float32)


def fit_pair_finder(
    features: Floats, positive: npt.NDArray[np.bool_], weights: Floats, *, seed: int
) -> PairFinder:
    """Fit on unit features float32 [n, D]; the same seed gives the same network."""
    torch.manual_seed(seed)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    mean, scale = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = torch.tensor((features - mean) / scale)
    y, w = torch.tensor(positive).float(), torch.tensor(weights).float()
    network = nn.Sequential(
        nn.Dropout(0.1),
        nn.Linear(x.shape[1], HIDDEN),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(HIDDEN, 1),
    )
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(x)).split(BATCH):
            losses = nn.functional.binary_cross_entropy_with_logits(
                network(x[rows])[:, 0], y[rows], reduction="none"
            )
            optimizer.zero_grad()
            (losses * w[rows]).mean().backward()
            optimizer.step()
            schedule.step()
    torch.set_num_threads(threads)
    first, second = network[1], network[4]
    kernel = first.weight.detach().numpy().T / scale[:, None]
    return PairFinder(
        kernel.astype(np.float32),
        (first.bias.detach().numpy() - mean @ kernel).astype(np.float32),
        second.weight.detach().numpy().T.copy(),
        second.bias.detach().numpy().copy(),
    )
