"""Whether maps point at what was learnt, for four ways in which features come together.

Four small networks are trained from scratch on drawn squares with stripes: a convolutional network
with plain pooling, one with a norm and a layer after it, a transformer with pooled tokens and one
with a class token. Then the pointing game on pictures with two squares, one in either half, and the
check of `pawlens explain --check`; each also with every map made by occlusion. Needs torch.

    python benchmarks/explain_drawn.py --out /tmp/drawn
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import timm
import torch
from PIL import Image
from torch import nn

from pawlens import Photos
from pawlens.backbones import Backbone, BackboneSpec, keep_network
from pawlens.explain import Explainer, check_maps
from pawlens.export import GraphFacts, compose_graph
from pawlens.heads import Head
from pawlens.metrics import clopper_pearson
from pawlens.pages import check_sentences

CLASSES = ("lying", "standing", "crossed", "nothing")
SIDE = 64
_SMALL = {"img_size": SIDE, "patch_size": 8, "embed_dim": 48, "depth": 4, "num_heads": 3}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="a folder for graphs and pictures")
    parser.add_argument(
        "--steps", type=int, default=800, help="steps of training, 64 pictures each"
    )
    parser.add_argument("--collages", type=int, default=200)
    parser.add_argument("--check", type=int, default=30, help="pictures of the deletion curves")
    parser.add_argument("--check-occlusion", action="store_true", help="curves of occlusion too")
    parser.add_argument("--only", nargs="*", choices=NETWORKS, default=list(NETWORKS))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    pictures = options.out / "pictures"
    pictures.mkdir(exist_ok=True)
    rng = np.random.default_rng(1)
    for number in range(options.check):
        Image.fromarray(draw(rng, [number % 3])).save(pictures / f"{number:03}.png")
    for name in options.only:
        found, head = trained(name, options.steps, options.out)
        graph = compose_graph([found], head, GraphFacts(CLASSES, (found.spec,), ("x",), 1, 0, "0"))
        for method in ("auto", "occlusion"):
            explainer = Explainer(graph, head, [name], CLASSES, method=method)
            point(explainer, options.collages)
            if method == "occlusion" and not options.check_occlusion:
                continue
            photos = Photos.read(pictures, labels=False)
            checked = check_maps(explainer, photos, options.check)
            for sentence in check_sentences(checked):
                print("   ", sentence, flush=True)


def draw(rng: np.random.Generator, kinds: list[int]) -> np.ndarray:
    """Draw striped squares on soft noise, one anywhere or two in either half, uint8 (S, S, 3).

    The stripes lie, stand, or cross; the last kind is no square at all.
    """
    noise = rng.integers(60, 200, (8, 8, 3), np.uint8)
    soft = Image.fromarray(noise).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    picture = np.asarray(soft).copy()
    for place, kind in enumerate(kinds):
        side, phase = int(rng.integers(16, 25)), int(rng.integers(4))
        low, high = (0, SIDE) if len(kinds) == 1 else (place * SIDE // 2, (place + 1) * SIDE // 2)
        x = int(rng.integers(low, high - side + 1))
        y = int(rng.integers(0, SIDE - side + 1))
        stripes = (np.arange(side) + phase) // 2 % 2
        lying, standing = stripes[:, None], stripes[None]
        pattern = (lying + 0 * standing, standing + 0 * lying, lying ^ standing, None)[kind]
        if pattern is not None:
            light, dark = rng.integers(150, 256, 3), rng.integers(0, 106, 3)
            square = np.where(pattern[:, :, None], light, dark)
            picture[y : y + side, x : x + side] = square
    return picture


class Plain(nn.Module):
    """A convolutional network whose features are a mean."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, width, stride in ((3, 24, 2), (24, 48, 2), (48, 64, 2), (64, 64, 1)):
            convolution = nn.Conv2d(before, width, 3, stride, 1)
            layers += [convolution, nn.BatchNorm2d(width), nn.ReLU()]
        self.body = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x).mean((2, 3))


class Normed(Plain):
    """The same with a norm, a layer and an activation after the mean, as in today's networks."""

    def __init__(self) -> None:
        super().__init__()
        self.end = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 96), nn.Hardswish())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.end(super().forward(x))


