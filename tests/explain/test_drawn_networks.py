"""The pointing game and deletion, with networks trained here on drawn squares in seconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from pawlens.backbones import BackboneSpec, keep_network
from pawlens.explain import Explainer, area, deletion, insertion, random_map
from pawlens.export import GraphFacts, compose_graph
from pawlens.heads import Head

torch = pytest.importorskip("torch")
timm = pytest.importorskip("timm")
pytest.importorskip("onnxscript")

CLASSES = ("lying", "standing", "nothing")
SIDE = 32


def draw(rng: np.random.Generator, kinds: list[int]) -> npt.NDArray[np.uint8]:
    """Squares with stripes on even noise, one anywhere or two in either half."""
    picture = rng.integers(100, 156, (SIDE, SIDE, 3), np.uint8)
    for place, kind in enumerate(kinds):
        side = int(rng.integers(9, 13))
        low, high = (0, SIDE) if len(kinds) == 1 else (place * SIDE // 2, (place + 1) * SIDE // 2)
        x = int(rng.integers(low, high - side + 1))
        y = int(rng.integers(0, SIDE - side + 1))
        stripes = (np.arange(side) + int(rng.integers(4))) // 2 % 2 * np.uint8(200) + np.uint8(25)
        if kind < 2:
            across = stripes[:, None] if kind == 0 else stripes[None]
            picture[y : y + side, x : x + side] = across[..., None] + np.zeros((1, 1, 3), np.uint8)
    return picture


def network(kind: str) -> Any:
    torch.manual_seed(0)
    if kind == "class token":
        sizes = {"img_size": SIDE, "patch_size": 4, "embed_dim": 32, "depth": 2, "num_heads": 2}
        return timm.create_model("vit_tiny_patch16_224", num_classes=0, **sizes)
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, 2, 1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.LayerNorm(32),
    )


def trained(kind: str, folder: Path) -> Explainer:
    """Train a network for a few seconds, and open what pawlens exports of it."""
    body, head = network(kind), torch.nn.Linear(32, len(CLASSES))
    optimiser = torch.optim.AdamW([*body.parameters(), *head.parameters()], 3e-3)
    rng, steps = np.random.default_rng(0), 160
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 3e-3 * min(1, step / 20) * (1 - step / steps)
        label = rng.integers(0, len(CLASSES), 48)
        pixels = np.stack([draw(rng, [one]) for one in label.tolist()])
        x = (torch.from_numpy(pixels).permute(0, 3, 1, 2).float() - 127.5) / 64
        loss = torch.nn.functional.cross_entropy(head(body(x)), torch.from_numpy(label))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.2
    grey, scale = (127.5,) * 3, (64.0,) * 3
    spec = BackboneSpec("drawn", SIDE, "bilinear", grey, scale, "rgb", 32, "MIT", "drawn")
    found = replace(keep_network(body, spec, folder), weights_hash="x")
    weights, bias = (one.detach().numpy() for one in (head.weight.T, head.bias))
    last = Head(((weights.copy(), bias),), unit=False)
    facts = GraphFacts(CLASSES, (spec,), ("x",), 1.0, 0.0, "0")
    return Explainer(compose_graph([found], last, facts), last, ["drawn"], CLASSES)


@pytest.mark.parametrize(
    ("kind", "method"), [("norm after pooling", "cam"), ("class token", "relevance")]
)
def test_maps_point_at_what_was_learnt(kind: str, method: str, tmp_path: Path) -> None:
    explainer = trained(kind, tmp_path)
    assert explainer.methods == [method]
    rng, hits, gains = np.random.default_rng(1), [], []
    for _ in range(40):
        kinds = rng.permutation(2).tolist()
        pixels = draw(rng, kinds)
        for place, one in enumerate(kinds):
            shown = explainer.explain(pixels, CLASSES[one], CLASSES[1 - one])
            hits.append((int(shown.map.argmax()) % SIDE >= SIDE // 2) == bool(place))
    assert np.mean(hits) >= 0.95
    for number in range(16):
        pixels = draw(rng, [number % 2])
        shown = explainer.explain(pixels, CLASSES[number % 2])

        def answer(changed: npt.NDArray[np.uint8], chosen: int = number % 2) -> float:
            return float(explainer.probabilities(changed)[chosen])

        by_chance = random_map((SIDE, SIDE), rng)
        fallen = [area(deletion(answer, pixels, one)) for one in (shown.map, by_chance)]
        risen = [area(insertion(answer, pixels, one)) for one in (shown.map, by_chance)]
        gains.append((fallen[1] - fallen[0], risen[0] - risen[1]))
    assert np.mean(gains, axis=0).min() > 0.1
