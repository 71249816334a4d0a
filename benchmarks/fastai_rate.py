"""Photos a second of fastai's `get_preds`; run by fastai's own Python, files on standard input.

python fastai_rate.py NETWORK SIZE THREADS < LIST
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch
from fastai.vision import all as fastai


def main() -> None:
    network, size, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    files = [Path(line) for line in sys.stdin.read().splitlines()]
    loaders = fastai.ImageDataLoaders.from_name_func(
        ".",
        files,
        label_func=lambda name: name[:1],
        valid_pct=0.5,
        item_tfms=fastai.Resize(size, method=fastai.ResizeMethod.Squish),
        batch_tfms=fastai.Normalize.from_stats(*fastai.imagenet_stats),
        device=torch.device("cpu"),
    )
    learner = fastai.vision_learner(
        loaders, getattr(fastai, network), pretrained=False, n_out=2, normalize=False
    )
    photos = loaders.test_dl(files)
    with learner.no_bar(), learner.no_logging():
        learner.get_preds(dl=loaders.test_dl(files[:8]))  # the first pass allocates
        start = time.perf_counter()
        answers, _ = learner.get_preds(dl=photos)
        seconds = time.perf_counter() - start
    assert len(answers) == len(files)
    print(json.dumps({"photos_per_second": len(files) / seconds, "workers": photos.num_workers}))


if __name__ == "__main__":
    main()