def transformer(**options: object) -> nn.Module:
    return timm.create_model("vit_tiny_patch16_224", num_classes=0, **_SMALL, **options)


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "plain pooling": Plain,
    "norm after pooling": Normed,
    "pooled tokens": lambda: transformer(class_token=False, global_pool="avg"),
    "class token": transformer,
}


def trained(name: str, steps: int, out: Path) -> tuple[Backbone, Head]:
    """Train a network and keep it as pawlens keeps what it trained; kept ones are read back."""
    kept = out / f"{name.replace(' ', '-')}-{steps}.json"
    spec = BackboneSpec(
        name=name.replace(" ", "-"),
        input_size=SIDE,
        interpolation="bilinear",
        mean=(127.5,) * 3,
        std=(64.0,) * 3,
        channel_order="rgb",
        feature_dim=64,
        licence="",
        source="drawn",
    )
    if kept.exists():
        facts = json.loads(kept.read_text(encoding="utf-8"))
        weights, bias = (np.array(facts[key], np.float32) for key in ("weights", "bias"))
        found = Backbone(BackboneSpec.from_json(facts["spec"]), Path(facts["path"]), "x")
        return found, Head(((weights, bias),), unit=False)
    network = NETWORKS[name]()
    with torch.no_grad():
        width = network.eval()(torch.zeros(2, 3, SIDE, SIDE)).shape[1]
    last = nn.Linear(width, len(CLASSES))
    parameters = [*network.parameters(), *last.parameters()]
    optimiser = torch.optim.AdamW(parameters, 2e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, steps)
    rng, start = np.random.default_rng(0), time.process_time()
    for step in range(steps + 1):
        network.train(step < steps)
        label, wanted, pixels = batch(rng, alone=step == steps)
        x = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127.5) / 64
        logits = last(network(x))
        if step < steps:
            loss = nn.functional.cross_entropy(logits, torch.from_numpy(wanted))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    right = float((logits.argmax(1).numpy() == label).mean())
    print(f"{name}: {right:.0%} of 64 right, {time.process_time() - start:.0f} s", flush=True)
    spec = BackboneSpec.from_json(json.dumps(json.loads(spec.to_json()) | {"feature_dim": width}))
    found = keep_network(network, spec, out)
    weights, bias = (one.detach().numpy() for one in (last.weight.T, last.bias))
    facts = {"weights": weights.tolist(), "bias": bias.tolist()}
    kept.write_text(json.dumps(facts | {"spec": spec.to_json(), "path": str(found.path)}))
    return found, Head(((weights, bias),), unit=False)


def batch(rng: np.random.Generator, *, alone: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw 64 pictures; unless `alone`, half of them are of two kinds, as CutMix makes them."""
    kinds = rng.integers(0, len(CLASSES), (64, 2))
    both = (rng.random(64) < 0.5) & (not alone)
    eye = np.eye(len(CLASSES), dtype=np.float32)
    wanted = np.where(both[:, None], (eye[kinds[:, 0]] + eye[kinds[:, 1]]) / 2, eye[kinds[:, 0]])
    pictures = [
        draw(rng, pair if two else pair[:1])
        for pair, two in zip(kinds.tolist(), both.tolist(), strict=True)
    ]
    return kinds[:, 0], wanted.astype(np.float32), np.stack(pictures)


def point(explainer: Explainer, count: int) -> None:
    """Print how often the peak of a map lies in its half, of one against the other."""
    rng, hits = np.random.default_rng(2), []
    for _ in range(count):
        shapes = rng.permutation(3)[:2].tolist()
        pixels = draw(rng, shapes)
        for place, shape in enumerate(shapes):
            names = [CLASSES[shape], CLASSES[shapes[1 - place]]]
            peak = int(explainer.explain(pixels, *names).map.argmax()) % SIDE
            hits.append((peak >= SIDE // 2) == bool(place))
    low, high = clopper_pearson(sum(hits), len(hits))
    print(
        f"{explainer.names[0]}, {explainer.methods[0]}: pointing game {np.mean(hits):.1%} "
        f"({float(low):.1%} to {float(high):.1%}) of {len(hits)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
