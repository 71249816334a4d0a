"""Classifiers of the bundled backbone and a head drawn at random: made in a second, not trained."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from PIL import Image

from pawlens.backbones import Backbone
from pawlens.export import GraphFacts, compose_graph, write_model_file
from pawlens.heads import Head
from pawlens.models import ExportedModel

__all__ = ["dense_head", "graph_parts", "linear_head", "picture", "saved", "small_model"]


def picture(seed: int = 0, size: tuple[int, int] = (90, 140)) -> npt.NDArray[np.uint8]:
    """Draw uint8 [H, W, 3] pixels: soft patches of many colours."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (8, 12, 3), dtype=np.uint8))
    return np.asarray(small.resize(size[::-1], Image.Resampling.BICUBIC))


def linear_head(dim: int, classes: int = 3, seed: int = 1) -> Head:
    """Draw a linear head of `dim` features."""
    rng = np.random.default_rng(seed)
    return Head.linear(
        rng.normal(0, 3, (dim, classes)).astype(np.float32),
        rng.normal(size=classes).astype(np.float32),
    )


def dense_head(dim: int, *, unit: bool) -> Head:
    """Draw a head with one hidden layer, of `dim` features and three classes."""
    rng = np.random.default_rng(2)
    widths = (dim, 16, 3)
    layers = [
        (rng.normal(0, 0.3, pair).astype(np.float32), rng.normal(size=pair[1]).astype(np.float32))
        for pair in pairwise(widths)
    ]
    return Head(tuple(layers), unit)


def small_model(
    paw: Backbone,
    head: Head,
    *,
    classes: tuple[str, ...] = ("cat", "dog", "owl"),
    count: int = 1,
    temperature: float = 1.5,
    clip: float = 0.0,
    **facts: Any,
) -> ExportedModel:
    """Compose a classifier of `count` backbones, all of them `paw`, and a head."""
    stated = GraphFacts(
        classes, (paw.spec,) * count, ("x",) * count, temperature, clip, "0", **facts
    )
    return ExportedModel(compose_graph([paw] * count, head, stated), stated)


def graph_parts(
    paw: Backbone, *, clip: float = 0.01, twice: bool = False
) -> tuple[onnx.ModelProto, GraphFacts, Head, list[Backbone]]:
    """Compose a graph of three classes, and return what it is made of beside it."""
    backbones = [paw, paw] if twice else [paw]
    head = linear_head(sum(backbone.spec.feature_dim for backbone in backbones), seed=0)
    classes, specs = ("cat", "dog", "猫头鹰"), tuple(backbone.spec for backbone in backbones)
    facts = GraphFacts(classes, specs, ("x",) * len(backbones), 1.5, clip, "0")
    return compose_graph(backbones, head, facts), facts, head, backbones


def saved(model: onnx.ModelProto, folder: Path) -> Path:
    """Write a graph to ``model.onnx`` in the folder, and return its path."""
    path = folder / "model.onnx"
    write_model_file(path, model)
    return path
