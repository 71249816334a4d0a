"""Photos a second of a network on a GPU: waiting for each copy, and as `TorchEngine` copies.

The network has random weights and the photos are noise, so that nothing is read or decoded: what is
measured is copies and arithmetic. Each way runs several times in turn in one run.

- waiting: pageable memory, one batch after the other, each waited for;
- engine: pinned memory, copies on a stream of their own, two batches on their way.

    python benchmarks/gpu.py [--network resnet50 --size 224 --batch 64 --batches 50 --rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import timm
import torch

from pawlens.backbones import BackboneSpec, TorchEngine


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    network = timm.create_model(options.network, num_classes=0)
    spread = (0.5, 0.5, 0.5)
    facts = ("bicubic", spread, spread, "rgb", network.num_features, "", "")
    spec = BackboneSpec(options.network, options.size, *facts)
    shape = (options.batch, options.size, options.size, 3)
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    print(f"{options.network} at {options.size} px, batches of {options.batch}, {options.device}")
    for precision in ("f32", "bf16"):
        engine = TorchEngine(
            network, spec, precision=precision, device=options.device, batch_size=options.batch
        )
        ways: dict[str, Callable[[], Any]] = {
            "waiting": lambda e=engine: [one_batch(e, pixels) for _ in range(options.batches)],
            "engine": lambda e=engine: list(e.run((n, [pixels]) for n in range(options.batches))),
        }
        one_batch(engine, pixels)  # kernels are chosen and compiled by the first one
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                way()
                rates[name].append(options.batches * options.batch / (time.perf_counter() - start))
        told = ", ".join(f"{name} {statistics.median(rate):,.0f}" for name, rate in rates.items())
        print(f"{precision}: {told} photos/s")


def one_batch(engine: TorchEngine, pixels: np.ndarray) -> Any:
    """One batch from pageable memory, waited for."""
    half = torch.autocast(engine.device, dtype=torch.bfloat16, enabled=engine.precision == "bf16")
    with torch.inference_mode(), half:
        images = torch.tensor(pixels, device=engine.device).permute(0, 3, 1, 2).float()
        return engine._network((images - engine._mean) / engine._std).float().cpu().numpy()


if __name__ == "__main__":
    main()
