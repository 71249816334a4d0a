"""Seconds of fastai's `fine_tune(1)`; run by fastai's own Python, files on standard input.

python fastai_training.py NETWORK SIZE THREADS BATCH VALID < LIST

The first VALID files validate. The class is what a name begins with, as in cat.7.jpg.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch
from fastai.vision import all as fastai


def main() -> None:
    network, size, threads, batch, valid = sys.argv[1], *map(int, sys.argv[2:6])
    torch.set_num_threads(threads)
    files = [Path(line) for line in sys.stdin.read().splitlines()]
    block = fastai.DataBlock(
        blocks=(fastai.ImageBlock, fastai.CategoryBlock),
        get_items=lambda _: files,
        get_y=lambda path: path.name.partition(".")[0],
        splitter=fastai.IndexSplitter(range(valid)),
        item_tfms=fastai.Resize(size, method=fastai.ResizeMethod.Squish),
        batch_tfms=[fastai.Flip(), fastai.Normalize.from_stats(*fastai.imagenet_stats)],
    )
    loaders = block.dataloaders(".", bs=batch, num_workers=threads, device=torch.device("cpu"))
    learner = fastai.vision_learner(loaders, network, pretrained=False, normalize=False)
    start = time.perf_counter()
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(1)
    print(json.dumps({"seconds": time.perf_counter() - start, "torch": torch.__version__}))


if __name__ == "__main__":
    main()
